import { type Bins, binned, binsOf, type FeatureKind, keysPerEvent } from '../measures/drift-bins.ts';
import type { WeighedKeys } from '../measures/key-weights.ts';
import { ByteReader, ByteWriter } from '../model/bytes.ts';
import { MINUTES_PER_DAY, type Minute } from '../model/time.ts';
import {
  type DriftParams,
  type DriftState,
  decodeDrift,
  driftParams,
  driftStatistic,
  driftStep,
  driftTolerance,
  encodeDrift,
  initialDrift,
  restartDrift,
  setDriftDispersion,
} from './drift-detector.ts';
import { type BinSums, binDispersion, NO_BINS, plusBins, withBinnedMinute } from './drift-dispersion.ts';
import { type DriftRecovery, driftRecovery, startDriftRecovery } from './drift-recovery.ts';
import { progress, shownStatistic } from './evidence.ts';
import type { WatchEvent } from './sequential-watch.ts';

export interface DriftWatchParams {
  readonly kind: FeatureKind;
  /** A: at most T/A false alarms in T non-empty minutes, in expectation. */
  readonly threshold: number;
  /** Share by which a bin may exceed the baseline without being drift, at least. */
  readonly tolerance: number;
}

/**
 * The share that is tolerated at least, by how much drift is of interest. A mixture of bins within (1 + eps) is at most ln(1 + eps) nats away, about half
 * of its PSI: 0.05 ignores a PSI up to 0.1, 0.133 one up to 0.25.
 */
export const TOLERANCES = { moderate: 0.05, major: 0.133 } as const;

type CountedKeys = Pick<WeighedKeys, 'counts' | 'isWeighted'>;

/** Counts by key of one minute that has any. */
export interface FeatureMinute extends CountedKeys {
  /** The newest approved change up to this minute; -1 when there is none. */
  readonly renewed: Minute;
  /** How many there are up to it. */
  readonly renewals: number;
}

/** A baseline is the first seven days or 20,000 events, whichever is later; after 28 days 1,000 events will do. */
const BASELINE_MINUTES = 7 * MINUTES_PER_DAY;
const BASELINE_EVENTS = 20_000;
const BASELINE_MINUTES_MAX = 28 * MINUTES_PER_DAY;
const BASELINE_EVENTS_MIN = 1000;
/**
 * Shorter memories than the detector's own 200, 1000 and 5000 events: those were chosen from a cold start. What has seen the baseline for long has to
 * forget it first: then a PSI of 0.25 is found at ten events a minute in 44 minutes instead of 54 (fleet threshold, median), at one in 346
 * instead of 465, and from a cold start as soon. The bound on false alarms holds for any.
 */
export const DRIFT_HALF_LIVES = [100, 500, 2500] as const;
const DAYS_KEPT = 7;

interface Day {
  readonly day: number;
  readonly sums: BinSums;
}

/** What is compared with, once it is complete. */
export interface FrozenBaseline {
  readonly bins: Bins;
  /** Of the baseline, in its bins. */
  readonly reference: readonly number[];
  readonly params: DriftParams;
}

/** Only `watchDrift` changes it. Minutes come in order; the state is a function of them, from the first on. */
export interface DriftWatchState {
  /** First minute of the baseline, -1 before it. */
  from: Minute;
  /** The approved change that it began with. */
  renewed: Minute;
  /** Approved changes up to the newest minute: with another one in between the past was another. */
  renewals: number;
  baseline: Map<number, number>;
  n: number;
  frozen: FrozenBaseline | null;
  detector: DriftState | null;
  day: number;
  days: Day[];
  today: BinSums;
  breach: { readonly onset: Minute; readonly alarm: Minute; readonly recovery: DriftRecovery } | null;
}

export const startDriftWatch = (): DriftWatchState => ({
  from: -1,
  renewed: -1,
  renewals: 0,
  baseline: new Map(),
  n: 0,
  frozen: null,
  detector: null,
  day: -1,
  days: [],
  today: NO_BINS,
  breach: null,
});

