import type {
  Breach,
  CloseCode,
  Evidence,
  GuiltySlice,
  Incident,
  IncidentFlag,
  SuspectChange,
  Transition,
  Weight,
} from '../model/incident.ts';
import { BLANK, isOpen, SYSTEM } from '../model/incident.ts';
import { logTime } from '../model/log-time.ts';
import { DAY_MS, type Millis, millisOfMinute } from '../model/time.ts';
import type { Objective } from '../objectives/objective.ts';
import { sliceOfDetector } from '../objectives/slice-watch.ts';
import { categoryOf, type Flags, type Signs } from './category-rules.ts';
import { hostOf, outagesOf, parentOf, type Upstreams } from './correlation.ts';
import type { Episode, EpisodeChange } from './episodes.ts';
import { felt, isBesideSlo } from './experience.ts';
import { beginsToFlap, staysAway } from './flapping.ts';
import { move } from './lifecycle.ts';
import { impactOf, urgencyOf, weighed } from './priority.ts';
import { isUnsuspected, seriousBecause } from './serious.ts';
import { heardAnew } from './suppression.ts';
import { describeIncident, type IncidentFacts, reworded } from './text.ts';

/** What of a service its incidents need to know. */
export interface ServiceFacts {
  readonly criticality: number;
  readonly isHighRisk: boolean;
  readonly supportGroup: string | null;
  readonly links: Incident['links'];
}

/** What was found out about a breach when it began. */
export interface Findings {
  readonly evidence: Evidence;
  readonly slices: readonly GuiltySlice[];
  readonly changes: readonly SuspectChange[];
  readonly traces: Incident['traces'];
  /** What else was seen since the onset; null: nobody has looked. */
  readonly signs: Signs | null;
}

/** An incident after something happened to it, and what sinks are told. */
export interface Written {
  readonly incident: Incident;
  /** Null: the record alone follows, nobody needs to be told. */
  readonly transition: Transition | null;
}

/** A breach that begins again within this time after an automatic resolve is the same incident. */
const REOPEN_MINUTES = 60;
/** Decided so long after the deciding minute, it says so. */
const LATE_MS = 5 * 60_000;
/** A resolved incident is closed after this, ms. */
const CLOSE_AFTER_MS = 7 * DAY_MS;
/** What is over is kept in mind for so long: then the store alone knows it. */
const FORGET_AFTER_MS = DAY_MS;

/** What is known of a breach when it begins, beside itself. */
export interface Beginning {
  /** The newest breach of this promise before it that has a record. */
  readonly previous: Episode | null;
  /** The same breach as the promise's other detector sees it, if that has found it already. */
  readonly beside: Episode | null;
  /** How often the promise has been broken anew within six hours, this time included. */
  readonly opens: number;
  /** It was over before it was found. */
  readonly isOver: boolean;
}

/** The incidents that can still change, and how what judging finds changes them. Event order in, records out: no clock, no I/O. */
export class IncidentBook {
  readonly #incidents: Map<string, Incident>;
  readonly #upstreams: Upstreams;
  #graceMs: Millis;
  #nextNumber: number;

  /**
   * @param incidents  all that are not closed, and those closed within the last hours
   * @param upstreams  what a service depends on
   */
  constructor(incidents: readonly Incident[], nextNumber: number, graceMs: Millis, upstreams: Upstreams = () => []) {
    this.#upstreams = upstreams;
    this.#incidents = new Map(incidents.map((incident) => [incident.id, incident]));
    this.#nextNumber = nextNumber;
    this.#graceMs = graceMs;
  }

  /** How long after its end a minute is judged from now on. */
  judgeAfter(graceMs: Millis): void {
    this.#graceMs = graceMs;
  }

  get nextNumber(): number {
    return this.#nextNumber;
  }

