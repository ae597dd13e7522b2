import { SYSTEM } from '../../model/incident.ts';
import { iso, type Millis } from '../../model/time.ts';
import type { Statement } from '../../store/items.ts';
import { auditEntry } from '../../store/records/audit.ts';
import { type Records, statement } from '../../store/records/records.ts';

const ALIVE_AT = 'alive at';
export const STARTED = 'process.started';
export const STOPPED = 'process.stopped';
/** Written by the first start on a store that was moved: the process before had stopped, which it could write nowhere any more. */
export const MOVED = 'store.moved';
/** When Plimsoll was there and when it was not, and whether its clock went on. */
export class Presence {
  readonly #records: Records;
  #last: Millis;

  private constructor(records: Records, last: Millis) {
    this.#records = records;
    this.#last = last;
  }

  /** What a start has to say: since when nobody was there, and whether the last one stopped in order. */
  static async begin(
    records: Records,
    version: string,
    now: Millis,
  ): Promise<{ presence: Presence; statements: Statement[] }> {
    const last = await records
      .selectFrom('audit_entry')
      .select(['type', 'at'])
      .where('type', 'in', [STARTED, STOPPED, MOVED])
      .orderBy('seq', 'desc')
      .limit(1)
      .executeTakeFirst();
    const alive = await records.selectFrom('setting').select('value').where('name', '=', ALIVE_AT).executeTakeFirst();
    const aliveAt = Number(alive?.value ?? 0);
    const seen =
      last === undefined
        ? null
        : last.type === STOPPED
          ? last.at
          : last.type === MOVED
            ? aliveAt
            : Math.max(last.at, aliveAt);
    const data = {
      version,
      previous: last === undefined ? null : last.type === STARTED ? 'ended without a word' : 'stopped',
      lastSeen: seen === null ? null : iso(seen),
      gapMs: seen === null ? null : Math.max(0, now - seen),
    };
    const presence = new Presence(records, seen ?? now);
    return { presence, statements: [auditEntry(SYSTEM, STARTED, data, now), ...presence.at(now)] };
  }

  /** It is there at this time. */
  at(now: Millis): Statement[] {
    const before = this.#last;
    this.#last = now;
    const row = { name: ALIVE_AT, value: String(now) };
    return [
      ...(now < before
        ? [auditEntry(SYSTEM, 'clock.went_back', { from: iso(before), to: iso(now), byMs: before - now }, now)]
        : []),
      statement(
        this.#records
          .insertInto('setting')
          .values(row)
          .onConflict((conflict) => conflict.column('name').doUpdateSet({ value: row.value })),
      ),
    ];
  }
}
