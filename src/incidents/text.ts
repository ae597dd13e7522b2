import { durationText } from '../model/duration-text.ts';
import {
  binText,
  estimateText,
  evidenceText,
  maturityText,
  measureText,
  missesTarget,
  ratioText,
  targetText,
  timesText,
} from '../model/estimate-text.ts';
import type {
  Breach,
  Budget,
  Evidence,
  EvidenceSlice,
  GuiltySlice,
  Incident,
  SuspectChange,
} from '../model/incident.ts';
import { isAfterOnset } from '../model/onset.ts';
import { plainText } from '../model/plain-text.ts';
import { restoredWithout } from '../model/restored.ts';
import { statisticText } from '../model/statistic-text.ts';
import { iso, type Millis } from '../model/time.ts';
import { firstSteps } from './advice.ts';

/** An incident before it has words. */
export type IncidentFacts = Omit<Incident, 'title' | 'summary' | 'description'>;

export interface IncidentText {
  readonly title: string;
  readonly summary: string;
  readonly description: string;
}

/** ServiceNow's short description is the narrowest place that a title has to fit. */
const TITLE_MAX = 160;
const SUMMARY_MAX = 400;
/** Tools cut a description from its end (Slack at 3,000 characters), so what to do stands before how sure it is. */
const JOINED_MAX = 5;

/**
 * The words for people: what is broken, since when, how bad, where, what changed, what to do first, how sure it is. No text of prompts
 * or answers. The title is what is said when it opens and is kept; summary and description are written anew each time.
 */
export const describeIncident = (incident: IncidentFacts): IncidentText => ({
  title: titleOf(incident),
  summary: summaryOf(incident),
  description: descriptionOf(incident),
});

/** A record whose words follow its facts as they are now. The title is kept. */
export const reworded = (incident: Incident): Incident => ({
  ...incident,
  summary: summaryOf(incident),
  description: descriptionOf(incident),
});

export const titleOf = (incident: IncidentFacts): string =>
  plainText(`${incident.service}: ${evidenceText(incident.breaches[0].evidence)}`, TITLE_MAX);

export function summaryOf(incident: IncidentFacts): string {
  const { evidence } = incident.breaches[0];
  if (incident.state === 'cancelled')
    return plainText(`${incident.service}: cancelled, it was no incident`, SUMMARY_MAX);
  if (incident.resolvedAt !== null) return plainText(resolvedLine(incident, incident.resolvedAt), SUMMARY_MAX);
  const parts = [`${incident.service}: ${evidenceText(evidence)} since ${time(incident.startedAt)}`];
  const guilty = incident.slices[0];
  if (guilty !== undefined) parts.push(`worst in ${plainText(guilty.name)} (${shareText(guilty)})`);
  else if (evidence.slice !== undefined) parts.push(`broken in ${watchedText(evidence.slice)}`);
  const change = incident.changes[0];
  if (change !== undefined) parts.push(`${changeText(change)} at ${time(change.at)}`);
  return plainText(parts.join('; '), SUMMARY_MAX);
}

const resolvedLine = (incident: IncidentFacts, resolvedAt: Millis): string => {
  const name = measureText(incident.breaches[0].evidence.estimate);
  const lasted = durationText(resolvedAt - incident.startedAt);
  return incident.closeCode === 'recovered_automatically'
    ? `${incident.service}: ${name} has recovered, after ${lasted}, at ${time(resolvedAt)}`
    : `${incident.service}: ${name} resolved${incident.closeCode === null ? '' : ` (${incident.closeCode.replaceAll('_', ' ')})`}, after ${lasted}, at ${time(resolvedAt)}${brokenAfter(incident).length === 0 ? '' : '; it was still broken'}`;
};

/** Promises that somebody has left broken: the record is resolved, and they have not recovered. */
const brokenAfter = ({ state, closeCode, breaches }: IncidentFacts): string[] =>
  state === 'resolved' && closeCode !== 'recovered_automatically'
    ? breaches.filter(({ recoveredAt }) => recoveredAt === null).map(({ objective }) => plainText(objective))
    : [];

export function descriptionOf(incident: IncidentFacts): string {
  const [first, ...joined] = incident.breaches;
  const lines = [
    `What ${isOver(incident) ? 'was' : 'is'} broken: ${brokenText(incident, first)}`,
    `Since when: ${sinceText(incident)}`,
    `How bad: ${howBadText(first.evidence, isOver(incident))}`,
  ];
  for (const breach of joined.slice(0, JOINED_MAX))
    lines.push(`Also broken: ${brokenText(incident, breach)} ${evidenceSentence(breach)}`);
  if (joined.length > JOINED_MAX)
    lines.push(`Also broken: ${joined.length - JOINED_MAX} more, all are in the incident.`);
  lines.push(...listed('Where', incident.slices.map(sliceText), 'no part of the traffic stands out.'));
  if (incident.slices.length > 0) lines.push(`  ${associatedText(incident)}`);
  lines.push(...listed('What changed', incident.changes.map(suspectText), 'nothing that we know of.'));
  for (const note of notesOf(incident)) lines.push(`Note: ${note}`);
  if (!isOver(incident))
    lines.push('What to do first:', ...firstSteps(incident).map((step, i) => `  ${i + 1}. ${step}`));
  lines.push(`How sure: ${howSureText(first.evidence)}`);
  return lines.join('\n');
}

