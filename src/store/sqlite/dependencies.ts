import type { DatabaseSync } from 'node:sqlite';
import { type Code, OTHER } from '../../model/dictionary.ts';
import type { Call } from '../../model/interaction.ts';

/** In all services together: names of tools come from outside. */
const DEPENDENCIES_MAX = 10_000;
const FIRST_CODE = OTHER + 1;

const keyOf = ({ kind, provider, name }: { kind: string; provider: Code; name: Code }): string =>
  `${kind} ${provider} ${name}`;

/**
 * What calls depend on, numbered in order of first sight: a call of a model on (provider, model), any other on (kind, name).
 * The numbers are values of the slice dimension `dependency`; beyond so many it is `OTHER`.
 */
export class Dependencies {
  readonly #db: DatabaseSync;
  #codes = new Map<string, Code>();
  #fresh: { code: Code; kind: string; provider: Code; name: Code }[] = [];

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.load();
  }

  load(): void {
    this.#fresh = [];
    this.#codes = new Map(
      (
        this.#db.prepare('select code, kind, provider, name from dependency').all() as {
          code: number;
          kind: string;
          provider: number;
          name: number;
        }[]
      ).map((row) => [keyOf(row), row.code]),
    );
  }

  readonly codeOf = ({ kind, provider, model, name }: Call): Code => {
    const dependency = {
      kind: kind === 'embedding' ? 'model' : kind,
      provider,
      // A reranker is a model, or a service that names none.
      name: kind === 'model' || kind === 'embedding' ? model : model || name,
    };
    const key = keyOf(dependency);
    const known = this.#codes.get(key);
    if (known !== undefined) return known;
    if (this.#codes.size >= DEPENDENCIES_MAX) return OTHER;
    const code = FIRST_CODE + this.#codes.size;
    this.#codes.set(key, code);
    this.#fresh.push({ code, ...dependency });
    return code;
  };

  /** Stores the new ones, inside the caller's transaction. */
  store(): void {
    for (const { code, kind, provider, name } of this.#fresh)
      this.#db.prepare('insert into dependency values (?, ?, ?, ?)').run(code, kind, provider, name);
    this.#fresh = [];
  }
}
