import type { Route } from '../../interactions/failed-entries.ts';
import type { Code } from '../../model/dictionary.ts';
import type { Minute } from '../../model/time.ts';
import type { Dependency, SharedNames } from '../shared-names.ts';
import type { SqlDatabase, SqlStatement } from '../sql.ts';
import { FIRST_DEPENDENCY } from '../sqlite/dependencies.ts';
import type { RouteGuard } from '../sqlite/failed-entries.ts';
import { bytesList, numbers } from './arrays.ts';

/**
 * What several writers number and find out, agreed on in the store: whoever sees something first holds a lock until its
 * transaction ends, so that the next one sees it too. That is rare: what is known is asked of memory.
 */
export class Allotment implements SharedNames, RouteGuard {
  readonly #db: SqlDatabase;
  readonly #values: SqlStatement;
  readonly #admit: SqlStatement;
  readonly #dependencies: SqlStatement;
  readonly #addDependency: SqlStatement;
  readonly #texts: SqlStatement;
  readonly #isBlind: SqlStatement;

  constructor(db: SqlDatabase) {
    this.#db = db;
    this.#values = db.prepare('select value from slice_value where service = ? and dimension = ? order by ordinal');
    this.#admit = db.prepare('insert into slice_value values (?, ?, ?, ?, ?)');
    this.#dependencies = db.prepare('select code, kind, provider, name from dependency order by code');
    this.#addDependency = db.prepare('insert into dependency values (?, ?, ?, ?)');
    this.#texts = db.prepare(
      'insert into dictionary select * from unnest(?::int4[], ?::bytea[]) on conflict (code) do nothing',
    );
    this.#isBlind = db.prepare('select 1 as yes from blind_route where service = ? and route = ?');
  }

  admit(service: Code, dimension: Code, value: Code, minute: Minute, max: number): readonly Code[] {
    this.#lock();
    const known = (this.#values.all(service, dimension) as { value: Code }[]).map((row) => row.value);
    if (known.includes(value) || known.length >= max) return known;
    this.#admit.run(service, dimension, value, known.length, minute);
    return [...known, value];
  }

  number(kind: string, provider: Code, name: Code, max: number): readonly Dependency[] {
    this.#lock();
    const known = this.#dependencies.all() as Dependency[];
    if (known.length >= max) return known;
    if (known.some((one) => one.kind === kind && one.provider === provider && one.name === name)) return known;
    const code = FIRST_DEPENDENCY + known.length;
    this.#addDependency.run(code, kind, provider, name);
    return [...known, { code, kind, provider, name }];
  }

  storeTexts(first: Code, texts: readonly string[]): void {
    this.#texts.run(numbers(texts.map((_, i) => first + i)), bytesList(texts.map((text) => Buffer.from(text))));
  }

  isBlind({ service, name }: Route): boolean {
    this.#db.exec('lock table blind_route in share mode');
    return this.#isBlind.get(service, name) !== undefined;
  }

  beforeLearning(): void {
    this.#db.exec('lock table blind_route in share row exclusive mode');
  }

  #lock(): void {
    this.#db.exec('lock table slice_value in share row exclusive mode');
  }
}
