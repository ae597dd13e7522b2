import { CALL_POINTS_KEPT, type CallPoint } from '../../model/call-metrics.ts';
import type { Code } from '../../model/dictionary.ts';
import { type Millis, type Minute, minuteOf } from '../../model/time.ts';
import { spread } from '../../tally/spread.ts';
import type { SqlDatabase, SqlStatement } from '../sql.ts';
import { ManyRows } from './many-rows.ts';

/** What the last point of an id said. */
interface Last {
  readonly time: Millis;
  readonly calls: number;
}

/** Calls that are new, of one service, minute and source. */
interface Added {
  readonly service: Code;
  readonly minute: Minute;
  readonly source: Code;
  calls: number;
  failed: number;
}

/**
 * The calls that metrics know of, by minute. Of the points of one id the highest count stands: what is more than the last
 * one said is new, and lies between the two. A point may lie two days behind the one before it, which are 2,880 minutes: what
 * comes together is added up first.
 */
export class CallCounts {
  readonly #find: ManyRows;
  readonly #keep: ManyRows;
  readonly #add: ManyRows;
  readonly #dropPoints: SqlStatement;
  readonly #dropMinutes: SqlStatement;

  constructor(db: SqlDatabase) {
    this.#find = new ManyRows(db, '?', (ids) => `select id, time, calls from call_point where id in (${ids})`);
    this.#keep = new ManyRows(
      db,
      '(?, ?, ?)',
      (rows) =>
        `insert into call_point values ${rows} on conflict (id) do update set time = excluded.time, calls = excluded.calls`,
    );
    this.#add = new ManyRows(
      db,
      '(?, ?, ?, ?, ?)',
      (rows) =>
        `insert into call_minute values ${rows}
         on conflict (service, minute, source)
         do update set calls = call_minute.calls + excluded.calls, failed = call_minute.failed + excluded.failed`,
    );
    this.#dropPoints = db.prepare('delete from call_point where time < ?');
    this.#dropMinutes = db.prepare('delete from call_minute where minute < ?');
  }

  takeAll(points: readonly CallPoint<Code>[], now: Millis): { readonly stored: number; readonly duplicates: number } {
    const known = this.#lastOf(points);
    const changed = new Set<string>();
    let stored = 0;
    const added = new Map<string, Map<Minute, Added>>();
    for (const point of points) {
      const key = keyOf(point.id);
      const next = after(known.get(key), point);
      if (next === null) continue;
      stored++;
      known.set(key, next.last);
      changed.add(key);
      if (next.calls > 0) count(added, point, next, now);
    }
    // In one order by all who write, so that none waits for another that waits for it.
    const ids = [...changed].sort();
    const minutes = [...added.values()].flatMap((ofSource) => [...ofSource.values()]).sort(byKey);
    for (const [statement, parameters] of this.#keep.of(
      ids.map((key) => [Buffer.from(key, 'latin1'), known.get(key)!.time, known.get(key)!.calls]),
    ))
      statement.run(...parameters);
    for (const [statement, parameters] of this.#add.of(
      minutes.map(({ service, minute, source, calls, failed }) => [service, minute, source, calls, failed]),
    ))
      statement.run(...parameters);
    return { stored, duplicates: points.length - stored };
  }

  #lastOf(points: readonly CallPoint<Code>[]): Map<string, Last> {
    const last = new Map<string, Last>();
    const ids = [...new Set(points.map(({ id }) => keyOf(id)))].map((key) => [Buffer.from(key, 'latin1')]);
    for (const [statement, parameters] of this.#find.of(ids))
      for (const { id, time, calls } of statement.all(...parameters)) last.set(keyOf(id), { time, calls });
    return last;
  }

  tidy(now: Millis): void {
    this.#dropPoints.run(now - CALL_POINTS_KEPT);
    this.#dropMinutes.run(minuteOf(now - CALL_POINTS_KEPT));
  }
}

const keyOf = (id: Uint8Array): string => Buffer.from(id.buffer, id.byteOffset, id.byteLength).toString('latin1');

/** What a point says behind the last one: how many calls are new, since when; null when it says nothing that was not known. */
function after(
  known: Last | undefined,
  { calls, from, to }: CallPoint<Code>,
): { readonly last: Last; readonly calls: number; readonly from: Millis } | null {
  if (known === undefined) return { last: { time: to, calls }, calls, from };
  // A start that is not told may have changed: then the count begins anew, and what comes late says nothing.
  const isUntold = from === 0;
  if (isUntold && to <= known.time) return null;
  const isReset = isUntold && calls < known.calls;
  const added = isReset ? calls : calls - known.calls;
  if (added <= 0 && to <= known.time) return null;
  const last = { time: Math.max(to, known.time), calls: isReset ? calls : Math.max(calls, known.calls) };
  return { last, calls: Math.max(0, added), from: Math.min(known.time, to) };
}

/** @param into  by service and source */
function count(
  into: Map<string, Map<Minute, Added>>,
  { service, source, hasFailed, to }: CallPoint<Code>,
  { calls, from }: { readonly calls: number; readonly from: Millis },
  now: Millis,
): void {
  const key = `${service} ${source}`;
  const minutes = into.get(key) ?? new Map<Minute, Added>();
  into.set(key, minutes);
  for (const { minute, count } of spread(calls, from, to, minuteOf(now - CALL_POINTS_KEPT))) {
    let row = minutes.get(minute);
    if (row === undefined) {
      row = { service, minute, source, calls: 0, failed: 0 };
      minutes.set(minute, row);
    }
    row.calls += count;
    if (hasFailed) row.failed += count;
  }
}

const byKey = (a: Added, b: Added): number => a.service - b.service || a.minute - b.minute || a.source - b.source;
