import type { DatabaseSync } from 'node:sqlite';
import type { Code } from '../../model/dictionary.ts';
import type { Call } from '../../model/interaction.ts';

/**
 * What calls depend on, numbered in order of first sight: a model call on (provider, model), any other on (kind, name).
 * The numbers are values of the slice dimension `dependency`.
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
      ).map((row) => [`${row.kind} ${row.provider} ${row.name}`, row.code]),
    );
  }

  readonly codeOf = (call: Call): Code => {
    const isModel = call.kind === 'model' || call.kind === 'embedding';
    const kind = isModel ? 'model' : call.kind;
    const provider = isModel ? call.provider : 0;
    const name = isModel ? call.model : call.name;
    const key = `${kind} ${provider} ${name}`;
    let code = this.#codes.get(key);
    if (code === undefined) {
      code = this.#codes.size + 1;
      this.#codes.set(key, code);
      this.#fresh.push({ code, kind, provider, name });
    }
    return code;
  };

  /** Stores the new ones, inside the caller's transaction. */
  store(): void {
    for (const { code, kind, provider, name } of this.#fresh)
      this.#db.prepare('insert into dependency values (?, ?, ?, ?)').run(code, kind, provider, name);
    this.#fresh = [];
  }
}