const isOver = ({ resolvedAt, state }: IncidentFacts): boolean => resolvedAt !== null || state === 'cancelled';

const listed = (heading: string, items: readonly string[], none: string): string[] =>
  items.length === 0 ? [`${heading}: ${none}`] : [`${heading}:`, ...items.map((item) => `  - ${item}`)];

function brokenText(incident: IncidentFacts, breach: Breach): string {
  const where = incident.environment === null ? '' : ` (${plainText(incident.environment)})`;
  const { estimate, target, direction } = breach.evidence;
  const promise =
    target === null
      ? `${measureText(estimate)} should stay as it was`
      : `${measureText(estimate)} should be at ${direction === 'at_least' ? 'least' : 'most'} ${targetText(estimate.measure, target)}`;
  return `${plainText(incident.service)}${where} ${isOver(incident) ? 'did' : 'does'} not keep its ${breach.kind} ${plainText(breach.objective)}: ${promise}.`;
}

function evidenceSentence(breach: Breach): string {
  const recovered = breach.recoveredAt === null ? '' : ` It recovered at ${time(breach.recoveredAt)}.`;
  return `Seen: ${evidenceText(breach.evidence)}.${recovered}`;
}

function sinceText(incident: IncidentFacts): string {
  const noticed = `noticed ${time(incident.detectedAt)}, ${durationText(incident.detectedAt - incident.startedAt)} later`;
  const end =
    incident.resolvedAt === null
      ? ''
      : ` Resolved ${time(incident.resolvedAt)}, after ${durationText(incident.resolvedAt - incident.startedAt)}.`;
  return `${time(incident.startedAt)}, ${noticed}.${end}`;
}

function howBadText(evidence: Evidence, isOver: boolean): string {
  const { estimate, target, sinceOnset, budget, slice } = evidence;
  const days = durationText(estimate.window.to - estimate.window.from);
  const against = missesTarget(evidence) ? ', which misses the target' : '';
  const parts = [`${measureText(estimate)} ${estimateText(estimate, target)} over ${days}${against}.`];
  if (sinceOnset !== null) {
    const { value, low, high } = sinceOnset.burn;
    const counted =
      sinceOnset.mean === undefined
        ? `${sinceOnset.bad} of ${sinceOnset.n} were bad,`
        : `the mean of ${sinceOnset.n} was ${sinceOnset.mean.toFixed(2)}: it lacks`;
    const allowed =
      sinceOnset.expected === undefined
        ? 'what is allowed'
        : `the ${sinceOnset.expected} that are allowed by now: others are still to come`;
    parts.push(
      `Since it began ${counted} ${timesText(value)} (${ratioText(low)}-${ratioText(high)}) ${allowed} (estimate after selection).`,
    );
  }
  if (evidence.bins !== undefined && evidence.bins.length > 0)
    parts.push(`Most of it: ${evidence.bins.map(binText).join('; ')}.`);
  if (slice !== undefined) parts.push(`It was found in ${watchedText(slice)}.`);
  if (budget !== null) parts.push(budgetText(budget, isOver));
  return parts.join(' ');
}

/** What is left, and until when if it continues as since the onset: nobody knows that it does. */
function budgetText({ consumed, remaining, exhaustedAt, outlook }: Budget, isOver: boolean): string {
  if (remaining <= 0) return `The error budget is spent (${percent(consumed)} of it used).`;
  const left = `${percent(remaining)} of the error budget is left`;
  // What would be if it went on is of no interest when it doesn't.
  if (exhaustedAt === null || isOver) return `${left}.`;
  if (outlook === undefined) return `${left}, until ${time(exhaustedAt)} at this rate.`;
  const { earliest, latest, probability } = outlook;
  const from = earliest === null ? '' : `not before ${time(earliest)}`;
  const to = latest === null ? 'perhaps not at all' : `by ${time(latest)}`;
  const range = [from, to].filter((part) => part !== '').join(', ');
  return `${left}, until ${time(exhaustedAt)} if it continues as since the onset (${range}; the chance that it is spent within the window is ${chance(probability)}).`;
}

/** Never surer than can be said. */
const chance = (probability: number): string =>
  probability > 0.99 ? 'above 99 %' : probability < 0.01 ? 'below 1 %' : `${Math.round(probability * 100)} %`;

