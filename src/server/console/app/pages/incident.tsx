import { plainText } from '../../../../model/plain-text.ts';
import type { IncidentDetailJson } from '../api.ts';
import {
  categoryText,
  durationText,
  localText,
  periodText,
  priorityText,
  weightText,
  wordsOf,
} from '../logic/format.ts';
import { INCIDENTS, outsideLink, placeOfIncident, placeOfProblem, placeOfService } from '../logic/places.ts';
import { incidentSentence, suspicionSentence, type TimeWords } from '../logic/sentence.ts';
import { calledBy } from '../logic/sign-in.ts';
import { Actions } from '../parts/actions.tsx';
import { BreachEvidence } from '../parts/breach-evidence.tsx';
import { Deliveries } from '../parts/deliveries.tsx';
import { Escalation } from '../parts/escalation.tsx';
import { Fact } from '../parts/fact.tsx';
import { GuiltySlices } from '../parts/guilty-slices.tsx';
import { Priority } from '../parts/incident-line.tsx';
import { Failure, Waiting } from '../parts/notice.tsx';
import { useNow } from '../parts/now.ts';
import { elsewhere, OutsideLink } from '../parts/outside-link.tsx';
import { Suppressed } from '../parts/suppressed.tsx';
import { BothTimes } from '../parts/time.tsx';
import { Changes, Timeline } from '../parts/timeline.tsx';
import { Timers } from '../parts/timers.tsx';
import { Traces } from '../parts/traces.tsx';
import { Link, useTitle } from '../router.tsx';
import { useResource } from '../use-resource.ts';

/** One incident: what, since when, how sure, where, what changed, what to do, who knows. */
export function IncidentPage({ id }: { id: string }) {
  const { data, error } = useResource<IncidentDetailJson>(`/incidents/${encodeURIComponent(id)}`);
  useTitle(data === null ? id : `${id} ${data.service}`);
  if (data === null)
    return <div class="page">{error === null ? <Waiting what={id} /> : <Failure error={error} what={id} />}</div>;
  return <Incident incident={data} error={error} />;
}

function Incident({ incident, error }: { incident: IncidentDetailJson; error: Error | null }) {
  const now = useNow();
  const times: TimeWords = {
    moment: (at) => localText(at, now),
    period: (from, to) => periodText(from, to, now),
  };
  const suspicion = suspicionSentence(incident, times);
  return (
    <article class="page incident">
      {error !== null && <Failure error={error} what={`News of ${incident.id}`} />}
      <header class="incident-head">
        <p class="crumbs">
          <Link to={INCIDENTS}>Incidents</Link> <span aria-hidden="true">/</span> {incident.id}
        </p>
        <p class="badges">
          <Priority priority={incident.priority} />
          <span class={`state ${incident.state}`}>{wordsOf(incident.state)}</span>
          {incident.hold !== null && <span class="state">{wordsOf(incident.hold.reason)}</span>}
          {incident.flags.map((flag) => (
            <span key={flag} class="flag">
              {FLAGS[flag] ?? wordsOf(flag)}
            </span>
          ))}
        </p>
        <h1>{incidentSentence(incident, times)}</h1>
        {suspicion !== null && <p class="lead">{suspicion}</p>}
        <Suppressed incident={incident} />
      </header>
      <div class="columns with-actions">
        <Actions incident={incident} />
        <div class="main-column">
          {incident.advice.length > 0 && <Advice incident={incident} />}
          <section aria-labelledby="evidence">
            <h2 id="evidence">Evidence</h2>
            {incident.breaches.map((breach) => (
              <BreachEvidence key={breach.objective} breach={breach} incident={incident} />
            ))}
          </section>
          <GuiltySlices slices={incident.slices} />
          <Changes incident={incident} />
          <Traces traces={incident.traces} template={incident.links.trace} />
          <Timeline entries={incident.timeline} />
        </div>
        <div class="side-column">
          <Facts incident={incident} />
          <Times incident={incident} />
          <Timers timers={incident.timers} />
          <Escalation escalation={incident.escalation} />
          <Deliveries deliveries={incident.deliveries} />
        </div>
      </div>
    </article>
  );
}

const FLAGS: Readonly<Record<string, string>> = {
  stale: 'no traffic for an hour: last known state',
  evidence_withdrawn: 'late data took the breach back',
  flapping: 'comes and goes',
  problem_proposed: 'the cause should be looked for',
  serious_candidate: 'may be a serious incident: a named person decides',
};

/** Addresses in advice are links; the rest is text. */
function Advice({ incident }: { incident: IncidentDetailJson }) {
  return (
    <section class="advice" aria-labelledby="advice">
      <h2 id="advice">What to do first</h2>
      <ol>
        {incident.advice.map((step) => {
          const [before, address] = splitAddress(step);
          return (
            <li key={step}>
              {before}
              {address !== null && <OutsideLink to={address}>{address}</OutsideLink>}
            </li>
          );
        })}
      </ol>
    </section>
  );
}