  get incidents(): readonly Incident[] {
    return [...this.#incidents.values()];
  }

  byId(id: string): Incident | undefined {
    return this.#incidents.get(id);
  }

  /** Puts a record as it now is: after a person's move. */
  put(incident: Incident): void {
    this.#incidents.set(incident.id, incident);
  }

  /** Makes a record that no breach has opened, under the next number. */
  take(make: (id: string) => Incident): Incident {
    const incident = make(`INC-${this.#nextNumber++}`);
    this.#incidents.set(incident.id, incident);
    return incident;
  }

  /** All of them as they are stored now: others have changed some. */
  replace(incidents: readonly Incident[], nextNumber: number): void {
    this.#incidents.clear();
    for (const incident of incidents) this.#incidents.set(incident.id, incident);
    this.#nextNumber = nextNumber;
  }

  /** Everything as it is now: the answer puts it back, when what followed could not be stored. */
  remember(): () => void {
    const incidents = [...this.#incidents];
    const nextNumber = this.#nextNumber;
    return () => {
      this.#incidents.clear();
      for (const [id, incident] of incidents) this.#incidents.set(id, incident);
      this.#nextNumber = nextNumber;
    };
  }

  /**
   * A breach began.
   * @returns the records that are others now, that which it is part of first, and the episode that knows it
   */
  begin(
    objective: Objective,
    service: ServiceFacts,
    episode: Episode,
    beginning: Beginning,
    findings: Findings,
    now: Millis,
  ): { written: readonly Written[]; episode: Episode } {
    const { previous, beside } = beginning;
    if (beside !== null) {
      const incident = this.#of(beside);
      const written = incident && this.#confirm(incident, objective, episode, beginning.isOver, findings.evidence, now);
      return { written: written === null ? [] : [written], episode: { ...episode, incident: beside.incident } };
    }
    const breach = this.#breachOf(objective, episode, findings);
    const again = this.#reopened(previous, episode);
    const written =
      again === null
        ? this.#place(objective, service, episode, breach, beginning, findings, now)
        : [this.#reopen(again, objective, episode, breach, beginning.isOver, findings, now)];
    const [first, ...others] = written as [Written, ...Written[]];
    const flapping = this.#noteFlapping(first, beginning.opens);
    this.#incidents.set(flapping.incident.id, flapping.incident);
    return {
      written: [flapping, ...others, ...this.#hastenExperience(objective, now), ...this.#adopt(flapping.incident)],
      episode: { ...episode, incident: flapping.incident.id },
    };
  }

  /** It joins an incident, or opens one. */
  #place(
    objective: Objective,
    service: ServiceFacts,
    episode: Episode,
    breach: Breach,
    { previous, isOver }: Beginning,
    findings: Findings,
    now: Millis,
  ): Written[] {
    const { supportGroup } = service;
    const { service: name, environment } = objective;
    const { host, related } = hostOf(this.#incidents.values(), {
      ...findings,
      ...breach,
      service: name,
      environment,
      supportGroup,
    });
    if (host !== null) {
      if (!isOpen(host)) return [this.#reopen(host, objective, episode, breach, isOver, findings, now)];
      return [this.#join(host, objective, episode, breach, isOver, findings, now)];
    }
    const opened = this.#open(objective, service, episode, breach, { previous, isOver, related }, findings, now);
    // What is related is so both ways; the record alone follows.
    const others = related.map((id) => {
      const other = this.#incidents.get(id)!;
      return this.#finish({ ...other, related: [...other.related, opened.incident.id] }, null);
    });
    return [opened, ...others];
  }

  /** Broken this often it is kept open until it stays away, and somebody should look for the cause. */
  #noteFlapping({ incident, transition }: Written, opens: number): Written {
    if (!beginsToFlap(opens) || incident.flags.includes('flapping')) return { incident, transition };
    const flags = [...new Set([...incident.flags, 'flapping' as const, 'problem_proposed' as const])];
    const last = incident.timeline.at(-1)!;
    const text = `${last.text}, for the ${opens}th time within 6 h: it comes and goes, and is kept open until it stays away. Look for the cause: a problem is proposed`;
    const timeline = [...incident.timeline.slice(0, -1), { ...last, text }];
    return this.#finish({ ...incident, flags, timeline }, transition);
  }

  /**
   * What came and went is over when it has stayed away; when it has stayed broken it comes and goes no more, and is an incident like any other.
   * @param opensOf  how often a promise has been broken anew within the last six hours
   */
  settleFlapping(opensOf: (objective: string) => number, now: Millis): Written[] {
    const settled = this.incidents.filter(
      (incident) =>
        incident.flags.includes('flapping') &&
        isOpen(incident) &&
        !isSeriousCandidate(incident) &&
        incident.breaches.every(({ objective }) => staysAway(opensOf(objective))),
    );
    return settled.flatMap((incident) => {
      if (incident.breaches.every(({ recoveredAt }) => recoveredAt !== null))
        return this.#recovered(incident, now) ?? [];
      const flags = incident.flags.filter((flag) => flag !== 'flapping');
      const text = 'flapping: cleared, for it has stayed broken';
      return this.#write({ ...incident, flags }, 'updated', now, 'flagged', text);
    });
  }

  /** What an experience lacks is more urgent while the service breaks a promise about itself as well. */
  #hastenExperience({ kind, service, environment }: Objective, now: Millis): Written[] {
    if (kind === 'XLA') return [];
    return this.incidents
      .filter(
        (one) =>
          isOpen(one) && one.service === service && one.environment === environment && one.reckoned.urgency === 3,
      )
      .filter(({ breaches }) => breaches.every((breach) => breach.kind === 'XLA'))
      .map((one) => {
        const urgent = moreUrgent(one, 2, true);
        const text = `a promise about the service is broken too: more urgent now${keptText(one, urgent)}`;
        return this.#write({ ...one, ...urgent }, 'updated', now, 'updated', text);
      });
  }

  /** Links an incident to that of its upstream, and those of its own dependents to it. The record alone follows. */
  #adopt({ id }: Incident): Written[] {
    const byId = (one: string): Incident | undefined => this.#incidents.get(one);
    const outages = outagesOf(this.#incidents.values());
    const isOrphan = ({ parent }: Incident): boolean => parent === null || !isOpen(byId(parent) ?? CLOSED);
    // The newest first: where services depend on each other in a circle, the one that was found first follows from none.
    return this.incidents
      .filter((one) => isOpen(one) && isOrphan(one))
      .sort((a, b) => Number(b.id === id) - Number(a.id === id))
      .flatMap((incident) => {
        const parent = parentOf(incident, outages, this.#upstreams, byId);
        if (parent === null || parent.id === incident.parent || (incident.id !== id && parent.id !== id)) return [];
        return [this.#finish({ ...incident, parent: parent.id }, null)];
      });
  }

  /** A breach became more urgent than it was. */
  hasten(objective: Objective, episode: Episode, isOver: boolean, now: Millis): Written | null {
    const incident = this.#of(episode);
    if (incident === null || !isOpen(incident)) return null;
    const breach = incident.breaches.find((one) => one.objective === episode.objective);
    const urgency = this.#urgency(breach?.category ?? objective.category, objective, episode);
    if (urgency >= incident.reckoned.urgency) return null;
    const urgent = moreUrgent(incident, urgency, isOver);
    const text = `${episode.objective} burns faster: more urgent now${keptText(incident, urgent)}`;
    return this.#write({ ...incident, ...urgent }, 'updated', now, 'updated', text);
  }

  /**
   * Late data moved a breach: its times and what it is filed under follow, the numbers that were told stay told.
   * @param signsOf  what is seen now from the onset to the alarm
   */
  shift(objective: Objective, episode: Episode, signsOf: () => Signs | null, now: Millis): Written | null {
    const { sequential, burn, sliced } = objective;
    const incident = this.#of(episode);
    const known = incident?.breaches.find((breach) => breach.objective === episode.objective);
    if (incident === null || known === undefined) return null;
    // Of two detectors the first says when it began, and the last when it was over.
    const told = known.evidence;
    const isFirst =
      told.slice === undefined ? told.detector.name === episode.detector : sliceOfDetector(episode.detector) !== null;
    const isOnly = (sequential === null || burn === null) && sliced === undefined;
    const startedAt = isFirst ? Math.min(millisOfMinute(episode.onset), known.detectedAt) : known.startedAt;
    const isOver = isOnly && known.recoveredAt !== null && episode.resolved !== null;
    const recoveredAt = isOver ? millisOfMinute(episode.resolved! + 1) : known.recoveredAt;
    const category =
      isFirst && incident.closedAt === null ? refiled(objective, known.category, signsOf()) : known.category;
    if (startedAt === known.startedAt && recoveredAt === known.recoveredAt && category === known.category) return null;
    const moved = { ...known, startedAt, recoveredAt, category };
    const [first, ...rest] = incident.breaches.map((breach) => (breach === known ? moved : breach));
    const breaches: Incident['breaches'] = [first!, ...rest];
    const hasRecovered = incident.resolvedAt !== null && !isResolvedByPerson(incident);
    const resolvedAt = hasRecovered
      ? Math.max(...breaches.map((breach) => breach.recoveredAt ?? incident.resolvedAt!))
      : incident.resolvedAt;
    // Opened again, it began with a breach that is no longer on it.
    const began = incident.startedAt < known.startedAt ? [incident.startedAt] : [];
    const start = Math.min(...began, ...breaches.map((one) => one.startedAt));
    const shifted = { ...incident, breaches, resolvedAt, startedAt: start };
    return category === known.category ? this.#finish(shifted, null) : this.#refile(shifted, objective, episode, now);
  }

  /** Late data say more of what went wrong. */
  #refile(incident: Incident, objective: Objective, episode: Episode, now: Millis): Written {
    const category = incident.categorySetBy === null ? incident.breaches[0].category : incident.category;
    const filed = incident.breaches.find((one) => one.objective === objective.name)!.category;
    const urgent = moreUrgent(incident, this.#urgency(filed, objective, episode), true);
    const { flags, said } = suspected({ ...incident, category }, null);
    const text = `${objective.name}: by what is known now it is ${filed}${said}`;
    return this.#write({ ...incident, ...urgent, category, flags }, 'updated', now, 'categorized', text);
  }

  /** A breach ended by its recovery rule: the incident resolves when the last of its breaches has. */
  end(episode: Episode, now: Millis): Written | null {
    const incident = this.#of(episode);
    if (incident === null || episode.resolved === null) return null;
    const at = millisOfMinute(episode.resolved + 1);
    const recovered = this.#mark(incident, episode, at);
    if (!isOpen(recovered)) return this.#finish(recovered, null);
    if (recovered.breaches.some((breach) => breach.recoveredAt === null))
      return this.#write(recovered, 'updated', now, 'updated', `${episode.objective} has recovered, others have not`);
    if (recovered.flags.includes('flapping'))
      return this.#write(recovered, 'updated', now, 'updated', `${episode.objective} has recovered; it comes and goes`);
    return this.#recovered(recovered, now);
  }

  /** All of its promises are kept again. */
  #recovered(recovered: Incident, now: Millis): Written | null {
    if (isSeriousCandidate(recovered)) return this.#leaveToPerson(recovered, 'recovered', now);
    const resolvedAt = Math.max(...recovered.breaches.map((breach) => breach.recoveredAt!));
    const fresh = { ...recovered, flags: recovered.flags.filter((flag) => flag !== 'stale') };
    const notes = 'recovered: the promise is kept again';
    return this.#resolve(fresh, 'recovered_automatically', notes, resolvedAt, now);
  }

  /** Late data took back the end of a breach. */
  resume(episode: Episode, now: Millis): Written | null {
    const incident = this.#of(episode);
    if (incident === null) return null;
    const { impact, urgency } = incident.reckoned;
    // What was lowered because it was over weighs as much as any other now.
    const weight = incident.closedAt === null ? weighed({ impact, urgency }, incident.override) : {};
    const open = { ...this.#mark(incident, episode, null), ...weight };
    // Who has resolved it while it was broken is left alone for an hour: see `reopenStillBroken`.
    if (open.state !== 'resolved' || isResolvedByPerson(open)) return this.#finish(open, null);
    const done = move(open, { type: 'reopen', reason: 'late data show that it had not recovered' }, SYSTEM, now);
    return done.illegal ? null : this.#finish(done.incident, done.transition);
  }

  /** Nobody watches a breach any more, because its objective is gone or is another now. */
  abandon(episode: Episode, reason: string, now: Millis): Written | null {
    const incident = this.#of(episode);
    if (incident === null || episode.resolved === null) return null;
    const at = millisOfMinute(episode.resolved + 1);
    const left = this.#mark(incident, episode, at);
    if (!isOpen(left)) return this.#finish(left, null);
    if (left.breaches.some((breach) => breach.recoveredAt === null))
      return this.#write(left, 'updated', now, 'updated', `${episode.objective}: ${reason}`);
    if (isSeriousCandidate(left)) return this.#leaveToPerson(left, reason, now);
    return this.#resolve(left, 'no_resolution', reason, at, now);
  }

  /** Late data took back the breach: what was told is not untold, but it is said so. */
  withdraw(episode: Episode, now: Millis): Written | null {
    const incident = this.#of(episode);
    if (incident === null) return null;
    const flags: IncidentFlag[] = [...new Set([...incident.flags, 'evidence_withdrawn' as const])];
    const flagged = { ...this.#mark(incident, episode, now), flags };
    if (!isOpen(flagged) || flagged.breaches.some((breach) => breach.recoveredAt === null))
      return this.#write(flagged, 'updated', now, 'flagged', 'late data took back the evidence');
    const notes = 'late data took back the evidence for the breach';
    if (isSeriousCandidate(flagged)) return this.#leaveToPerson(flagged, notes, now, 'flagged');
    return this.#resolve(flagged, 'recovered_automatically', notes, now, now);
  }

  /** Sets or clears a flag that says something about the whole record; null when nothing changes. */
  flag(id: string, flag: IncidentFlag, isSet: boolean, now: Millis): Written | null {
    const incident = this.#incidents.get(id);
    if (incident === undefined || !isOpen(incident) || incident.flags.includes(flag) === isSet) return null;
    const flags = isSet ? [...incident.flags, flag] : incident.flags.filter((one) => one !== flag);
    return this.#write({ ...incident, flags }, 'updated', now, 'flagged', isSet ? `${flag}: set` : `${flag}: cleared`);
  }

  /** People have flagged answers since it began: it may be a serious one. */
  suspect(id: string, flags: Flags, now: Millis): Written | null {
    const incident = this.#incidents.get(id);
    if (incident === undefined || !isOpen(incident)) return null;
    const suspicion = suspicionOf(incident, flags);
    if (suspicion === null) return null;
    const suspect = { ...incident, flags: [...incident.flags, 'serious_candidate' as const] };
    return this.#write(suspect, 'updated', now, 'flagged', `serious_candidate: set, because ${suspicion}`);
  }

  /** What could not be said when it opened, because too little had been seen: the guilty slices, with the changes and traces. */
  explain(id: string, findings: Findings, now: Millis): Written | null {
    const incident = this.#incidents.get(id);
    if (incident === undefined || findings.slices.length === 0) return null;
    const { slices, changes, traces } = findings;
    const explained = { ...incident, slices, traces, changes: changes.length > 0 ? changes : incident.changes };
    return this.#write(explained, 'updated', now, 'updated', `worst in ${slices[0]!.name}`);
  }

  /** A person resolved it, and an hour later it is still broken: opened again, once. */
  reopenStillBroken(id: string, now: Millis): Written | null {
    const incident = this.#incidents.get(id);
    if (incident?.state !== 'resolved' || incident.resolvedAt === null) return null;
    if (!isResolvedByPerson(incident) || now - incident.resolvedAt < REOPEN_MINUTES * 60_000) return null;
    if (wasReopenedAfterPerson(incident)) return null;
    const done = move(
      incident,
      { type: 'reopen', reason: 'an hour after it was resolved the promise is still broken' },
      SYSTEM,
      now,
    );
    return done.illegal ? null : this.#finish(done.incident, done.transition);
  }

  /** Closes what has been resolved for a week, and forgets what has been closed for a day. */
  closeOld(now: Millis): Written[] {
    const written: Written[] = [];
    for (const incident of [...this.#incidents.values()]) {
      if (incident.closedAt !== null && now - incident.closedAt > FORGET_AFTER_MS) this.#incidents.delete(incident.id);
      if (incident.state !== 'resolved' || incident.resolvedAt === null) continue;
      if (now - Math.max(incident.resolvedAt, incident.openedAt) < CLOSE_AFTER_MS) continue;
      // Nobody has decided yet whether it is one: it must not fall into oblivion.
      if (isSeriousCandidate(incident) && incident.classifiedBy === null) continue;
      const done = move(incident, { type: 'close' }, SYSTEM, now);
      if (!done.illegal) written.push(this.#finish(done.incident, done.transition));
    }
    return written;
  }

  #of(episode: Episode): Incident | null {
    return (episode.incident === null ? undefined : this.#incidents.get(episode.incident)) ?? null;
  }

  #breachOf(objective: Objective, episode: Episode, { evidence, signs }: Findings): Breach {
    return {
      objective: objective.name,
      kind: objective.kind,
      category: filedUnder(objective, signs, this.incidents),
      startedAt: millisOfMinute(episode.onset),
      detectedAt: millisOfMinute(episode.alarm + 1) + this.#graceMs,
      recoveredAt: null,
      evidence,
    };
  }

  /** The incident that a new alarm soon after an automatic resolve belongs to. */
  #reopened(previous: Episode | null, episode: Episode): Incident | null {
    const incident = previous === null ? null : this.#of(previous);
    if (incident?.state !== 'resolved' || incident.resolvedAt === null || isResolvedByPerson(incident)) return null;
    const since = millisOfMinute(episode.alarm + 1) - incident.resolvedAt;
    return since <= REOPEN_MINUTES * 60_000 ? incident : null;
  }

  /** The other detector of a promise sees its breach too: nothing new, unless it is more urgent. What a person has ended stays ended. */
  #confirm(
    incident: Incident,
    objective: Objective,
    episode: Episode,
    isOver: boolean,
    evidence: Evidence,
    now: Millis,
  ): Written | null {
    if (!isOpen(incident)) return null;
    const urgency = this.#urgency(objective.category, objective, episode);
    const confirmed = { ...incident, ...moreUrgent(incident, urgency, isOver) };
    const { slice } = evidence;
    const whose =
      slice === undefined
        ? `the ${evidence.detector.name.replaceAll('_', ' ')} detector`
        : `the detector of ${slice.dimension}=${slice.value}`;
    const text = `${whose} sees it too`;
    return this.#write(confirmed, 'updated', now, 'updated', `${objective.name}: ${text}`);
  }

  #reopen(
    incident: Incident,
    objective: Objective,
    episode: Episode,
    breach: Breach,
    isOver: boolean,
    findings: Findings,
    now: Millis,
  ): Written {
    const breaches = replaceBreach(incident.breaches, breach);
    const category = incident.categorySetBy === null ? breaches[0].category : incident.category;
    const { flags, said } = suspected({ ...incident, breaches, category }, findings.signs);
    const urgent = moreUrgent(incident, this.#urgency(breach.category, objective, episode), isOver);
    const reason = `${breach.objective} broke again${keptText(incident, urgent)}${said}`;
    const done = move(incident, { type: 'reopen', reason }, SYSTEM, now);
    if (done.illegal) throw new Error(`${incident.id} can't be reopened from ${done.state}`);
    return this.#finish(
      {
        ...done.incident,
        ...urgent,
        breaches,
        category,
        flags,
        slices: findings.slices.length > 0 ? findings.slices : incident.slices,
        changes: findings.changes.length > 0 ? findings.changes : incident.changes,
      },
      done.transition,
    );
  }

  #join(
    host: Incident,
    objective: Objective,
    episode: Episode,
    breach: Breach,
    isOver: boolean,
    findings: Findings,
    now: Millis,
  ): Written {
    const isAgain = host.breaches.some((known) => known.objective === breach.objective);
    const breaches = replaceBreach(host.breaches, breach);
    const { flags, said } = suspected({ ...host, breaches }, findings.signs);
    const urgent = moreUrgent(host, this.#urgency(breach.category, objective, episode), isOver);
    const joined: Incident = {
      ...host,
      breaches,
      flags,
      startedAt: Math.min(host.startedAt, breach.startedAt),
      ...urgent,
      slices: host.slices.length > 0 ? host.slices : findings.slices,
      changes: host.changes.length > 0 ? host.changes : findings.changes,
    };
    const text = `${breach.objective} is broken ${isAgain ? 'again' : 'too'}${keptText(host, urgent)}${said}`;
    return this.#write(joined, 'updated', now, 'updated', text);
  }

  #open(
    objective: Objective,
    service: ServiceFacts,
    episode: Episode,
    breach: Breach,
    { previous, isOver, related }: Pick<Beginning, 'previous' | 'isOver'> & { related: readonly string[] },
    findings: Findings,
    now: Millis,
  ): Written {
    const id = `INC-${this.#nextNumber++}`;
    const affected = findings.evidence.sinceOnset;
    const impact = impactOf(service, affected === null || affected.n === 0 ? 0 : affected.bad / affected.n);
    const urgency = this.#urgency(breach.category, objective, episode);
    const detectedLate = now - breach.detectedAt > LATE_MS;
    const { isHighRisk: highRisk } = service;
    const none = { ...BLANK, category: breach.category, breaches: [breach], highRisk } as const;
    const { flags, said } = suspected(none, findings.signs);
    const facts: IncidentFacts = {
      id,
      state: 'new',
      ...BLANK,
      category: breach.category,
      ...weighed({ impact, urgency, ...(detectedLate && isOver && { lowered: true }) }, null),
      service: objective.service,
      environment: objective.environment,
      supportGroup: service.supportGroup,
      highRisk,
      breaches: [breach],
      startedAt: breach.startedAt,
      detectedAt: breach.detectedAt,
      openedAt: now,
      detectedLate,
      flags,
      slices: findings.slices,
      changes: findings.changes,
      traces: findings.traces,
      timeline: [{ at: now, by: SYSTEM, event: 'opened', text: `${objective.name} is broken${said}` }],
      recurrenceOf: previous?.incident ?? null,
      related,
      links: service.links,
    };
    const incident = { ...facts, ...describeIncident(facts) };
    this.#incidents.set(id, incident);
    return { incident, transition: 'opened' };
  }

  #urgency(category: string, objective: Objective, { paged, detector, tiers }: Episode): 1 | 2 | 3 {
    const { kind } = objective;
    const by = detector === 'burn_rate' || detector === 'drift' ? detector : 'sequential';
    const urgency = urgencyOf({ category, kind, page: paged !== null, by, tiers });
    return urgency === 3 && kind === 'XLA' && isBesideSlo(objective, this.incidents) ? 2 : urgency;
  }

  /** @param at  when it was over, event time */
  #resolve(incident: Incident, code: CloseCode, notes: string, at: Millis, now: Millis): Written | null {
    const done = move(incident, { type: 'resolve', code, notes }, SYSTEM, now);
    return done.illegal ? null : this.#finish({ ...done.incident, resolvedAt: at }, done.transition);
  }