function howSureText({ detector, estimate, target }: Evidence): string {
  const parts = [
    `${detector.name.replaceAll('_', ' ')} detector, ${statisticText(detector.statistic)} against a threshold of ${statisticText(detector.threshold)}${detector.guarantee === null ? '' : `; ${detector.guarantee}`}.`,
  ];
  const { n, sampled } = estimate;
  if (sampled !== undefined)
    parts.push(
      `Traces are sampled: the ${n} that were seen stand for about ${Math.round(sampled.represents)}, and tell as much as ${Math.round(sampled.effective)} unsampled ones.`,
    );
  if (estimate.coverage !== null && estimate.coverage < 1)
    parts.push(`${percent(estimate.coverage)} of the traffic could be judged.`);
  const maturity = maturityText(estimate, target);
  if (maturity !== null) parts.push(`${maturity.charAt(0).toUpperCase()}${maturity.slice(1)}.`);
  if (estimate.proxy) parts.push(`The numbers come from ${plainText(estimate.method)}, which stands in for the truth.`);
  return parts.join(' ');
}

const watchedText = ({ dimension, value, n, bad }: EvidenceSlice): string =>
  `${plainText(`${dimension}=${value}`)}, ${bad} of ${n} bad`;

const shareText = (slice: GuiltySlice): string =>
  `${percent(slice.share)} bad, ${slice.baselineShare === null ? 'new' : `${percent(slice.baselineShare)} before`}`;

/** Of ratings that are still coming the share of bad ones is another when all have come. */
const isStillComing = ({ n, bad, share }: GuiltySlice): boolean => n > 0 && Math.abs(share - bad / n) > 0.005;

function sliceText(slice: GuiltySlice): string {
  const come = `${slice.bad} of ${slice.n} bad`;
  const counted = isStillComing(slice)
    ? `${come} so far (when all have come ${shareText(slice)})`
    : `${come} (${shareText(slice)})`;
  return `${plainText(slice.name)}: ${counted}, explains ${percent(slice.explanatoryPower)} of it`;
}

/** Where it is does not say why; and what would be left without the guiltiest part. */
function associatedText(incident: IncidentFacts): string {
  const restored = restoredWithout(incident);
  const text = 'It is associated with this; that this is its cause is not shown.';
  if (restored === null) return text;
  const { withAll, without } = restored;
  return `${text} Without ${plainText(incident.slices[0]!.name)}, ${percent(without)} would have been bad since the onset, not ${percent(withAll)}.`;
}

const changeText = (change: SuspectChange): string => {
  const from = change.before === null ? '' : ` ${plainText(change.before)} ->`;
  const to = change.after === null ? '' : ` ${plainText(change.after)}`;
  return `${plainText(change.type).replaceAll('_', ' ')} changed:${from}${to}`.replace(/:$/, '');
};

const suspectText = (change: SuspectChange): string =>
  `${time(change.at)} ${changeText(change)} (${change.origin === 'declared' ? `declared${change.id === null ? '' : ` as ${plainText(change.id)}`}` : 'first seen in the traffic'})`;

function notesOf(incident: IncidentFacts): string[] {
  const notes: string[] = [];
  const after = incident.changes.find((change) => isAfterOnset(change.at, incident));
  if (after !== undefined)
    notes.push(
      `the onset is an estimate: the ${plainText(after.type).replaceAll('_', ' ')} change came ${durationText(after.at - incident.startedAt)} after it and before this was noticed, so it may have begun with that.`,
    );
  if (incident.recurrenceOf !== null) notes.push(`this has happened before: ${incident.recurrenceOf}.`);
  if (incident.parent !== null)
    notes.push(`it follows from ${incident.parent}, of a service that this one depends on.`);
  if (incident.detectedLate) notes.push('it was found late, from data that came after its minute had been judged.');
  if (incident.flags.includes('stale'))
    notes.push('there has been no traffic for an hour; this is the last known state.');
  const left = brokenAfter(incident);
  if (left.length > 0)
    notes.push(`it was resolved while broken (${left.join(', ')}): what still is after an hour is opened again, once.`);
  if (incident.flags.includes('evidence_withdrawn')) notes.push('data that came later took back the breach.');
  if (incident.flags.includes('flapping')) notes.push('it comes and goes; it is kept open until it stays away.');
  if (incident.flags.includes('problem_proposed')) notes.push('it keeps happening: a problem is proposed.');
  if (incident.resolvedAt === null && incident.suppressedBy.length > 0)
    notes.push(`pages and chats are not told just now: ${incident.suppressedBy.map(suppressionText).join(', ')}.`);
  if (incident.flags.includes('serious_candidate'))
    notes.push('it may have to be reported as a serious incident: a named person has to decide.');
  return notes;
}

const suppressionText = ({ kind, id, until }: Incident['suppressedBy'][number]): string =>
  plainText(`${kind} ${id}${until === null ? '' : ` until ${time(until)}`}`);

/** `2026-11-01 10:00 UTC` */
const time = (at: Millis): string => `${iso(at).slice(0, 16).replace('T', ' ')} UTC`;

const percent = (share: number): string => {
  const value = share * 100;
  return `${value !== 0 && Math.abs(value) < 10 ? value.toFixed(1) : Math.round(value)} %`;
};
