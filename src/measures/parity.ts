import { type Code, OTHER } from '../model/dictionary.ts';
import { plainText } from '../model/plain-text.ts';
import type { Counter } from '../tally/counters.ts';
import type { Tally } from '../tally/group.ts';
import type { MeasureDefinition } from './definition.ts';
import { type Located, mover } from './difference.ts';
import type { EstimateParts, Estimator, Looks } from './estimator.ts';
import { type EventMeasure, NO_EVENTS } from './events.ts';
import { holding, type Interval, LEVEL } from './interval.ts';
import { meanInterval } from './mean-interval.ts';
import { asCounts, meanSequence } from './mean-sequence.ts';
import { effective, type SeenCounts } from './sampling.ts';
import { shareSequence } from './share-sequence.ts';
import { wilson } from './wilson.ts';

/**
 * The counts of all values of a dimension as one tally, so that windows of them add: a value's counters are next to each other. They are
 * no counters of the store.
 */
const FIELDS = 8;
const MICRO = 1e6;
const field = (value: Code, k: number): Counter => value * FIELDS + k;

/** One tally of what the slices of a dimension counted. */
export function together(
  slices: readonly { readonly value: Code; readonly tally: Tally }[],
  { eventsOf }: EventMeasure,
): Tally {
  const all = new Map<Counter, number>();
  const add = (name: Counter, by: number): void => {
    if (by !== 0) all.set(name, (all.get(name) ?? 0) + Math.round(by));
  };
  for (const { value, tally } of slices) {
    const { n, bad, hidden, squares, extra } = eventsOf(tally);
    // Nothing of it would have been seen to fail: it can't be compared.
    if (hidden >= n) continue;
    add(field(value, 0), n);
    add(field(value, 1), bad * MICRO);
    add(field(value, 2), (squares ?? bad) * MICRO);
    if (extra === undefined) continue;
    add(field(value, 3), extra.n);
    add(field(value, 4), extra.bad);
    add(field(value, 5), extra.squares);
  }
  return all;
}

interface ValueCounts extends SeenCounts {
  readonly value: Code;
  readonly squares: number;
}

function valuesOf(tally: Tally): ValueCounts[] {
  const values = new Set([...tally.keys()].map((name) => Math.floor(name / FIELDS)));
  return [...values].map((value) => {
    const of = (k: number): number => tally.get(field(value, k)) ?? 0;
    const n = of(0);
    const counts = { value, n, bad: Math.min(n, of(1) / MICRO), squares: Math.min(n, of(2) / MICRO) };
    return of(3) === 0 ? counts : { ...counts, extra: { n: of(3), bad: of(4), squares: of(5) } };
  });
}

/** A value of fewer events is not compared. */
export const PARITY_EVENTS_MIN = 100;

export interface ParitySettings {
  /** Losses in [0, 1] instead of events that are bad or not. */
  readonly isOfScores: boolean;
  readonly nameOf: (value: Code) => string;
}

/**
 * The largest difference of a measure between the values of a dimension: how bias is seen without looking at persons. Of every pair the MOVER
 * interval, at the level that all pairs together keep (Bonferroni), because the largest of many differences is large by chance too. What
 * is beyond the values told apart, and values of fewer than 100 events, are not compared.
 * @see Zou, Donner (2008), Stat. Med. 27:1693-1702
 */
export const parity = (settings: ParitySettings): Estimator => ({
  reads: () => true,
  estimate: (tally, looks) => largestDifference(valuesOf(tally), settings, looks),
});

function largestDifference(
  values: readonly ValueCounts[],
  { isOfScores, nameOf }: ParitySettings,
  { anyTime }: Looks,
): EstimateParts {
  const all = values.reduce((sum, { n }) => sum + n, 0);
  const compared = values.filter(({ value, n }) => value !== OTHER && n >= PARITY_EVENTS_MIN);
  const n = compared.reduce((sum, one) => sum + one.n, 0);
  const known = { level: LEVEL, n, coverage: all === 0 ? null : n / all, maturity: null };
  const nothing = { value: null, low: null, high: null } as const;
  if (all === 0) return { ...known, ...nothing, status: 'undefined' };
  if (compared.length < 2)
    return {
      ...known,
      ...nothing,
      status: 'insufficient',
      why: `${compared.length === 0 ? 'no value has' : 'one value alone has'} ${PARITY_EVENTS_MIN} events, two are needed to compare`,
    };
  const pairs = (compared.length * (compared.length - 1)) / 2;
  const level = 1 - (1 - LEVEL) / pairs;
  const located = compared
    .map((one) => ({ name: nameOf(one.value), ...locate(one, isOfScores, level, anyTime) }))
    .sort((a, b) => b.value - a.value || (a.name < b.name ? -1 : 1));
  const [most, least] = [located[0]!, located.at(-1)!];
  const { value, low, high } = mover(within(most), within(least));
  return {
    ...known,
    value,
    low: Math.max(0, low),
    high: Math.min(1, high),
    status: 'ok',
    between: [most.name, least.name],
    why: [most, least].map(({ name, value: share }) => `${plainText(name)} ${percent(share)}`).join(', '),
  };
}

const within = ({ value, low, high }: Located): Located => ({ value, low, high });
const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

/** While a window fills it is looked at again and again: then of each value the sequence that holds at all times. */
function locate(counts: ValueCounts, isOfScores: boolean, level: number, anyTime: boolean): Located {
  const worth = effective(counts);
  const value = 1 - worth.bad / worth.n;
  const { n, bad, squares } = counts;
  const sums = { n, sum: n - bad, squares: n - 2 * bad + squares };
  const like = { n: worth.n, sum: worth.n * value, squares: (worth.n * sums.squares) / n };
  const mean = (): Interval =>
    anyTime ? meanSequence(asCounts(like), 1 - level) : meanInterval(sums, level, worth.n, value);
  const good = worth.n - worth.bad;
  const share = (): Interval => (anyTime ? shareSequence(good, worth.n, 1 - level) : wilson(good, worth.n, level));
  const interval = isOfScores ? mean() : share();
  return { value, ...holding(value, interval) };
}

/** Of what another objective measures. */
export const parityMeasure: MeasureDefinition<'parity'> = {
  read: (measure, sources) => {
    const { events, method, codes, judgedBy } = sources.read(sources.objectiveNamed(measure.of)!.measure);
    return {
      judgedBy: 'report',
      events: NO_EVENTS,
      subject: `${measure.of} by ${measure.dimension}`,
      // Values are compared by what was counted of each: of accuracy with a judge by the labels alone.
      method: method === 'ppi' ? 'labels' : method,
      codes,
      estimator: parity({ isOfScores: judgedBy === 'scores', nameOf: sources.textOf }),
      slices: {
        dimension: sources.codeOf(measure.dimension),
        together: (slices) => together(slices, events),
      },
      limit: measure.limit,
      incidentsBy: `the detectors of ${measure.of}`,
    };
  },
  isReport: () => true,
};
