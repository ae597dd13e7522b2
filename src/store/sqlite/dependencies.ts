import { type Code, OTHER } from '../../model/dictionary.ts';
import type { Call } from '../../model/interaction.ts';
import type { Dependency, SharedNames } from '../shared-names.ts';
import type { SqlDatabase } from '../sql.ts';

/** In all services together: names of tools come from outside. */
const DEPENDENCIES_MAX = 10_000;
export const FIRST_DEPENDENCY = OTHER + 1;

/** More codes than a dictionary gives. */
const CODES = 2 ** 21;

/** What a call depends on. */
export interface Depended {
  readonly kind: string;
  readonly provider: Code;
  readonly name: Code;
}

export function dependedOn({ kind: callKind, provider, model, name: callName }: Call): Depended {
  const kind = callKind === 'embedding' ? 'model' : callKind;
  // A reranker is a model, or a service that names none.
  return { kind, provider, name: kind === 'model' ? model : model || callName };
}

/**
 * What calls depend on, numbered in order of first sight: a call of a model on (provider, model), any other on (kind, name).
 * The numbers are values of the slice dimension `dependency`; beyond so many it is `OTHER`.
 */
export class Dependencies {
  readonly #db: SqlDatabase;
  /** By kind, then by provider and name. */
  #codes = new Map<string, Map<number, Code>>();
  #size = 0;
  readonly #shared: SharedNames | null;
  #fresh: { code: Code; kind: string; provider: Code; name: Code }[] = [];

  constructor(db: SqlDatabase, shared: SharedNames | null) {
    this.#db = db;
    this.#shared = shared;
    this.load();
  }

  load(): void {
    this.#fresh = [];
    this.#codes = new Map();
    this.#size = 0;
    this.#know(this.#db.prepare('select code, kind, provider, name from dependency').all() as unknown as Dependency[]);
  }

  #know(dependencies: readonly Dependency[]): void {
    for (const { kind, provider, name, code } of dependencies) {
      const ofKind = this.#ofKind(kind);
      if (!ofKind.has(provider * CODES + name)) this.#add(ofKind, provider * CODES + name, code);
    }
  }

  readonly codeOf = (call: Call): Code => {
    const { kind, provider, name } = dependedOn(call);
    const ofKind = this.#ofKind(kind);
    const key = provider * CODES + name;
    const known = ofKind.get(key);
    if (known !== undefined) return known;
    if (this.#size >= DEPENDENCIES_MAX) return OTHER;
    if (this.#shared !== null) {
      this.#know(this.#shared.number(kind, provider, name, DEPENDENCIES_MAX));
      return ofKind.get(key) ?? OTHER;
    }
    const code = FIRST_DEPENDENCY + this.#size;
    this.#add(ofKind, key, code);
    this.#fresh.push({ code, kind, provider, name });
    return code;
  };

  #ofKind(kind: string): Map<number, Code> {
    let ofKind = this.#codes.get(kind);
    if (ofKind === undefined) {
      ofKind = new Map();
      this.#codes.set(kind, ofKind);
    }
    return ofKind;
  }

  #add(ofKind: Map<number, Code>, key: number, code: Code): void {
    ofKind.set(key, code);
    this.#size++;
  }

  /** Stores the new ones, inside the caller's transaction. */
  store(): void {
    for (const { code, kind, provider, name } of this.#fresh)
      this.#db.prepare('insert into dependency values (?, ?, ?, ?)').run(code, kind, provider, name);
    this.#fresh = [];
  }
}
