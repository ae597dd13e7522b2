import { allowedText, binText, estimateText, measureText, targetText } from '../../../../model/estimate-text.ts';
import type { BreachJson, IncidentJson } from '../../../../model/incident.ts';
import { isAfterOnset } from '../../../../model/onset.ts';
import { plainText } from '../../../../model/plain-text.ts';
import { estimateOf } from './estimate.ts';
import { durationText, percentText, wordsOf } from './format.ts';
import type { Verdict } from './verdict.ts';

const NUMBERS = [
  'no',
  'one',
  'two',
  'three',
  'four',
  'five',
  'six',
  'seven',
  'eight',
  'nine',
  'ten',
  'eleven',
  'twelve',
];
const numberWord = (n: number): string => NUMBERS[n] ?? String(n);
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
const services = (n: number): string => `${numberWord(n)} ${n === 1 ? 'service' : 'services'}`;

interface Promising {
  readonly verdict: Verdict;
  readonly objectives: readonly { readonly verdict: Verdict }[];
}

/** How the fleet is, in one sentence: what is broken first, and never "all is well" over something that is not known. */
export function fleetSentence(fleet: readonly Promising[]): string {
  const promising = fleet.filter((one) => one.objectives.length > 0);
  if (promising.length === 0) return 'Nothing has been promised yet.';
  const has = (verdict: Verdict): number =>
    promising.filter((one) => one.objectives.some((o) => o.verdict === verdict)).length;
  const breached = has('breached');
  if (breached > 0) {
    const broken = promising.flatMap((one) => one.objectives).filter((one) => one.verdict === 'breached').length;
    const isOnly = promising.length === 1 && promising[0]!.objectives.length === 1;
    const promises = isOnly ? 'it' : broken === 1 ? 'a promise' : `${numberWord(broken)} promises`;
    const who =
      promising.length === 1
        ? 'The one service with a promise'
        : `${capital(numberWord(breached))} of ${services(promising.length)}`;
    return `${who} ${breached === 1 ? 'is' : 'are'} breaking ${promises}.`;
  }
  const atRisk = has('at_risk');
  if (atRisk > 0) return `No promise is broken; ${services(atRisk)} ${atRisk === 1 ? 'is' : 'are'} at risk.`;
  const unknown = has('insufficient_evidence');
  if (
    unknown === promising.length &&
    promising.every((one) => one.objectives.every((o) => o.verdict === 'insufficient_evidence'))
  )
    return 'There is not enough evidence yet to say anything.';
  if (unknown > 0) return `No promise is known to be broken; of ${services(unknown)} not everything can be decided.`;
  return promising.length === 1
    ? 'Every promise is kept.'
    : `${promising.length === 2 ? 'Both services' : `All ${services(promising.length)}`} keep their promises.`;
}

/** Promises by verdict, in words: `9 met, 1 breached`. */
export function tallyText(verdicts: readonly Verdict[]): string {
  const count = (verdict: Verdict): number => verdicts.filter((one) => one === verdict).length;
  const parts: [number, string][] = [
    [count('breached'), 'breached'],
    [count('at_risk'), 'at risk'],
    [count('insufficient_evidence'), 'not decidable'],
    [count('met'), 'met'],
  ];
  return parts
    .filter(([n]) => n > 0)
    .map(([n, word]) => `${n} ${word}`)
    .join(', ');
}

/** How the times of a sentence are said. */
export interface TimeWords {
  readonly moment: (at: number) => string;
  readonly period: (from: number, to: number) => string;
}

/** What happened, for somebody who has never seen this service. Values out of telemetry are made harmless lines. */
export function incidentSentence(incident: IncidentJson, times: TimeWords): string {
  const { evidence } = incident;
  const name = plainText(incident.service);
  const what = measureText(evidence.estimate);
  const from = Date.parse(incident.startedAt);
  if (incident.state === 'cancelled') return `${name}: cancelled, it was no incident.`;
  if (incident.resolvedAt !== null) {
    const until = Date.parse(incident.resolvedAt);
    const isLeft = incident.state === 'resolved' && incident.closeCode !== 'recovered_automatically';
    if (isLeft && incident.breaches.some(({ recoveredAt }) => recoveredAt === null))
      return `${name} has been breaking its ${incident.kind} on ${what} since ${times.moment(from)}; somebody resolved it at ${times.moment(until)}, and it was still broken.`;
    const end = incident.closeCode === 'recovered_automatically' ? 'it has recovered' : 'somebody resolved it';
    return `${name} broke its ${incident.kind} on ${what} for ${durationText(until - from)}, ${times.period(from, until)}; ${end}.`;
  }
  return `${name} has been breaking its ${incident.kind} on ${what} since ${times.moment(from)}. When that was noticed, ${badText(incident.breaches[0]!)}.`;
}

/** As it was when the detector decided: a record keeps its evidence. */
function badText({ evidence }: BreachJson): string {
  const { sinceOnset, target, estimate, bins } = evidence;
  if (bins !== undefined && bins.length > 0)
    return `it was at ${estimateText(estimateOf(estimate), null)}: ${bins.slice(0, 2).map(binText).join(', ')}`;
  if (sinceOnset?.mean !== undefined && target !== null)
    return `the mean of ${sinceOnset.n} was ${sinceOnset.mean.toFixed(2)} instead of ${targetText(estimate.measure, target)}`;
  if (sinceOnset !== null && target !== null)
    return `${sinceOnset.bad} of ${sinceOnset.n} were bad${allowedText(sinceOnset, targetText(estimate.measure, target))}`;
  return `it was at ${estimateText(estimateOf(estimate), target)}`;
}

const isLater = (
  { at }: { readonly at: string },
  { startedAt, detectedAt }: Pick<IncidentJson, 'startedAt' | 'detectedAt'>,
): boolean => isAfterOnset(Date.parse(at), { startedAt: Date.parse(startedAt), detectedAt: Date.parse(detectedAt) });

/** Where it is, and what came just before: null when nothing stands out. */
export function suspicionSentence(
  incident: Pick<IncidentJson, 'slices' | 'changes' | 'resolvedAt' | 'startedAt' | 'detectedAt'>,
  times: TimeWords,
): string | null {
  const [slice] = incident.slices;
  const [change] = incident.changes;
  const where =
    slice === undefined
      ? null
      : `It ${incident.resolvedAt === null ? 'is' : 'was'} worst in ${plainText(slice.name)} (${percentText(slice.share)} bad${slice.baselineShare === null ? ', not there before' : `, ${percentText(slice.baselineShare)} before`})`;
  const after =
    change === undefined
      ? null
      : `the ${wordsOf(change.type)} changed${change.before === null ? '' : ` from ${plainText(change.before)}`}${change.after === null ? '' : ` to ${plainText(change.after)}`} at ${times.moment(Date.parse(change.at))}${isLater(change, incident) ? ', later than the estimated onset: it may have begun with this' : ''}`;
  if (where === null && after === null) return null;
  if (where === null) return `${capital(after!)}.`;
  return after === null ? `${where}.` : `${where}; ${after}.`;
}
