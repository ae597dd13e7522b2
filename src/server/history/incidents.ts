import { type Incident, storedIncident } from '../../model/incident.ts';
import type { Minute } from '../../model/time.ts';
import type { Statement } from '../../store/items.ts';
import {
  unfinishedIncidents,
  unwrittenIncidents,
  type WrittenIncident,
  writeHistoryIncident,
} from '../../store/records/history.ts';
import { numberOf, readIncident } from '../../store/records/incidents.ts';
import type { Records } from '../../store/records/records.ts';
import { type IncidentPlace, type IncidentPoint, incidentPoint, isMoved } from './record-points.ts';
import { type OnRefused, unlessRefused } from './refused.ts';

/** Incidents that are written for the first time, in one go. */
const AT_A_TIME = 500;

export interface HistoryIncidentsSources {
  readonly records: Records;
  /** Null: it is read from the store. */
  readonly byId: (id: string) => Incident | undefined;
  readonly write: (statements: readonly Statement[]) => Promise<unknown>;
  /** Takes an incident's points away. */
  readonly drop: (id: string) => Promise<void>;
  readonly onRefused: OnRefused;
}

/** Incidents as points: what of them was written is kept in the store, so that a point that has moved is found again. */
export class HistoryIncidents {
  readonly #sources: HistoryIncidentsSources;
  /** Those that can still change, as they were written; null: not read yet. */
  #known: Map<number, WrittenIncident> | null = null;
  /** The lines as they were written last. */
  readonly #lines = new Map<number, string>();

  constructor(sources: HistoryIncidentsSources) {
    this.#sources = sources;
  }

  /** What is known of them is read anew. */
  forget(): void {
    this.#known = null;
    this.#lines.clear();
  }

  /** Hands over each incident that is another one than its point. @returns whether there may be more */
  async write(
    horizon: Minute,
    revision: number,
    add: (line: string) => Promise<void> | null,
    flush: () => Promise<void>,
  ): Promise<boolean> {
    const { records, byId, write, onRefused } = this.#sources;
    this.#known ??= new Map((await unfinishedIncidents(records)).map((one) => [one.number, one]));
    const fresh = (await unwrittenIncidents(records, AT_A_TIME)).map(storedIncident);
    const changing: Incident[] = [];
    for (const number of this.#known.keys()) {
      const id = `INC-${number}`;
      const incident = byId(id) ?? (await readIncident(records, id));
      if (incident !== null) changing.push(incident);
    }
    const statements: Statement[] = [];
    const noted: WrittenIncident[] = [];
    for (const incident of [...changing, ...fresh]) {
      const number = numberOf(incident.id);
      const known = this.#known.get(number);
      const point = unlessRefused(onRefused, () => incidentPoint(incident, horizon, revision));
      const now: WrittenIncident = {
        number,
        point: JSON.stringify(point?.place ?? null),
        isFinal: incident.state === 'closed' || incident.state === 'cancelled',
      };
      if (point !== null) await this.#writePoint(number, incident.id, point, known, add);
      if (known?.point === now.point && known.isFinal === now.isFinal) continue;
      statements.push(writeHistoryIncident(records, now));
      noted.push(now);
    }
    await flush();
    if (statements.length > 0) await write(statements);
    for (const one of noted)
      if (one.isFinal) {
        this.#known.delete(one.number);
        this.#lines.delete(one.number);
      } else this.#known.set(one.number, one);
    return fresh.length === AT_A_TIME;
  }

  async #writePoint(
    number: number,
    id: string,
    point: IncidentPoint,
    known: WrittenIncident | undefined,
    add: (line: string) => Promise<void> | null,
  ): Promise<void> {
    // With the same revision nothing of it has changed, unless it is open: then it lasts longer.
    const text = point.line.replace(/,revision=\d+i/, '');
    if (this.#lines.get(number) === text) return;
    const before: IncidentPlace | null = known === undefined ? null : JSON.parse(known.point);
    if (before !== null && isMoved(before, point.place)) await this.#sources.drop(id);
    const wait = add(point.line);
    if (wait !== null) await wait;
    this.#lines.set(number, text);
  }
}
