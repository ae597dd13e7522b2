import { TENTHS_PER_SECOND } from '../../model/time.ts';
import type { SqlDatabase, SqlStatement } from '../sql.ts';
import { type Second, type StoredSpan, secondOf } from '../sqlite/parts.ts';
import { readSpanRow } from './span-rows.ts';

/** Rows read at once: whole seconds of them. */
const PAGE_ROWS = 2_000;

const COLUMNS = '"end", trace, span, commit_minute, data';

/** Stored AI spans from the newest on. A page at a time: who reads them mostly wants few. */
export class SpansNewestFirst {
  readonly #page: SqlStatement;
  readonly #whole: SqlStatement;
  readonly #count: SqlStatement;

  constructor(db: SqlDatabase) {
    // Of each shard the newest, by its key: then the newest of these.
    this.#page = db.prepare(
      `select of_shard.* from shard_key cross join lateral (
         select ${COLUMNS} from span where shard = shard_key.key and "end" >= ?1 and "end" < ?2 order by "end" desc limit ?3
       ) of_shard order by "end" desc limit ?3`,
    );
    this.#whole = db.prepare(
      `select ${COLUMNS} from shard_key join span on shard = key where "end" >= ? and "end" < ? order by "end" desc`,
    );
    this.#count = db.prepare(
      'select count(*) as n from shard_key join span on shard = key where "end" >= ? and "end" < ?',
    );
  }

  /** Both seconds inclusive. */
  *read(from: Second, to: Second): Generator<{ second: Second; spans: readonly StoredSpan[] }> {
    for (let before = to + 1; before > from; ) {
      const rows = this.#page.all(from * TENTHS_PER_SECOND, before * TENTHS_PER_SECOND, PAGE_ROWS).map(readSpanRow);
      const seconds = [...Map.groupBy(rows, ({ span }) => secondOf(span.endTenths))];
      if (rows.length < PAGE_ROWS) {
        for (const [second, spans] of seconds) yield { second, spans };
        return;
      }
      // There may be more of the last one.
      const [last] = seconds.pop()!;
      for (const [second, spans] of seconds) yield { second, spans };
      if (seconds.length === 0) yield { second: last, spans: this.#ofSecond(last) };
      before = seconds.length === 0 ? last : last + 1;
    }
  }

  #ofSecond(second: Second): StoredSpan[] {
    return this.#whole.all(second * TENTHS_PER_SECOND, (second + 1) * TENTHS_PER_SECOND).map(readSpanRow);
  }

  /** `to` exclusive. */
  count(from: Second, to: Second): number {
    return (this.#count.get(from * TENTHS_PER_SECOND, to * TENTHS_PER_SECOND) as { n: number }).n;
  }
}
