import { hidesFailures } from '../../src/model/blind-instrumentations.ts';
import type { Code, Dictionary } from '../../src/model/dictionary.ts';
import type { SeenInstrumentation } from '../../src/model/instrumentation.ts';
import type { Millis } from '../../src/model/time.ts';

/** Pairs of service and scope that are remembered; with more, all are forgotten and seen again. */
const MAX_PAIRS = 4096;
const MAX_CODE = 2 ** 21;

interface Sighting {
  version: string;
  lastSeen: Millis;
}

/** Which libraries send a service's AI spans, since this process began: what each of them can't show is known. */
export class Instrumentations {
  readonly #dictionary: Dictionary;
  readonly #seen = new Map<number, Sighting>();
  readonly #hidesFailures = new Map<Code, boolean>();

  constructor(dictionary: Dictionary) {
    this.#dictionary = dictionary;
  }

  note(service: Code, scope: Code, version: string, at: Millis): void {
    const pair = service * MAX_CODE + scope;
    const known = this.#seen.get(pair);
    if (known !== undefined) {
      known.version = version;
      known.lastSeen = at;
      return;
    }
    if (this.#seen.size >= MAX_PAIRS) this.#seen.clear();
    this.#seen.set(pair, { version, lastSeen: at });
  }

  /** Whether a library, by the code of its scope, sends no failed call. */
  hidesFailures(scope: Code): boolean {
    let known = this.#hidesFailures.get(scope);
    if (known === undefined) {
      known = hidesFailures(this.#dictionary.textOrNull(scope) ?? '');
      this.#hidesFailures.set(scope, known);
    }
    return known;
  }

  /** Those of a service, by its code. */
  of(service: Code): SeenInstrumentation[] {
    return [...this.#seen].flatMap(([pair, sighting]) =>
      Math.floor(pair / MAX_CODE) === service ? [{ scope: this.#dictionary.text(pair % MAX_CODE), ...sighting }] : [],
    );
  }
}
