import type { Listener } from '../../incidents/audience.ts';
import { repeated } from '../../incidents/repeated.ts';
import { consequenceOf, type Report } from '../../incidents/reported.ts';
import type { Incident } from '../../model/incident.ts';
import { isOpen, SYSTEM } from '../../model/incident.ts';
import type { Act } from '../../model/remote-act.ts';
import type { Millis } from '../../model/time.ts';
import type { Inbound, RemoteEvent } from '../../sinks/inbound.ts';
import type { Statement } from '../../store/items.ts';
import { keepRemote, type Settled, type Standing, settleEvent, standingOf, toldTo } from '../../store/records/inbox.ts';
import { type IncidentDesk, incidentNow, type Step, writeSteps } from '../incidents/apply.ts';
import type { Caretaker } from '../incidents/caretaker.ts';
import { actorOf } from './actor.ts';
import { type DeploymentDesk, takeDeployment } from './deployments.ts';
import { type StandingDesk, takeStanding } from './standings.ts';

/** A destination that reports back, under the operator's name for it. */
export interface Reporter {
  readonly name: string;
  // biome-ignore lint/suspicious/noExplicitAny: each has options of its own, and what is done here needs none of them
  readonly inbound: Inbound<any>;
}

/** What incidents are changed with. */
export interface InboundDesk extends IncidentDesk, DeploymentDesk, StandingDesk {
  /** Begins the timers and the escalation of a new record. */
  readonly caretaker: Pick<Caretaker, 'opened'>;
}

export interface Received {
  readonly row: number;
  readonly receivedAt: Millis;
  readonly event: RemoteEvent;
}

/** What is under way to a tool is waited for so long, before how things stand there is taken for what people have done. */
export const UNDER_WAY_MAX: Millis = 10 * 60_000;

/**
 * Does to incidents what an event tells, and settles it, as one transaction; the caller is alone while it runs.
 * @returns `later` while a message is under way to a ticket that says how it stands: its traces can't be told from those of people
 */
export async function carryOut(
  desk: InboundDesk,
  reporter: Reporter,
  { row, receivedAt, event }: Received,
): Promise<Settled | 'later'> {
  const now = desk.now();
  if (event.deployed !== undefined)
    return takeDeployment(desk, {
      row,
      sink: reporter.name,
      by: actorOf(reporter.name, event),
      deployed: event.deployed,
    });
  if (event.standing !== undefined && 'externalRefs' in event.about)
    return takeStanding(desk, {
      row,
      sink: reporter.name,
      references: event.about.externalRefs,
      standing: event.standing,
    });
  const meant = await incidentsMeant(desk, reporter, event);
  const putBack = desk.book.remember();
  const steps: Step[] = [];
  const also: Statement[] = [];
  for (const incident of meant) {
    const standing = await standingOf(desk.records, reporter.name, incident.id);
    // What is under way will leave behind what this is compared with, or added to.
    const hasToWait = event.shows !== undefined && (reporter.inbound.compare !== undefined || standing.kept === null);
    if (standing.isUnderWay && hasToWait && now - receivedAt < UNDER_WAY_MAX) return 'later';
    const isOld = event.at !== null && standing.toldAt !== null && event.at < standing.toldAt;
    const taken = stepsOf(desk, reporter, incident, event, { standing, isOld, now });
    steps.push(...taken);
    also.push(...absorbed(desk, reporter, event, standing, isOld));
  }
  const settled: Settled = meant.length === 0 ? 'unknown' : steps.length === 0 ? 'nothing' : 'done';
  also.push(settleEvent(desk.records, row, settled, now));
  await writeSteps(desk, steps, also).catch((error) => {
    putBack();
    throw error;
  });
  return settled;
}

async function incidentsMeant(desk: InboundDesk, reporter: Reporter, { about }: RemoteEvent): Promise<Incident[]> {
  if ('service' in about) {
    const { service, objective, environment } = about;
    return desk.book.incidents.filter(
      (incident) =>
        isOpen(incident) &&
        incident.service === service &&
        (environment === null || incident.environment === null || incident.environment === environment) &&
        (objective === null || incident.breaches.some((breach) => breach.objective === objective)),
    );
  }
  if ('deployment' in about || 'externalRefs' in about) return [];
  const id = 'incident' in about ? about.incident : await calledThere(desk, reporter, about.remoteId);
  const incident = id === null ? null : await incidentNow(desk, id);
  return incident === null ? [] : [incident];
}

async function calledThere(desk: InboundDesk, { name, inbound }: Reporter, id: string): Promise<string | null> {
  const told = await toldTo(desk.records, name);
  const idIn = inbound.idIn ?? (({ id: kept }) => kept ?? null);
  return told.find(({ remote }) => idIn(remote) === id)?.incident.id ?? null;
}

interface Now {
  readonly standing: Standing;
  readonly isOld: boolean;
  readonly now: Millis;
}

function stepsOf(desk: InboundDesk, reporter: Reporter, incident: Incident, event: RemoteEvent, at: Now): Step[] {
  const { name, inbound } = reporter;
  const report: Report = { sink: name, tool: `${inbound.tool} (${name})`, by: actorOf(name, event), at: event.at };
  const remote = at.standing.kept?.remote ?? null;
  const shown =
    event.shows === undefined || inbound.compare === undefined || remote === null
      ? []
      : inbound.compare(event.shows, remote);
  const steps: Step[] = [];
  let current = incident;
  for (const act of [...shown, ...event.acts] satisfies Act[]) {
    const consequence = consequenceOf(current, act, report, at.now);
    if (consequence.kind === 'nothing') continue;
    if (consequence.kind === 'repeat') {
      steps.push(...repeatOf(desk, current, consequence.reason, report, at.now));
      break;
    }
    if (consequence.kind === 'reassessed') {
      current = consequence.incident;
      steps.push({ moved: consequence, by: SYSTEM, listeners: desk.listeners });
      continue;
    }
    const { moved, by, remake } = consequence;
    current = moved.incident;
    steps.push({ moved, by, listeners: hearing(desk.listeners, reporter, remake === true, at) });
  }
  return steps;
}

/**
 * Who is told. The tool that it comes from knows already, unless something older is still on its way there, or has arrived after it
 * happened: then how things stand has to be said last.
 */
function hearing(
  listeners: readonly Listener[],
  { name, inbound }: Reporter,
  isRemade: boolean,
  { standing, isOld }: Now,
): readonly Listener[] {
  if (isRemade) return listeners.filter((listener) => listener.name === name);
  if (inbound.hearsItself || standing.isBehind || isOld) return listeners;
  return listeners.filter((listener) => listener.name !== name);
}

/** One that is closed is opened again by a new record, once. */
function repeatOf(desk: InboundDesk, before: Incident, reason: string, { by }: Report, now: Millis): Step[] {
  if (desk.book.incidents.some((one) => isOpen(one) && one.recurrenceOf === before.id)) return [];
  const incident = desk.book.take((id) => repeated(before, id, reason, by, now));
  const opened = desk.caretaker.opened({ incident, transition: 'opened' }, now);
  return [{ moved: opened, by, listeners: desk.listeners }];
}

function absorbed(
  desk: InboundDesk,
  { inbound }: Reporter,
  event: RemoteEvent,
  { kept }: Standing,
  isOld: boolean,
): Statement[] {
  if (inbound.absorb === undefined || event.shows === undefined || kept === null || isOld) return [];
  const remote = inbound.absorb(kept.remote, event);
  return JSON.stringify(remote) === JSON.stringify(kept.remote) ? [] : [keepRemote(desk.records, kept.row, remote)];
}