  /** What may be a serious incident is ended by a person. */
  #leaveToPerson(incident: Incident, text: string, now: Millis, event: 'updated' | 'flagged' = 'updated'): Written {
    const said = `${text}; as it may be a serious incident a person has to resolve it`;
    return this.#write(incident, 'updated', now, event, said);
  }

  #mark(incident: Incident, episode: Episode, recoveredAt: Millis | null): Incident {
    const [first, ...rest] = incident.breaches.map((breach) =>
      breach.objective === episode.objective ? { ...breach, recoveredAt } : breach,
    );
    return { ...incident, breaches: [first!, ...rest] };
  }

  #write(
    incident: Incident,
    transition: Transition,
    now: Millis,
    event: Incident['timeline'][number]['event'],
    text: string,
  ): Written {
    return this.#finish(
      { ...incident, timeline: [...incident.timeline, { at: logTime(incident, now), by: SYSTEM, event, text }] },
      transition,
    );
  }

  /** Words that follow the facts, and the record put away. */
  #finish(incident: Incident, transition: Transition | null): Written {
    const worded = reworded(incident);
    this.#incidents.set(worded.id, worded);
    return { incident: worded, transition };
  }
}

/** What a breach is filed under: as its objective says, else by what the evidence and people's experience say. */
function filedUnder(objective: Objective, signs: Signs | null | undefined, incidents: readonly Incident[]): string {
  const category = categoryOf(objective, signs ?? null);
  return objective.isFiled === true ? category : felt({ ...objective, category }, incidents);
}

