import { SYSTEM } from '../../model/incident.ts';
import { iso, type Millis, millisOfMinute } from '../../model/time.ts';
import type { Reading, Verdict } from '../../objectives/reading.ts';
import type { Statement } from '../../store/items.ts';
import { auditEntry } from '../../store/records/audit.ts';
import { type Records, statement } from '../../store/records/records.ts';

/** Readings looked at in one tick: some milliseconds, also where there are ten thousand objectives. */
export const LOOKED_AT = 500;

/** What was said of each objective last: what is said otherwise is an entry. */
export class Verdicts {
  readonly #records: Records;
  readonly #known: Map<string, string>;
  /** Whose turn it is. */
  #next = 0;

  private constructor(records: Records, known: Map<string, string>) {
    this.#records = records;
    this.#known = known;
  }

  static async load(records: Records): Promise<Verdicts> {
    const rows = await records.selectFrom('verdict').select(['objective', 'verdict']).execute();
    return new Verdicts(records, new Map(rows.map(({ objective, verdict }) => [objective, verdict])));
  }

  /**
   * Looks at readings, which are made when they are looked at: of very many only at some each time, in turn.
   * @returns what has to be written, and what is known when it was
   */
  follow(
    readings: readonly { readonly objective: { readonly name: string }; readonly reading: Reading | null }[],
    now: Millis,
  ): { statements: Statement[]; written: () => void } {
    const changed = new Map<string, Verdict>();
    const statements: Statement[] = [];
    for (const one of this.#turn(readings)) {
      const { name } = one.objective;
      const { reading } = one;
      if (reading === null || reading.verdict === this.#known.get(name)) continue;
      changed.set(name, reading.verdict);
      statements.push(...this.#changed(name, reading, now));
    }
    const written = (): void => {
      for (const [name, verdict] of changed) this.#known.set(name, verdict);
    };
    return { statements, written };
  }

  #turn<T>(all: readonly T[]): readonly T[] {
    if (all.length <= LOOKED_AT) return all;
    const from = this.#next % all.length;
    this.#next = (from + LOOKED_AT) % all.length;
    return Array.from({ length: LOOKED_AT }, (_, i) => all[(from + i) % all.length]!);
  }

  #changed(objective: string, { verdict, reason, minute }: Reading, now: Millis): Statement[] {
    const since = millisOfMinute(minute + 1);
    const from = this.#known.get(objective) ?? null;
    return [
      auditEntry(SYSTEM, 'objective.verdict_changed', { objective, from, to: verdict, reason, asOf: iso(since) }, now),
      statement(
        this.#records
          .insertInto('verdict')
          .values({ objective, verdict, since })
          .onConflict((conflict) => conflict.column('objective').doUpdateSet({ verdict, since })),
      ),
    ];
  }
}
