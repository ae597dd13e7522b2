import type { Code } from '../model/dictionary.ts';
import * as counters from '../tally/counters.ts';
import { count, type Tally } from '../tally/group.ts';
import { calibration } from './calibration.ts';
import { type Located, newcombe } from './difference.ts';
import { escalation } from './escalation.ts';
import type { EstimateParts, Estimator, Looks } from './estimator.ts';
import { type EventMeasure, evaluated } from './events.ts';
import { LEVEL } from './interval.ts';
import { confidenceBinsOf, relianceOf } from './joint-sums.ts';
import { reask } from './reask.ts';
import { type SafetyCheck, safety } from './safety.ts';
import { effective } from './sampling.ts';
import { shareSequence } from './share-sequence.ts';
import { type Goodness, TRUST_WEIGHTS, type TrustComponent, type TrustIndex, trustIndex } from './trust.ts';

/** What the trust index of a service is read from. */
export interface TrustSources {
  /** Components that the service declares; the others don't apply to it. */
  readonly applicable: readonly TrustComponent[];
  /** Code of decisions beside the label that says what was right. */
  readonly reliance: Code;
  /** Codes of the bins of stated confidence; null where the service names none. */
  readonly bins: readonly Code[] | null;
  /** Evaluations that are about safety, and codes of labels that are. */
  readonly safety: readonly SafetyCheck[];
  readonly safeLabels: readonly Code[];
  /** The evaluation that answers pass when they cite what they have to; null where the service names none. */
  readonly transparency: SafetyCheck | null;
  /** Codes of labels that say what was right: drawn at random, and all. */
  readonly randomLabels: readonly Code[];
  readonly labels: readonly Code[];
}

/** What a component is shrunk towards: the service over so many minutes (28 days). */
const PARENT_MINUTES = 28 * 1440;
/** Stars from one to five, as goodness. */
const STARS = [1, 2, 3, 4, 5] as const;

type Part = Pick<Goodness, 'good' | 'n'>;
const NOTHING: Part = { good: 0, n: 0 };

/** Goodness of each component, out of so many events; a component of which nothing says anything has none. */
export function trustParts(tally: Tally, sources: TrustSources): Record<TrustComponent, Part> {
  const feedback = (kind: Parameters<typeof counters.feedback>[0], value: string | number | boolean): number =>
    count(tally, counters.feedback(kind, value));
  const share = ({ eventsOf }: EventMeasure): Part => {
    const { n, bad } = effective(eventsOf(tally));
    const whole = Math.floor(n);
    return { good: whole === 0 ? 0 : whole * (1 - bad / n), n: whole };
  };
  const ups = feedback('thumbs', 'up');
  const stars = STARS.map((star) => ({ star, n: feedback('stars', star) }));
  const { appropriate, n: decided } = relianceOf(tally, sources.reliance);
  return {
    satisfaction: {
      good: ups + stars.reduce((sum, { star, n }) => sum + (n * (star - 1)) / 4, 0),
      n: ups + feedback('thumbs', 'down') + stars.reduce((sum, { n }) => sum + n, 0),
    },
    reliance: { good: appropriate, n: decided },
    safety: share(safety(sources.safety, sources.safeLabels)),
    calibration: calibrationPart(tally, sources.bins),
    escalation: share(escalation),
    transparency: sources.transparency === null ? NOTHING : share(passing(sources.transparency)),
    consistency: share(reask),
  };
}

const passing = ({ evaluation, mark }: SafetyCheck): EventMeasure => evaluated(evaluation, mark);

function calibrationPart(tally: Tally, bins: readonly Code[] | null): Part {
  if (bins === null) return NOTHING;
  const labelled = confidenceBinsOf(tally, bins);
  const n = labelled.reduce((sum, bin) => sum + bin.n, 0);
  const found = calibration(labelled);
  return found === null ? NOTHING : { good: n * (1 - found.eceAdjusted), n };
}

/**
 * The Trust Index of a window, in points from 0 to 100, each component shrunk towards the service's last 28 days. It opens no incidents: its
 * components do.
 * @see trustIndex
 */
export function trustEstimator(sources: TrustSources): Estimator {
  const names = new Set<counters.Counter>([
    counters.COUNT,
    ...counters.allFeedback(),
    ...counters.relianceCounters(sources.reliance),
    ...(sources.bins ?? []).flatMap(counters.confidenceCounters),
    ...[...sources.safety, ...(sources.transparency === null ? [] : [sources.transparency])].flatMap(
      ({ evaluation, mark }) => [counters.scores(evaluation), counters.passed(mark)],
    ),
    ...[...sources.labels, ...sources.safeLabels].flatMap((code) => [counters.labels(code), counters.labelsTrue(code)]),
  ]);
  return {
    reads: (name) => names.has(counters.counterOf(name)),
    beside: { minutes: PARENT_MINUTES, dimension: null },
    estimate: (tally, looks, beside) => estimate(tally, beside?.trailing ?? tally, sources, looks),
  };
}