/** What late data make of it. Whether it was an experience that lacks depended on what else was broken then: that stays. */
function refiled(objective: Objective, known: string, signs: Signs | null): string {
  const category = categoryOf(objective, signs);
  return objective.isFiled !== true && felt({ ...objective, category }, []) === known ? known : category;
}

const isSeriousCandidate = ({ flags }: Pick<Incident, 'flags'>): boolean => flags.includes('serious_candidate');

/** Why it may be a serious one, where that is news. */
const suspicionOf = (incident: Suspicious, flags?: Flags): string | null =>
  isUnsuspected(incident) ? seriousBecause(incident, flags) : null;

type Suspicious = Pick<Incident, 'category' | 'breaches' | 'highRisk' | 'flags' | 'classifiedBy'>;

function suspected(incident: Suspicious, signs: Signs | null): { flags: Incident['flags']; said: string } {
  const suspicion = suspicionOf(incident, signs?.flags);
  if (suspicion === null) return { flags: incident.flags, said: '' };
  return { flags: [...incident.flags, 'serious_candidate'], said: `; it may be a serious incident: ${suspicion}` };
}

/**
 * A breach weighs on its incident by its urgency; what a person has said stands.
 * @param isOver  it was over before it was found: what is lowered because all of it was stays so
 */
function moreUrgent(incident: Incident, urgency: Weight, isOver: boolean) {
  const { reckoned, override } = incident;
  const weight = weighed(
    {
      impact: reckoned.impact,
      urgency: Math.min(reckoned.urgency, urgency) as Weight,
      ...(isOver && reckoned.lowered && { lowered: true }),
    },
    override,
  );
  return { ...weight, suppressedBy: heardAnew(incident, weight.priority) };
}