/** Counts one minute: into the baseline until that is complete, then against it. An approved change begins it anew, and ends what was open. */
export function watchDrift(
  params: DriftWatchParams,
  state: DriftWatchState,
  minute: Minute,
  { renewed, renewals, ...keys }: FeatureMinute,
): WatchEvent[] {
  const events: WatchEvent[] = [];
  if (renewed > state.renewed) {
    if (state.breach !== null) events.push({ type: 'resolved', minute });
    Object.assign(state, startDriftWatch(), { renewed });
  }
  state.renewals = renewals;
  if (state.from < 0) state.from = minute;
  if (state.frozen === null) {
    if (!isComplete(state, minute)) {
      for (const [key, n] of keys.counts) {
        state.baseline.set(key, (state.baseline.get(key) ?? 0) + n);
        state.n += n / keysPerEvent(params.kind);
      }
      return events;
    }
    freeze(params, state);
  }
  return [...events, ...compare(params, state, state.frozen!, state.detector!, minute, keys)];
}

/** Whether the minutes before this one are a baseline. */
export function isComplete({ from, n }: Pick<DriftWatchState, 'from' | 'n'>, minute: Minute): boolean {
  const minutes = minute - from;
  if (minutes < BASELINE_MINUTES || n < BASELINE_EVENTS_MIN) return false;
  return n >= BASELINE_EVENTS || minutes >= BASELINE_MINUTES_MAX;
}

/** How long a baseline takes at so many events a minute (above 0), minutes. */
export function minutesToBaseline(eventsPerMinute: number): number {
  const minutes = Math.max(BASELINE_MINUTES, BASELINE_EVENTS / eventsPerMinute);
  return minutes <= BASELINE_MINUTES_MAX
    ? minutes
    : Math.max(BASELINE_MINUTES_MAX, BASELINE_EVENTS_MIN / eventsPerMinute);
}

function freeze(params: DriftWatchParams, state: DriftWatchState): void {
  state.frozen = frozenOf(params, state.baseline);
  state.detector = initialDrift(state.frozen.params, null);
}

function frozenOf(
  { kind, threshold, tolerance }: DriftWatchParams,
  baseline: ReadonlyMap<number, number>,
): FrozenBaseline {
  const bins = binsOf(kind, baseline)!;
  const reference = [...binned(bins, baseline)];
  const { groups } = bins;
  const m = reference.reduce((sum, count) => sum + count, 0) / groups.length;
  const eps = Math.max(tolerance, driftTolerance(Math.max(...groups), m));
  return {
    bins,
    reference,
    params: driftParams({ reference, groups, threshold, tolerance: eps, halfLives: DRIFT_HALF_LIVES }),
  };
}

function compare(
  params: DriftWatchParams,
  state: DriftWatchState,
  { bins, reference, params: drift }: FrozenBaseline,
  detector: DriftState,
  minute: Minute,
  { counts, isWeighted }: CountedKeys,
): WatchEvent[] {
  const present = binned(bins, counts);
  const day = Math.floor(minute / MINUTES_PER_DAY);
  if (day !== state.day) beginDay(drift, state, detector, day);
  if (state.breach !== null) {
    if (!driftRecovery(state.breach.recovery, reference, minute, present, bins.groups)) return [];
    state.breach = null;
    restartDrift(detector);
    return [{ type: 'resolved', minute }];
  }
  if (!isWeighted) state.today = withBinnedMinute(state.today, present, bins.groups.length);
  const alarm = driftStep(drift, detector, minute, present, isWeighted);
  if (alarm === null) return [];
  const { onset } = alarm;
  const n = Math.round(alarm.n);
  state.breach = { onset, alarm: minute, recovery: startDriftRecovery(bins.size) };
  state.days = state.days.filter((one) => one.day < Math.floor(onset / MINUTES_PER_DAY));
  state.today = NO_BINS;
  const statistic = shownStatistic(alarm.lnStatistic);
  const { threshold } = params;
  return [{ type: 'alarm', minute, onset, n, bad: 0, statistic, threshold, page: false, tiers: [] }];
}

/** As for shares: computed once a day from the days in control, and holds for the day. */
function beginDay(params: DriftParams, state: DriftWatchState, detector: DriftState, day: number): void {
  if (state.today.minutes > 0) state.days.push({ day: state.day, sums: state.today });
  state.days = state.days.slice(-DAYS_KEPT);
  state.today = NO_BINS;
  state.day = day;
  const sums = state.days.map((one) => one.sums).reduce(plusBins, NO_BINS);
  setDriftDispersion(params, detector, binDispersion(sums, params.groups.length));
}

