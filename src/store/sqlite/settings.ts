import type { PlanData } from '../../catalog/plan-book.ts';
import type { Code } from '../../model/dictionary.ts';
import type { Millis } from '../../model/time.ts';
import type { SqlDatabase } from '../sql.ts';

/** The setting under which a running server leaves the address of its API: its port may have been any free one. */
export const API_ADDRESS = 'api address';

/** In a store that was moved: where to. Nobody starts on it any more. */
export const MOVED_TO = 'moved to';
/** In a store that another one is being moved into: which one, until that is over. */
export const MOVING = 'moving';
/** In a store that another one was moved into, until its first start: which one and when, JSON of `MovedFrom`. */
export const MOVED_FROM = 'moved from';

export interface MovedFrom {
  readonly from: string;
  readonly at: Millis;
}

/** In a backup: when it was taken, ms. */
export const BACKUP_TAKEN = 'backup taken';

/** In a store that was restored and has not been started since: what the next start tells of it, JSON of `Restored`. */
export const RESTORED = 'restored';

export interface Restored {
  /** The file that it came from. */
  readonly from: string;
  readonly at: Millis;
  /** When the backup was taken. */
  readonly taken: Millis | null;
}

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

  delete(name: string): void {
    this.#db.prepare('delete from setting where name = ?').run(name);
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