/** Of what somebody has said the priority, where nothing changes it. */
const keptText = ({ override, priority }: Incident, { priority: now }: Pick<Incident, 'priority'>): string =>
  override === null || now !== priority
    ? ''
    : `; P${priority} is kept, as ${override.by.name ?? override.by.id} has set it`;

const CLOSED = { state: 'closed' } as const;

const isResolvedByPerson = ({ timeline }: Incident): boolean =>
  timeline.findLast((entry) => entry.event === 'resolved')?.by.kind !== 'system';

/** Whether Plimsoll has opened it again after a person had resolved it, since it last recovered by itself. */
function wasReopenedAfterPerson({ timeline }: Incident): boolean {
  let byPerson = false;
  let reopened = false;
  for (const { event, by } of timeline) {
    if (event === 'resolved') byPerson = by.kind !== 'system';
    if (event === 'resolved' && !byPerson) reopened = false;
    if (event === 'reopened' && by.kind === 'system' && byPerson) reopened = true;
  }
  return reopened;
}

/** One breach an objective: the newest. */
function replaceBreach(breaches: Incident['breaches'], breach: Breach): Incident['breaches'] {
  const others = breaches.filter((one) => one.objective !== breach.objective);
  const known = breaches.findIndex((one) => one.objective === breach.objective);
  if (known === 0) return [breach, ...others];
  const [first, ...rest] = others;
  return [first!, ...rest, breach];
}

/** Later minutes last; of one minute ends before beginnings, then by objective, detector and alarm: the same order on every replay. */
export function inEventOrder(changes: readonly { change: EpisodeChange; objective: string }[]): typeof changes {
  const rank = { merged: 0, withdrawn: 0, ended: 1, moved: 2, resumed: 3, began: 4, paged: 5, faster: 5 } as const;
  return [...changes].sort(
    (a, b) =>
      a.change.minute - b.change.minute ||
      rank[a.change.type] - rank[b.change.type] ||
      byText(a.objective, b.objective) ||
      byText(a.change.episode.detector, b.change.episode.detector) ||
      a.change.episode.alarm - b.change.episode.alarm,
  );
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