/** How far the evidence has come: 1 is an alarm. */
export function driftEvidence(state: DriftWatchState): number {
  if (state.breach !== null) return 1;
  return state.detector === null ? 0 : progress(driftStatistic(state.detector), state.frozen!.params.threshold);
}

/** How far the baseline has come, in words; null when it is complete. */
export function baselineText(
  { frozen, from, n }: Pick<DriftWatchState, 'frozen' | 'from' | 'n'>,
  minute: Minute,
): string | null {
  if (frozen !== null) return null;
  if (from < 0) return 'the baseline has not begun: nothing was counted yet';
  const days = Math.floor((minute - from) / MINUTES_PER_DAY);
  return `the baseline is being taken: day ${days + 1} of at least ${BASELINE_MINUTES / MINUTES_PER_DAY}, ${Math.floor(n)} of ${BASELINE_EVENTS} events`;
}

const STATE_FORMAT = 2;

/** The state as bytes, for a checkpoint. */
export function encodeDriftWatch(state: DriftWatchState): Uint8Array {
  const out = new ByteWriter(4096);
  const sums = ({ minutes, counts, squares }: BinSums): void => {
    out.double(minutes);
    out.varint(counts.length);
    for (const value of [...counts, ...squares]) out.double(value);
  };
  out.byte(STATE_FORMAT);
  const { threshold = 0, lnTolerance = 0 } = state.frozen?.params ?? {};
  for (const value of [threshold, lnTolerance, state.from, state.renewed, state.renewals, state.day]) out.double(value);
  out.varint(state.baseline.size);
  for (const [key, n] of [...state.baseline].sort(([a], [b]) => a - b)) {
    out.double(key);
    out.double(n);
  }
  out.byte(state.detector === null ? 0 : 1);
  if (state.detector === null) return out.written.slice();
  const detector = encodeDrift(state.detector);
  out.varint(detector.length);
  out.bytes(detector);
  sums(state.today);
  out.varint(state.days.length);
  for (const one of state.days) {
    out.double(one.day);
    sums(one.sums);
  }
  out.byte(state.breach === null ? 0 : 1);
  if (state.breach !== null) {
    const { onset, alarm, recovery } = state.breach;
    for (const value of [onset, alarm, recovery.seen, recovery.since]) out.double(value);
    for (const value of recovery.present) out.double(value);
  }
  return out.written.slice();
}

/**
 * What the baseline has become stays, whatever threshold and tolerance are now; evidence gathered against others is dropped.
 * @throws RangeError when the bytes are of another format or other bins: then the baseline begins anew
 */
export function decodeDriftWatch(params: DriftWatchParams, bytes: Uint8Array): DriftWatchState {
  const from = new ByteReader(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  const format = from.byte();
  if (format !== STATE_FORMAT) throw new RangeError(`a drift watch of format ${format} is not known`);
  const threshold = from.double();
  const lnTolerance = from.double();
  const state = startDriftWatch();
  state.from = from.double();
  state.renewed = from.double();
  state.renewals = from.double();
  state.day = from.double();
  const keys = from.varint();
  for (let i = 0; i < keys; i++) {
    const key = from.double();
    const n = from.double();
    state.baseline.set(key, n);
    state.n += n / keysPerEvent(params.kind);
  }
  if (from.byte() === 0) return state;
  state.frozen = frozenOf(params, state.baseline);
  const length = from.varint();
  state.detector = decodeDrift(state.frozen.params, from.buffer.subarray(from.at, from.at + length));
  from.at += length;
  const isOfThese = threshold === params.threshold && lnTolerance === state.frozen.params.lnTolerance;
  if (!isOfThese) restartDrift(state.detector);
  const sums = (): BinSums => {
    const minutes = from.double();
    const size = from.varint();
    const array = (): Float64Array => Float64Array.from({ length: size }, () => from.double());
    return { minutes, counts: array(), squares: array() };
  };
  state.today = sums();
  state.days = Array.from({ length: from.varint() }, () => ({ day: from.double(), sums: sums() }));
  if (from.byte() === 1) {
    const onset = from.double();
    const alarm = from.double();
    const seen = from.double();
    const since = from.double();
    const present = Float64Array.from({ length: state.frozen.bins.size }, () => from.double());
    state.breach = { onset, alarm, recovery: { seen, since, present } };
  }
  return state;
}
