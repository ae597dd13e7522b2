import type { PlanData } from '../../catalog/plan-book.ts';
import type { Code } from '../../model/dictionary.ts';
import type { SqlDatabase } from '../sql.ts';

/** The setting under which a running server leaves the address of its API: its port may have been any free one. */
export const API_ADDRESS = 'api address';

/** Small facts about the store, by name. */
export class Settings {
  readonly #db: SqlDatabase;

  constructor(db: SqlDatabase) {
    this.#db = db;
  }

  get(name: string): string | null {
    const row = this.#db.prepare('select value from setting where name = ?').get(name) as { value: string } | undefined;
    return row?.value ?? null;
  }

  set(name: string, value: string): void {
    this.#db
      .prepare('insert into setting values (?, ?) on conflict (name) do update set value = excluded.value')
      .run(name, value);
  }

  /** The plan that the tallies of a resource were counted by. */
  planOf(resource: Code): PlanData | null {
    const text = this.get(`plan ${resource}`);
    return text === null ? null : JSON.parse(text);
  }

  setPlan(plan: PlanData): void {
    this.set(`plan ${plan.resource}`, JSON.stringify(plan));
  }

  plans(): PlanData[] {
    const rows = this.#db.prepare("select value from setting where name like 'plan %'").all() as { value: string }[];
    return rows.map((row) => JSON.parse(row.value));
  }
}
