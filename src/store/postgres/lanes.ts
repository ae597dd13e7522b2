import type { Millis } from '../../model/time.ts';
import type { SqlDatabase, SqlStatement } from '../sql.ts';

/** Numbers what a writer adds to, apart from what others do. */
export type Lane = number;

/** A lane belongs to the writer that committed on it within this time. */
const LEASE_MS = 10 * 60_000;

/** The lane was given to somebody else meanwhile: what is known of it is void, and another one must be taken. */
export class LaneLost extends Error {
  constructor() {
    super('the lane of this writer was given to another one');
  }
}

/**
 * The lane of one writer: the rows of tallies that only it adds to. Each commit renews the lease and writes its own number, so
 * that nobody can have the lane in between, and so that it can be asked afterwards whether a commit came through whose
 * answer was lost.
 */
export class Lanes {
  readonly #db: SqlDatabase;
  /** Tells this writer from all others. */
  readonly #holder: string;
  readonly #renew: SqlStatement;
  readonly #committed: SqlStatement;
  #lane: Lane | null = null;

  constructor(db: SqlDatabase, holder: string) {
    this.#db = db;
    this.#holder = holder;
    this.#renew = db.prepare(
      `update lane set until = ?, committed = nextval('commit_number') where lane = ? and holder = ? returning committed`,
    );
    // Waits for a transaction of the lane that has not ended yet.
    this.#committed = db.prepare('select committed from lane where lane = ? and holder = ? for update');
  }

  /** @throws RangeError before `take` */
  get lane(): Lane {
    if (this.#lane === null) throw new RangeError('no lane was taken');
    return this.#lane;
  }

  get isTaken(): boolean {
    return this.#lane !== null;
  }

  /** Takes a lane that nobody has, or the next one; in a transaction of its own. */
  take(now: Millis): void {
    this.#db.exec('begin');
    this.#db.exec('lock table lane in share row exclusive mode');
    const row = this.#db.prepare('select min(lane) as lane from lane where until < ?').get(now) as {
      lane: Lane | null;
    };
    const lane = row.lane ?? this.#db.prepare('select coalesce(max(lane) + 1, 0) as lane from lane').get()!['lane'];
    this.#db
      .prepare(
        `insert into lane values (?, ?, ?, 0) on conflict (lane) do update set holder = excluded.holder, until = excluded.until`,
      )
      .run(lane, this.#holder, now + LEASE_MS);
    this.#db.exec('commit');
    this.#lane = lane;
  }

  /** Inside the caller's transaction. @returns the number of its commit  @throws LaneLost */
  renew(now: Millis): number {
    const row = this.#renew.get(now + LEASE_MS, this.lane, this.#holder) as { committed: number } | undefined;
    if (row === undefined) throw new LaneLost();
    return row.committed;
  }

  /** Whether the commit of that number came through. */
  hasCommitted(commit: number): boolean {
    return this.#lane !== null && this.#committed.get(this.#lane, this.#holder)?.['committed'] === commit;
  }

  /** The lane is not this one's any more. */
  lost(): void {
    this.#lane = null;
  }

  /** Gives it back, for whoever comes next. */
  release(): void {
    if (this.#lane !== null)
      this.#db.prepare('update lane set until = 0 where lane = ? and holder = ?').run(this.#lane, this.#holder);
    this.#lane = null;
  }
}
