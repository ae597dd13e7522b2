import type { Code } from '../model/dictionary.ts';
import type { LabelName } from '../model/names.ts';
import { MINUTES_PER_DAY } from '../model/time.ts';
import { LABEL_CLOCK } from '../tally/book.ts';
import * as counters from '../tally/counters.ts';
import { count, type Tally } from '../tally/group.ts';
import { calibration } from './calibration.ts';
import { type Located, newcombe } from './difference.ts';
import { escalation } from './escalation.ts';
import type { EstimateParts, Estimator, Looks } from './estimator.ts';
import { evaluated } from './evaluated.ts';
import { type EventMeasure, eventMeasure } from './events.ts';
import { holding, LEVEL } from './interval.ts';
import { confidenceBinsOf } from './joint-sums.ts';
import { labelled } from './labelled.ts';
import { reask } from './reask.ts';
import { appropriateReliance } from './reliance.ts';
import { type SafetyCheck, safety } from './safety.ts';
import { effective, type SeenCounts } from './sampling.ts';
import { shareSequence } from './share-sequence.ts';
import {
  COMPONENTS,
  EVENTS_MIN,
  GATE,
  type Goodness,
  TRUST_WEIGHTS,
  type TrustComponent,
  type TrustIndex,
  trustIndex,
  weightOf,
} from './trust-index.ts';

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
  /** How those were chosen whose labels say what was right, and the codes of these: of one kind of sampling alone. */
  readonly sampling: LabelName['sampling'];
  readonly labels: readonly Code[];
}

/** What a component is shrunk towards: the service over so many minutes (28 days). */
const PARENT_MINUTES = 28 * MINUTES_PER_DAY;
/** How good each rating is: stars from one to five by quarters. */
const SATISFACTION = [
  { name: counters.feedback('thumbs', 'up'), good: 1 },
  { name: counters.feedback('thumbs', 'down'), good: 0 },
  ...[1, 2, 3, 4, 5].map((star) => ({ name: counters.feedback('stars', star), good: (star - 1) / 4 })),
];

type Part = Pick<Goodness, 'good' | 'n'>;
const NOTHING: Part = { good: 0, n: 0 };

/** Goodness of each component, out of so many events; a component of which nothing says anything has none. */
export function trustParts(tally: Tally, sources: TrustSources): Record<TrustComponent, Part> {
  const share = ({ eventsOf }: EventMeasure): Part => wholePart(eventsOf(tally));
  return {
    satisfaction: wholePart(SATISFACTION.map(({ name, good }) => ratedIn(tally, name, good)).reduce(bothOf)),
    reliance: share(appropriateReliance(sources.reliance)),
    safety: share(safety(sources.safety, sources.safeLabels)),
    calibration: calibrationPart(tally, sources.bins),
    escalation: share(escalation),
    transparency:
      sources.transparency === null
        ? NOTHING
        : share(evaluated(sources.transparency.evaluation, sources.transparency.mark)),
    consistency: share(reask),
  };
}

/** As many events of one weight as they are worth: of sampled ones fewer than were seen. */
function wholePart({ n: seen, bad: seenBad, extra }: SeenCounts): Part {
  const isSampled = extra !== undefined && extra.n !== 0;
  const { n, bad } = effective({ n: seen, bad: seenBad, ...(isSampled && { extra }) });
  const whole = Math.floor(n);
  return { good: whole === 0 ? 0 : ((n - bad) * whole) / n, n: whole };
}

/** Ratings of one value, each of them so good. */
function ratedIn(tally: Tally, name: counters.Counter, good: number): Required<Omit<SeenCounts, 'squares'>> {
  const n = count(tally, name);
  const extra = counters.extraWeight(tally, name);
  const squares = counters.extraSquares(tally, name);
  return { n, bad: n * (1 - good), extra: { n: extra, bad: extra * (1 - good), squares } };
}
const bothOf = (a: ReturnType<typeof ratedIn>, b: ReturnType<typeof ratedIn>): ReturnType<typeof ratedIn> => ({
  n: a.n + b.n,
  bad: a.bad + b.bad,
  extra: {
    n: a.extra.n + b.extra.n,
    bad: a.extra.bad + b.extra.bad,
    squares: a.extra.squares + b.extra.squares,
  },
});

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
  const interval = holding(found.value, anyTime ? sequenceOf(found, parts) : found);
  if (found.published) return { ...nothing, ...interval, value: found.value, status: 'ok' };
  const lacking =
    detail.missing.length === 0
      ? 'it is never published without safety, which the service does not declare'
      : `components with too few events: ${detail.missing.join(', ')}`;
  return { ...nothing, ...interval, status: 'insufficient', why: lacking };
}

const TOO_FEW = 'no component has ten events in the window';
/** The service is nobody's child: it is drawn towards a half by two events, and never all good or all bad. */
const parentOf = (good: number, n: number): number => (good + 1) / (n + 2);

/** The index is rising in every component: sequences of these, each at its part of alpha, make one of it. */
function sequenceOf({ coverage, gated }: TrustIndex, parts: Record<TrustComponent, Goodness>) {
  const present = Object.entries(parts).filter(([, { n }]) => n >= EVENTS_MIN) as [TrustComponent, Goodness][];
  const weightAll = weightOf(Object.keys(parts) as TrustComponent[]);
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

/** What is said beside the index. */
export interface TrustDetail {
  readonly components: Readonly<
    Record<string, { readonly value: number | null; readonly n: number; readonly weight: number }>
  >;
  readonly gap: TrustGap | null;
}

function detailOf(
  found: TrustIndex | null,
  parts: Record<TrustComponent, Goodness>,
  applicable: readonly TrustComponent[],
  gap: TrustGap | null,
) {
  const weightAll = weightOf(applicable);
  return {
    components: Object.fromEntries(
      applicable.map((name) => [
        name,
        { value: found?.components[name] ?? null, n: parts[name].n, weight: TRUST_WEIGHTS[name] / weightAll },
      ]),
    ),
    missing: applicable.filter((name) => found?.components[name] === undefined),
    notApplicable: COMPONENTS.filter((name) => !applicable.includes(name)),
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

/** Bad: an answer that was overridden. */
const DECISIONS = eventMeasure(
  LABEL_CLOCK,
  { of: [counters.feedback('decision', 'accepted'), counters.feedback('decision', 'overridden')] },
  { of: [counters.feedback('decision', 'overridden')] },
);

/**
 * Acceptance rate minus accuracy, by MOVER.
 * @returns null without decisions, or without labels
 * @see Zou, Donner (2008), Stat. Med. 27:1693-1702
 */
export function trustGap(tally: Tally, { labels }: Pick<TrustSources, 'labels'>): TrustGap | null {
  const decided = effective(DECISIONS.eventsOf(tally));
  const known = effective(labelled(labels).eventsOf(tally));
  const accepted = decided.n - decided.bad;
  const right = known.n - known.bad;
  const found = newcombe(accepted, decided.n, right, known.n);
  if (found === null) return null;
  const meaning = found.low > 0 ? 'over-trust' : found.high < 0 ? 'under-trust' : 'no gap found';
  return { ...found, acceptance: accepted / decided.n, accuracy: right / known.n, meaning };
}
