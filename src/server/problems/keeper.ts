import type { Listener } from '../../incidents/audience.ts';
import type { IncidentBook, Written } from '../../incidents/book.ts';
import { type Incident, SYSTEM } from '../../model/incident.ts';
import type { ProblemRecord } from '../../model/problem.ts';
import type { Millis } from '../../model/time.ts';
import {
  ALIKE_WITHIN_MS,
  joined,
  linkedTo,
  openedProblem,
  problemOf,
  reasonFor,
  signatureOf,
} from '../../problems/open.ts';
import type { Statement } from '../../store/items.ts';
import { incidentsSince, nextProblemNumber, problemId, problemsOfService } from '../../store/records/problems.ts';
import type { Records } from '../../store/records/records.ts';
import { writeProblem } from './write.ts';

/** What a tick has found, with the problems that its incidents belong to, and what has to be stored of those. */
export interface Kept {
  readonly written: readonly Written[];
  readonly statements: readonly Statement[];
}

/** Sees which incidents are alike: opens problems, and links incidents to those that are known. Each incident is looked at once, and again when what counts of it differs. */
export class ProblemKeeper {
  readonly #records: Records;
  readonly #listeners: () => readonly Listener[];
  /** By incident what was seen of it last. */
  readonly #seen = new Map<string, string>();

  /** @param listeners  all destinations of the configuration in force */
  constructor(records: Records, listeners: () => readonly Listener[]) {
    this.#records = records;
    this.#listeners = listeners;
  }

  /** What was found last was not stored: it is found anew. */
  forget(): void {
    this.#seen.clear();
  }

  /**
   * @param found  what has become of incidents in this tick; the book knows all of it, and is told what else becomes of them
   * @param now  clock, ms
   */
  async follow(found: readonly Written[], book: Pick<IncidentBook, 'incidents' | 'put'>, now: Millis): Promise<Kept> {
    const news = this.#news(book.incidents);
    if (news.length === 0) return { written: found, statements: [] };
    const desk = new TickDesk(this.#records, book.incidents, now);
    for (const incident of news) await desk.look(incident.id);
    for (const incident of desk.linked.values()) if (desk.isInBook(incident.id)) book.put(incident);
    const told = found.map(({ incident, transition }): Written => {
      const linked = desk.linked.get(incident.id);
      return { incident: linked === undefined ? incident : withProblemOf(incident, linked), transition };
    });
    const ids = new Set(found.map(({ incident }) => incident.id));
    const others = [...desk.linked.values()].filter(({ id }) => !ids.has(id));
    return {
      written: [...told, ...others.map((incident): Written => ({ incident, transition: null }))],
      statements: desk.statements(this.#listeners()),
    };
  }

  /** Those without a problem that were not looked at as they are now. */
  #news(incidents: readonly Incident[]): Incident[] {
    const known = new Set(incidents.map(({ id }) => id));
    for (const id of this.#seen.keys()) if (!known.has(id)) this.#seen.delete(id);
    return incidents.filter((incident) => {
      if (incident.problem !== null) return false;
      const signature = signatureOf(incident);
      if (this.#seen.get(incident.id) === signature) return false;
      this.#seen.set(incident.id, signature);
      return true;
    });
  }
}

/** The problems and incidents of one tick, as they become. */
class TickDesk {
  readonly #records: Records;
  readonly #now: Millis;
  readonly #book: ReadonlyMap<string, Incident>;
  readonly #problems = new Map<string, ProblemRecord[]>();
  /** By service and environment, opened at or after a time. */
  readonly #stored = new Map<string, { readonly since: Millis; readonly incidents: readonly Incident[] }>();
  readonly #changed = new Map<string, { readonly problem: ProblemRecord; readonly event: 'open' | 'again' }>();
  #next: number | null = null;
  /** Incidents with the problems that they have got. */
  readonly linked = new Map<string, Incident>();

  constructor(records: Records, incidents: readonly Incident[], now: Millis) {
    this.#records = records;
    this.#now = now;
    this.#book = new Map(incidents.map((incident) => [incident.id, incident]));
  }

  isInBook(id: string): boolean {
    return this.#book.has(id);
  }

  async look(id: string): Promise<void> {
    const incident = this.linked.get(id) ?? this.#book.get(id)!;
    if (incident.problem !== null) return;
    const problems = await this.#problemsOf(incident.service);
    const since = incident.openedAt - ALIKE_WITHIN_MS;
    const known = problemOf(incident, problems, this.#now);
    if (known !== undefined) {
      if (incident.state === 'cancelled') return;
      const all = await this.#incidents(incident, Math.min(since, known.firstSeen));
      const own = all.filter((one) => known.incidents.includes(one.id) || one.id === id);
      this.#put(joined(known, incident, own, this.#now), 'again');
      this.#link([incident], known.id);
      return;
    }
    const left = new Set(problems.flatMap(({ unlinked }) => unlinked));
    if (left.has(id)) return;
    const others = (await this.#incidents(incident, since)).filter((other) => !left.has(other.id));
    const reason = reasonFor(incident, others);
    if (reason === null) return;
    this.#next ??= await nextProblemNumber(this.#records);
    const problem = openedProblem(problemId(this.#next++), reason, this.#now);
    this.#put(problem, 'open');
    this.#link(reason.incidents as readonly Incident[], problem.id);
  }

  statements(listeners: readonly Listener[]): Statement[] {
    return Array.from(this.#changed.values()).flatMap((changed) =>
      writeProblem(this.#records, { ...changed, before: null }, SYSTEM, listeners, this.#now),
    );
  }

  async #problemsOf(service: string): Promise<ProblemRecord[]> {
    const known = this.#problems.get(service) ?? (await problemsOfService(this.#records, service));
    this.#problems.set(service, known);
    return known;
  }

  /** As they are now: of this tick, of the book, of the store. */
  async #incidents(like: Incident, since: Millis): Promise<Incident[]> {
    const isLike = ({ service, environment, openedAt }: Incident): boolean =>
      service === like.service && environment === like.environment && openedAt >= since;
    const stored = await this.#storedLike(like, since);
    const all = new Map(stored.filter(isLike).map((one) => [one.id, one]));
    for (const one of [...this.#book.values(), ...this.linked.values()]) if (isLike(one)) all.set(one.id, one);
    return [...all.values()];
  }

  /** All of one service are read once a tick: after a start every incident is looked at. */
  async #storedLike(like: Incident, since: Millis): Promise<readonly Incident[]> {
    const key = JSON.stringify([like.service, like.environment]);
    const known = this.#stored.get(key);
    if (known !== undefined && known.since <= since) return known.incidents;
    const incidents = await incidentsSince(this.#records, like, since);
    this.#stored.set(key, { since, incidents });
    return incidents;
  }

  #put(problem: ProblemRecord, event: 'open' | 'again'): void {
    const list = this.#problems.get(problem.service)!;
    const at = list.findIndex(({ id }) => id === problem.id);
    if (at < 0) list.push(problem);
    else list[at] = problem;
    this.#changed.set(problem.id, { problem, event: this.#changed.get(problem.id)?.event ?? event });
  }

  #link(incidents: readonly Incident[], id: string): void {
    const problem = this.#changed.get(id)!.problem;
    for (const incident of incidents) this.linked.set(incident.id, linkedTo(incident, problem));
  }
}

/** An earlier state of the same incident, with its problem. */
function withProblemOf(incident: Incident, { problem, knownError }: Incident): Incident {
  return { ...incident, problem, ...(knownError === undefined ? {} : { knownError }) };
}
