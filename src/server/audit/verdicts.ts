import type { Actor } from '../../model/incident.ts';
import { iso, type Millis, millisOfMinute } from '../../model/time.ts';
import type { Reading, Verdict } from '../../objectives/reading.ts';
import type { Statement } from '../../store/items.ts';
import { auditEntry } from '../../store/records/audit.ts';
import { type Records, statement } from '../../store/records/records.ts';

const SYSTEM: Actor = { kind: 'system', id: 'plimsoll' };

/** What was said of each objective last: what is said otherwise is an entry. */
export class Verdicts {
  readonly #records: Records;
  readonly #known: Map<string, string>;

  private constructor(records: Records, known: Map<string, string>) {
    this.#records = records;
    this.#known = known;
  }

  static async load(records: Records): Promise<Verdicts> {
    const rows = await records.selectFrom('verdict').select(['objective', 'verdict']).execute();
    return new Verdicts(records, new Map(rows.map(({ objective, verdict }) => [objective, verdict])));
  }

  /** @returns what has to be written, and what is known when it was */
  follow(
    readings: readonly { readonly objective: { readonly name: string }; readonly reading: Reading | null }[],
    now: Millis,
  ): { statements: Statement[]; written: () => void } {
    const changed: [string, Verdict][] = [];
    const statements = readings.flatMap(({ objective: { name }, reading }) => {
      if (reading === null || reading.verdict === this.#known.get(name)) return [];
      const { verdict, reason, minute } = reading;
      changed.push([name, verdict]);
      const since = millisOfMinute(minute + 1);
      const data = { objective: name, from: this.#known.get(name) ?? null, to: verdict, reason, asOf: iso(since) };
      return [
        auditEntry(SYSTEM, 'objective.verdict_changed', data, now),
        statement(
          this.#records
            .insertInto('verdict')
            .values({ objective: name, verdict, since })
            .onConflict((conflict) => conflict.column('objective').doUpdateSet({ verdict, since })),
        ),
      ];
    });
    const written = (): void => {
      for (const [name, verdict] of changed) this.#known.set(name, verdict);
    };
    return { statements, written };
  }
}
