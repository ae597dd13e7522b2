import { durationText } from '../../model/duration-text.ts';
import type { Incident } from '../../model/incident.ts';
import { iso, MINUTE_MS, millisOfMinute } from '../../model/time.ts';
import { detectorClockOf, type Objective } from '../../objectives/objective.ts';
import { LABEL_CLOCK } from '../../tally/book.ts';
import { lengthText } from '../cli/detection.ts';
import { eventPartText } from '../cli/detection-text.ts';
import { columns, countOf, minuteText, momentText, percentText, timesText, wrapped } from '../cli/words.ts';
import type { Seen, Why } from './why.ts';

/** Columns that a line may take. */
const WIDTH = 98;
/** Evidence below this comes and goes where nothing is wrong. */
const QUIET_EVIDENCE = 0.5;

export interface WhyContext {
  /** Names of the destinations that are told of incidents. */
  readonly sinks: readonly string[];
  readonly graceMs: number;
}

/** The answer to "why did it not page?", for people. */
export function whyText(why: Why, context: WhyContext): string[] {
  const { objective, minute } = why;
  const environment = objective.environment === null ? '' : ` in ${objective.environment}`;
  const target = objective.target === null ? '' : `, ${objective.target}`;
  const head = `${objective.name}: ${objective.measure} of ${objective.service}${environment}${target}; as of ${minuteText(minute + 1)} UTC`;
  if (objective.judgedBy === 'report')
    return [head, ...wrapped(reportedText(why), WIDTH - 2).map((line) => `  ${line}`)];
  const sentences = [
    verdictText(why),
    ...judgedText(why, context),
    ...silenceText(why),
    ...baselineSentence(why),
    ...evidenceText(why),
    ...(objective.sequential === null || why.isBreached ? [] : eventPartText(why.eventPart)),
    ...hiddenText(why),
    ...incidentText(why, context),
  ];
  return [
    head,
    ...sentences.flatMap((sentence) => wrapped(sentence, WIDTH - 2)).map((line) => `  ${line}`),
    ...countsTable(why).map((line) => `    ${line}`),
    ...tiersTable(why).map((line) => `    ${line}`),
  ];
}

const reportedText = ({ objective: { incidentsBy } }: Why): string =>
  `It is reported only, and never breached: ${incidentsBy === null ? 'it opens no incidents' : `incidents are opened by ${incidentsBy}; ask about those`}.`;

const baselineSentence = ({ baseline }: Why): string[] =>
  baseline === null ? [] : [`Nothing can be found yet: ${baseline}.`];

function verdictText({ isBreached, isJudged, evidence, tiers, lastDay }: Why): string {
  const judged = isJudged ? '' : ' Nobody had judged it then, as it is now: this is what would have been seen.';
  if (isBreached) return `It was breached.${judged}`;
  if (lastDay.n === 0) return `It was not breached: nothing was counted in the day before.${judged}`;
  if (evidence === null)
    return `It was not breached: ${tiers.length === 0 ? 'nothing watches it' : 'no burn-rate tier fired in both its windows'}.${judged}`;
  const page = evidence.page === null ? '' : `; of the page detector ${percentText(evidence.page)}`;
  const usual = evidence.now < QUIET_EVIDENCE ? ' Below half is any quiet day.' : '';
  return `It was not breached: the evidence had come ${percentText(evidence.now)} of the way to an alarm${page}.${usual}${judged}`;
}

function judgedText({ asked, minute, objective }: Why, { graceMs }: WhyContext): string[] {
  const late =
    detectorClockOf(objective) === LABEL_CLOCK
      ? ['Its minutes are those in which scores, labels and feedback came, not those of the interactions.']
      : [];
  return asked > minute
    ? [
        `${minuteText(asked)} is not judged yet: a minute is judged ${durationText(graceMs)} after its end (judge.grace). This is the newest that could be.`,
        ...late,
      ]
    : late;
}

function silenceText({ lastSeen, minute, lastHour, isStale, lastDay }: Why): string[] {
  if (lastDay.n === 0) return [];
  const stale = isStale ? ' The verdict is the last known one (stale): silence resolves nothing.' : '';
  if (lastSeen !== null && lastHour.n === 0)
    return [
      `Nothing was counted for ${durationText((minute - lastSeen) * MINUTE_MS)}: silence is no evidence.${stale}`,
    ];
  const silent = lastHour.minutes - lastHour.nonEmpty;
  return silent === 0 ? [] : [`${countOf(silent, 'minute')} of the last hour had no events: these change nothing.`];
}

function evidenceText({ evidence, isBreached, lastMinutes, lastHour, objective }: Why): string[] {
  if (evidence === null || isBreached) return [];
  const { peak, peakMinute, minutesMissing, worstMinutes, now } = evidence;
  const lines: string[] = [];
  if (peak > now + 0.01)
    lines.push(`The most in the day before was ${percentText(peak)}, at ${minuteText(peakMinute)}.`);
  const worst = worstMinutes === lastMinutes.minutes ? lastMinutes : lastHour;
  const what = worst === lastMinutes ? `the last ${worstMinutes} minutes` : 'the last hour';
  if (worst.burn === null) return lines;
  if (worst.burn <= 1)
    lines.push(
      `What was missing: ${objective.judgedBy === 'scores' ? 'low scores' : 'bad events'}. In ${what} ${percentText(worst.bad / worst.n)} ${objective.judgedBy === 'scores' ? 'was lost' : 'were bad'}, ${percentText(objective.q0!)} may be.`,
    );
  else if (minutesMissing === null)
    lines.push(`What was missing: so little more than is allowed was bad in ${what} that it would never be found.`);
  else
    lines.push(
      `What was missing: time. If ${what} ${worst === lastMinutes ? 'go' : 'goes'} on (${timesText(worst.burn)} what is allowed), the alarm comes in about ${lengthText(minutesMissing)}.`,
    );
  return lines;
}

