import { CALL_POINTS_KEPT, type CallPoint } from '../../model/call-metrics.ts';
import type { Code } from '../../model/dictionary.ts';
import { type Millis, minuteOf } from '../../model/time.ts';
import { spread } from '../../tally/spread.ts';
import type { SqlDatabase, SqlStatement } from '../sql.ts';

/**
 * The calls that metrics know of, by minute. Of the points of one id the highest count stands: what is more than the last
 * one said is new, and lies between the two.
 */
export class CallCounts {
  readonly #find: SqlStatement;
  readonly #keep: SqlStatement;
  readonly #add: SqlStatement;
  readonly #dropPoints: SqlStatement;
  readonly #dropMinutes: SqlStatement;

  constructor(db: SqlDatabase) {
    this.#find = db.prepare('select time, calls from call_point where id = ?');
    this.#keep = db.prepare(
      'insert into call_point values (?, ?, ?) on conflict (id) do update set time = excluded.time, calls = excluded.calls',
    );
    this.#add = db.prepare(
      `insert into call_minute values (?, ?, ?, ?, ?)
       on conflict (service, minute, source)
       do update set calls = call_minute.calls + excluded.calls, failed = call_minute.failed + excluded.failed`,
    );
    this.#dropPoints = db.prepare('delete from call_point where time < ?');
    this.#dropMinutes = db.prepare('delete from call_minute where minute < ?');
  }

  takeAll(points: readonly CallPoint<Code>[], now: Millis): { readonly stored: number; readonly duplicates: number } {
    const stored = points.filter((point) => this.take(point, now)).length;
    return { stored, duplicates: points.length - stored };
  }

  /** @returns false when the point says nothing that was not known */
  take(point: CallPoint<Code>, now: Millis): boolean {
    const { id, calls, from, to } = point;
    const known = this.#find.get(id) as { time: Millis; calls: number } | undefined;
    if (known === undefined) {
      this.#keep.run(id, to, calls);
      this.#count(point, calls, from, now);
      return true;
    }
    // A start that is not told may have changed: then the count begins anew, and what comes late says nothing.
    const isUntold = from === 0;
    if (isUntold && to <= known.time) return false;
    const isReset = isUntold && calls < known.calls;
    const added = isReset ? calls : calls - known.calls;
    if (added <= 0 && to <= known.time) return false;
    this.#keep.run(id, Math.max(to, known.time), isReset ? calls : Math.max(calls, known.calls));
    if (added > 0) this.#count(point, added, Math.min(known.time, to), now);
    return true;
  }

  #count({ service, source, hasFailed, to }: CallPoint<Code>, calls: number, from: Millis, now: Millis): void {
    for (const { minute, count } of spread(calls, from, to, minuteOf(now - CALL_POINTS_KEPT)))
      this.#add.run(service, minute, source, count, hasFailed ? count : 0);
  }

  tidy(now: Millis): void {
    this.#dropPoints.run(now - CALL_POINTS_KEPT);
    this.#dropMinutes.run(minuteOf(now - CALL_POINTS_KEPT));
  }
}
