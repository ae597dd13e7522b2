import type { Minute } from '../../model/time.ts';
import type { Due, JudgingMarks } from '../reader.ts';
import type { SqlDatabase, SqlStatement } from '../sql.ts';

interface MarkRow {
  readonly clock: number;
  readonly minute: Minute;
  readonly service: number;
  readonly lane: number;
  readonly settlement: number;
}

/**
 * Marks are taken back one by one, each while it is still what was read: commits of several writers become visible in another
 * order than that of their numbers, so that no number is the highest of which all has been seen.
 */
export class MarksByVersion implements JudgingMarks {
  readonly #read: SqlStatement;

  constructor(db: SqlDatabase) {
    this.#read = db.prepare(
      'select clock, minute, service, lane, settlement from unjudged where clock in (0, 1) and minute <= ?',
    );
  }

  due(horizon: Minute): Due | null {
    const rows = this.#read.all(horizon) as MarkRow[];
    if (rows.length === 0) return null;
    return {
      first: rows.reduce((first, { minute }) => Math.min(first, minute), Number.POSITIVE_INFINITY),
      judged: {
        sql: `delete from unjudged using json_to_recordset(?::json)
          as read(clock int2, minute int4, service int4, lane int2, settlement int8)
          where unjudged.clock = read.clock and unjudged.minute = read.minute and unjudged.service = read.service
            and unjudged.lane = read.lane and unjudged.settlement = read.settlement`,
        parameters: [JSON.stringify(rows)],
      },
    };
  }
}