const hiddenText = ({ lastDay }: Why): string[] =>
  lastDay.hidden === 0
    ? []
    : [
        `Of the last day's interactions ${countOf(lastDay.hidden, 'failure', 'failures')} would not have been seen: their instrumentation sends nothing of a failed call.`,
      ];

function incidentText(
  { incident, objective, deliveries, isBreached, minute }: Why,
  { sinks, graceMs }: WhyContext,
): string[] {
  if (incident === null) return isBreached ? ['No incident is on record for it.'] : [];
  const isHost = incident.breaches[0].objective === objective.name;
  const lines = [
    `${incident.id} (${incident.state.replaceAll('_', ' ')}, P${incident.priority}) is of that time: began ${momentText(incident.startedAt)}, found ${momentText(incident.detectedAt)}, opened ${momentText(incident.openedAt)}.`,
  ];
  const mine = incident.breaches.find((breach) => breach.objective === objective.name)!;
  if (mine.detectedAt > millisOfMinute(minute + 1) + graceMs)
    lines.push(
      `At the time asked about it had not been found yet: this objective's breach was found ${momentText(mine.detectedAt)}.`,
    );
  if (!isHost)
    lines.push(
      `It was opened by ${incident.breaches[0].objective}; this objective joined it, so that nobody was told of a second one.`,
    );
  lines.push(...stateText(incident), ...pageText(incident, objective));
  if (sinks.length === 0) lines.push('No sink is configured: nobody is told of incidents.');
  for (const { sink, transition, state, attempts, error } of deliveries)
    lines.push(
      `${sink}: ${transition} ${state}${attempts > 0 ? ` after ${countOf(attempts, 'attempt')}` : ''}${error === null ? '' : ` (${error})`}.`,
    );
  return lines;
}

function stateText({ state, closeCode, timeline, flags }: Incident): string[] {
  const last = timeline.findLast((entry) => entry.event === 'resolved' || entry.event === 'cancelled');
  const lines: string[] = [];
  if (state === 'cancelled') lines.push('A person cancelled it: it stays that, whatever comes.');
  if (state === 'on_hold') lines.push('It is on hold.');
  if (state === 'resolved' && last?.by.kind !== 'system')
    lines.push('A person resolved it: for 60 minutes it is left alone, then it is opened again once if still broken.');
  if (closeCode === 'no_resolution') lines.push('Its objective has changed since: it is no longer watched as it was.');
  if (flags.includes('evidence_withdrawn')) lines.push('Data that came later took the evidence back.');
  return lines;
}

function pageText({ urgency, priority }: Incident, { judgedBy, sequential }: Objective): string[] {
  if (urgency === 1) return [`It wakes people, where a sink does: it is of the highest urgency (P${priority}).`];
  if (judgedBy === 'drift') return [`It wakes nobody: drift never does (P${priority}).`];
  return [
    sequential?.page === null
      ? `It wakes nobody: alert.page is false (P${priority}).`
      : `It wakes nobody: the page detector, which needs evidence for three times what is allowed, had no alarm (P${priority}).`,
  ];
}

function countsTable({ objective, lastMinutes, lastHour, lastDay }: Why): string[] {
  const isDrift = objective.judgedBy === 'drift';
  const row = (name: string, { n, bad, burn, nonEmpty, minutes }: Seen): string[] => [
    name,
    n.toLocaleString('en-GB'),
    isDrift ? '-' : bad.toLocaleString('en-GB'),
    burn === null ? '-' : timesText(burn),
    `${nonEmpty} of ${minutes}`,
  ];
  return columns([
    [
      'what the detector saw',
      'events',
      objective.judgedBy === 'scores' ? 'lost' : 'bad',
      'burn',
      'minutes with events',
    ],
    row('last 5 minutes', lastMinutes),
    row('last hour', lastHour),
    row('last day', lastDay),
  ]);
}

function tiersTable({ tiers }: Why): string[] {
  if (tiers.length === 0) return [];
  const burn = (value: number | null): string => (value === null ? '-' : timesText(value));
  return columns([
    ['burn-rate tier', 'fires above', 'long window', 'short window'],
    ...tiers.map(({ tier, longMinutes, shortMinutes, threshold, long, short }) => [
      String(tier),
      timesText(threshold),
      `${burn(long)} in ${longMinutes} min`,
      `${burn(short)} in ${shortMinutes} min`,
    ]),
  ]);
}

/** The same for programs. */
export const whyJson = ({
  objective,
  asked,
  minute,
  incident,
  lastSeen,
  evidence,
  ...rest
}: Why): Record<string, unknown> => ({
  objective: objective.name,
  service: objective.service,
  environment: objective.environment,
  askedAt: iso(millisOfMinute(asked)),
  judgedThrough: iso(millisOfMinute(minute + 1)),
  lastEventIn: lastSeen === null ? null : iso(millisOfMinute(lastSeen)),
  evidence: evidence === null ? null : { ...evidence, peakMinute: iso(millisOfMinute(evidence.peakMinute)) },
  ...rest,
  incident:
    incident === null
      ? null
      : { id: incident.id, state: incident.state, priority: incident.priority, urgency: incident.urgency },
});