function splitAddress(step: string): [string, string | null] {
  const at = step.search(/https?:\/\/\S+$/);
  const address = at < 0 ? null : outsideLink(step.slice(at));
  return address === null ? [step, null] : [step.slice(0, at), address];
}

function Facts({ incident }: { incident: IncidentDetailJson }) {
  const { links } = incident;
  const toIncident = (id: string | null) => (id === null ? null : <Link to={placeOfIncident(id)}>{id}</Link>);
  const toIncidents = (ids: readonly string[]) =>
    ids.length === 0 ? null : ids.map((id, i) => [i > 0 && ', ', toIncident(id)]);
  return (
    <section aria-labelledby="facts">
      <h2 id="facts">Record</h2>
      <dl class="facts">
        <Fact name="Service">
          <Link to={placeOfService(incident.service, incident.environment)}>{incident.service}</Link>
          {incident.environment !== null && <span class="terms">{incident.environment}</span>}
        </Fact>
        <Fact name="Priority">
          P{incident.priority}, {priorityText(incident.priority)}
          <span class="terms">
            {`impact ${incident.impact} (${weightText(incident.impact)}), urgency ${incident.urgency} (${weightText(incident.urgency)})`}
          </span>
          <DecidedBy decision={incident.override} />
        </Fact>
        <Fact name="Category">
          {categoryText(incident.category)} <code class="terms">{incident.category}</code>
          <DecidedBy decision={incident.categorySetBy} />
        </Fact>
        <Fact name="Harm">
          {incident.harm === null ? null : (
            <>
              {wordsOf(incident.harm)}
              <span class="terms">{articleText(incident.art349)}</span>
              <DecidedBy decision={incident.classifiedBy} />
            </>
          )}
        </Fact>
        <Fact name="Support group">{incident.supportGroup ?? 'none named'}</Fact>
        <Fact name="Assigned to">{incident.assignedTo ?? 'nobody yet'}</Fact>
        <Fact name="Happened before">{toIncident(incident.recurrenceOf)}</Fact>
        <Fact name="Follows from">{toIncident(incident.parent)}</Fact>
        <Fact name="Followed by">{toIncidents(incident.children.map((child) => child.id))}</Fact>
        <Fact name="Same cause">{toIncidents(incident.related)}</Fact>
        <Fact name="Problem">
          {incident.problem === null ? null : <Link to={placeOfProblem(incident.problem)}>{incident.problem}</Link>}
        </Fact>
        <Fact name="Closed as">{incident.closeCode === null ? null : wordsOf(incident.closeCode)}</Fact>
        <Fact name="Elsewhere">{elsewhere(links)}</Fact>
      </dl>
    </section>
  );
}

/** Who has decided it, and why; nothing where rules have. */
function DecidedBy({ decision }: { decision: IncidentDetailJson['categorySetBy'] }) {
  if (decision === null) return null;
  return (
    <span class="terms">
      set by {calledBy(decision.by)}: {plainText(decision.reason)}
    </span>
  );
}

const articleText = (point: IncidentDetailJson['art349']): string =>
  point === null || point === 'none' ? 'none of Art. 3(49) of the AI Act' : `Art. 3(49)(${point}) of the AI Act`;

/** Each time with what it took to get there. */
function Times({ incident }: { incident: IncidentDetailJson }) {
  const started = Date.parse(incident.startedAt);
  const opened = Date.parse(incident.openedAt);
  const rows: [string, string | null, string | null][] = [
    ['Began', incident.startedAt, null],
    ['Detected', incident.detectedAt, `${durationText(Date.parse(incident.detectedAt) - started)} after it began`],
    ['Opened', incident.openedAt, incident.detectedLate ? 'late: data came after its minute was judged' : null],
    ['Notified', incident.notifiedAt, null],
    [
      'Acknowledged',
      incident.ackedAt,
      incident.ackedAt === null ? null : `${durationText(Date.parse(incident.ackedAt) - opened)} after it opened`,
    ],
    [
      'Contained',
      incident.mitigatedAt,
      incident.mitigatedAt === null
        ? null
        : `${durationText(Date.parse(incident.mitigatedAt) - started)} after it began`,
    ],
    ['Known as harmful', incident.awareAt, incident.awareBy === null ? null : `to ${calledBy(incident.awareBy)}`],
    [
      'Resolved',
      incident.resolvedAt,
      incident.resolvedAt === null ? null : `${durationText(Date.parse(incident.resolvedAt) - started)} after it began`,
    ],
    ['Closed', incident.closedAt, null],
  ];
  return (
    <section aria-labelledby="times">
      <h2 id="times">Times</h2>
      <dl class="facts">
        {rows.map(
          ([name, at, after]) =>
            at !== null && (
              <Fact key={name} name={name}>
                <BothTimes at={at} />
                {after !== null && <span class="terms">{after}</span>}
              </Fact>
            ),
        )}
      </dl>
    </section>
  );
}