function estimate(tally: Tally, parent: Tally, sources: TrustSources, { anyTime }: Looks): EstimateParts {
  const own = trustParts(tally, sources);
  const known = trustParts(parent, sources);
  const parts = Object.fromEntries(
    sources.applicable.map((name) => {
      const { good, n } = known[name];
      return [name, { ...own[name], prior: n === 0 ? null : parentOf(good, n) }];
    }),
  ) as Record<TrustComponent, Goodness>;
  const found = trustIndex(parts, sources.applicable);
  const detail = detailOf(found, parts, sources.applicable, trustGap(tally, sources));
  const head = { level: LEVEL, n: count(tally, counters.COUNT), maturity: null, detail };
  const nothing = { ...head, value: null, low: null, high: null, coverage: found?.coverage ?? 0 };
  if (found === null) return { ...nothing, status: head.n === 0 ? 'undefined' : 'insufficient', why: TOO_FEW };
  const { low, high } = anyTime ? sequenceOf(found, parts) : found;
  const interval = { low: Math.min(low, found.value), high: Math.max(high, found.value) };
  if (found.published) return { ...nothing, ...interval, value: found.value, status: 'ok' };
  const lacking = detail.missing.join(', ');
  return { ...nothing, ...interval, status: 'insufficient', why: `components with too few events: ${lacking}` };
}

const TOO_FEW = 'no component has ten events in the window';
/** The service is nobody's child: it is drawn towards a half by two events, and never all good or all bad. */
const parentOf = (good: number, n: number): number => (good + 1) / (n + 2);

/** The index is rising in every component: sequences of these, each at its part of alpha, make one of it. */
function sequenceOf({ coverage, gated }: TrustIndex, parts: Record<TrustComponent, Goodness>) {
  const present = Object.entries(parts).filter(([, { n }]) => n >= EVENTS_MIN) as [TrustComponent, Goodness][];
  const weightAll = Object.keys(parts).reduce((sum, name) => sum + TRUST_WEIGHTS[name as TrustComponent], 0);
  const alpha = (1 - LEVEL) / present.length;
  let lnLow = 0;
  let lnHigh = 0;
  for (const [name, { good, n }] of present) {
    const { low, high } = shareSequence(Math.min(good, n), n, alpha);
    const weight = TRUST_WEIGHTS[name] / weightAll / coverage;
    lnLow += weight * Math.log(low);
    lnHigh += weight * Math.log(high);
  }
  const cap = gated ? GATE : 100;
  return { low: Math.min(cap, 100 * Math.exp(lnLow)), high: Math.min(cap, 100 * Math.exp(lnHigh)) };
}
const EVENTS_MIN = 10;
const GATE = 50;

function detailOf(
  found: TrustIndex | null,
  parts: Record<TrustComponent, Goodness>,
  applicable: readonly TrustComponent[],
  gap: TrustGap | null,
) {
  const weightAll = applicable.reduce((sum, name) => sum + TRUST_WEIGHTS[name], 0);
  return {
    components: Object.fromEntries(
      applicable.map((name) => [
        name,
        { value: found?.components[name] ?? null, n: parts[name].n, weight: TRUST_WEIGHTS[name] / weightAll },
      ]),
    ),
    missing: applicable.filter((name) => found?.components[name] === undefined),
    notApplicable: (Object.keys(TRUST_WEIGHTS) as TrustComponent[]).filter((name) => !applicable.includes(name)),
    gated: found?.gated ?? false,
    /** Where it would lie if what is missing were as bad, or as good, as can be. */
    rangeIfMissing: found?.rangeIfMissing ?? null,
    /** For inspection where it is not published. */
    unpublished: found === null || found.published ? null : found.value,
    gap,
  };
}

/** How much more often answers are accepted than they are right. */
export interface TrustGap extends Located {
  readonly acceptance: number;
  readonly accuracy: number;
  readonly meaning: 'over-trust' | 'under-trust' | 'no gap found';
}

/**
 * Acceptance rate minus accuracy, by MOVER; accuracy from labels drawn at random where there are any.
 * @returns null without decisions, or without labels
 * @see Zou, Donner (2008), Stat. Med. 27:1693-1702
 */
export function trustGap(
  tally: Tally,
  { labels, randomLabels }: Pick<TrustSources, 'labels' | 'randomLabels'>,
): TrustGap | null {
  const accepted = count(tally, counters.feedback('decision', 'accepted'));
  const decided = accepted + count(tally, counters.feedback('decision', 'overridden'));
  const sumOf = (codes: readonly Code[], name: (code: Code) => counters.Counter): number =>
    codes.reduce((sum, code) => sum + count(tally, name(code)), 0);
  const used = sumOf(randomLabels, counters.labels) > 0 ? randomLabels : labels;
  const labelled = sumOf(used, counters.labels);
  const right = sumOf(used, counters.labelsTrue);
  const found = newcombe(accepted, decided, right, labelled);
  if (found === null) return null;
  const meaning = found.low > 0 ? 'over-trust' : found.high < 0 ? 'under-trust' : 'no gap found';
  return { ...found, acceptance: accepted / decided, accuracy: right / labelled, meaning };
}
