import type { TallyBook } from '../../tally/book.ts';
import { DEPENDENCY } from '../../tally/fold.ts';
import type { SqlDatabase, SqlStatement } from '../sql.ts';
import { numbers } from './arrays.ts';
import type { Lane } from './lanes.ts';

/**
 * Marks minutes of services that are to be judged again, in the transaction that changed them. Each lane has a mark of its own,
 * so that no writer waits for another one; the number of the commit tells a mark from its successor.
 */
export class Marks {
  readonly #set: SqlStatement;

  constructor(db: SqlDatabase) {
    this.#set = db.prepare(
      `insert into unjudged select clock, minute, service, ?, ? from unnest(?::int2[], ?::int4[], ?::int4[]) given (clock, minute, service)
       on conflict (clock, minute, service, lane) do update set settlement = excluded.settlement`,
    );
  }

  /** @param book  the differences that are being written  @param commit  number of the transaction */
  set(book: TallyBook, lane: Lane, commit: number): void {
    const marked = new Map<string, readonly [number, number, number]>();
    for (let row = 0; row < book.rows; row++) {
      const { clock, minute, service, dimension } = book.keyOf(row);
      // Calls of what a service depends on are nobody's promise.
      if (dimension !== DEPENDENCY && !book.isEmpty(row))
        marked.set(`${clock} ${minute} ${service}`, [clock, minute, service]);
    }
    if (marked.size === 0) return;
    const column = (i: 0 | 1 | 2): string => numbers([...marked.values()].map((key) => key[i]));
    this.#set.run(lane, commit, column(0), column(1), column(2));
  }
}
