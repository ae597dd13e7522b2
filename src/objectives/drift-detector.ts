import { ByteReader, ByteWriter } from '../model/bytes.ts';
import { requireAmount } from '../model/numbers.ts';
import type { Minute } from '../model/time.ts';
import {
  advance,
  cellsOf,
  drawBack,
  type Evidence,
  evidenceOf,
  forget,
  lnMean,
  lnROf,
  noEvidence,
  sinceOnset,
  strongest,
} from './evidence.ts';

/** As for `DetectorMode`: both parts, or one alone. */
export type DriftMode = 'hybrid' | 'robust' | 'event';

export interface DriftSettings {
  /** Counts of the baseline in each bin. */
  readonly reference: readonly number[];
  /** Sizes of the groups that bins come in, one behind the other, where every event is in one bin of each; by default one group. */
  readonly groups?: readonly number[];
  /** A: at most T/A false alarms in T non-empty minutes, in expectation. */
  readonly threshold: number;
  readonly mode?: DriftMode;
  /** Share by which a bin may exceed the baseline without being drift; by default what its size can't rule out, at least 0.05. */
  readonly tolerance?: number;
  /** Memories of the present distribution, in events. */
  readonly halfLives?: readonly number[];
  /** Events that the baseline counts for in the present distribution. */
  readonly priorEvents?: number;
  readonly capMinutes?: number;
}

export interface DriftParams {
  readonly threshold: number;
  readonly lnThreshold: number;
  readonly cap: number;
  readonly hasRobust: boolean;
  readonly hasEvent: boolean;
  readonly lnTolerance: number;
  readonly halfLives: readonly number[];
  readonly priorEvents: number;
  /** Smoothed shares of the baseline. */
  readonly shares: Float64Array;
  readonly groups: readonly BinGroup[];
}

/** Bins from `at` to before `end`: a distribution of its own. */
export interface BinGroup {
  readonly at: number;
  readonly end: number;
}

export const DRIFT_BINS = [2, 64] as const;
const TOLERANCE_MIN = 0.05;

/** Tolerance that covers the error of a baseline of m events in B bins. */
export const driftTolerance = (bins: number, m: number): number => Math.max(TOLERANCE_MIN, Math.sqrt((2 * bins) / m));

export function driftParams(settings: DriftSettings): DriftParams {
  const { reference, threshold, mode = 'hybrid', halfLives = [200, 1000, 5000], priorEvents = 50 } = settings;
  for (const [b, count] of reference.entries()) requireAmount(`reference[${b}]`, count);
  const groups = groupsOf(settings.groups ?? [reference.length], reference.length);
  const sums = groups.map(({ at, end }) => reference.slice(at, end).reduce((sum, count) => sum + count, 0));
  for (const [g, { at, end }] of groups.entries())
    if (end - at < DRIFT_BINS[0] || end - at > DRIFT_BINS[1] || sums[g] === 0)
      throw new RangeError(`a baseline of ${sums[g]} events in ${end - at} bins: events, and 2 to 64 bins are needed`);
  const widest = groups.reduce((most, { at, end }) => Math.max(most, end - at), 0);
  const { tolerance = driftTolerance(widest, Math.min(...sums)), capMinutes = 2 } = settings;
  for (const [name, value] of Object.entries({ tolerance, capMinutes, priorEvents, shortest: Math.min(...halfLives) }))
    if (!(value > 0 && value < Infinity)) throw new RangeError(`${name} is ${value}, it must be positive and finite`);
  if (!(threshold > 1 && threshold < Infinity))
    throw new RangeError(`threshold is ${threshold}, a finite number above 1 is needed`);
  return {
    threshold,
    lnThreshold: Math.log(threshold),
    cap: Math.log(threshold) / capMinutes,
    hasRobust: mode !== 'event',
    hasEvent: mode !== 'robust',
    lnTolerance: Math.log1p(tolerance),
    halfLives,
    priorEvents,
    shares: Float64Array.from(
      groups.flatMap(({ at, end }, g) =>
        reference.slice(at, end).map((count) => (count + 0.5) / (sums[g]! + (end - at) / 2)),
      ),
    ),
    groups,
  };
}

function groupsOf(sizes: readonly number[], bins: number): BinGroup[] {
  let at = 0;
  const groups = sizes.map((size) => {
    const from = at;
    at += size;
    return { at: from, end: at };
  });
  if (at !== bins) throw new RangeError(`groups of ${at} bins together, but ${bins} bins`);
  return groups;
}

/** What a drift detector remembers between minutes. Only `driftStep`, `setDriftDispersion` and `restartDrift` change it. */
export interface DriftState {
  /** One robust component for each half-life, then one event component for each. */
  readonly evidence: Evidence;
  /** Fading counts of the present, bins of the first half-life first. */
  readonly present: Float64Array;
  /** Tempering of the event part; null while it is off. */
  phi: number | null;
  minute: Minute;
}

/** @param phi  null keeps the event part of a hybrid off, as long as the dispersion is not known */
export function initialDrift(params: DriftParams, phi: number | null): DriftState {
  if (phi === null ? !params.hasRobust : !(phi >= 1 && phi < Infinity))
    throw new RangeError(`phi is ${phi}, it is at least 1 and finite`);
  const parts = (params.hasRobust ? 1 : 0) + (params.hasEvent ? 1 : 0);
  return {
    evidence: noEvidence(parts * params.halfLives.length * params.groups.length),
    present: new Float64Array(params.halfLives.length * params.shares.length),
    phi,
    minute: -1,
  };
}

export interface DriftAlarm {
  readonly minute: Minute;
  readonly onset: Minute;
  /** Events since the onset. */
  readonly n: number;
  readonly lnStatistic: number;
}

/**
 * Counts one minute of a categorised feature; minutes come in order, empty ones are skipped. The bets are made on the fading past of the feature
 * itself, so no shape of the drift has to be known. Of bins in groups each group has evidence of its own, and their mean decides: a mean of
 * e-detectors is one.
 * @param isWeighted  the counts are of events of unequal weight: how those vary is not known, and the minute bets on their shares alone
 * @returns the alarm, after which the detector starts again from R = 0 with its present distribution kept, or null
 * @see Robbins, Siegmund (1974), Ann. Stat. 2:415-436 (plug-in bets); Shin, Ramdas, Rinaldo (2024), NEJSDS 2:229-260
 */
export function driftStep(
  params: DriftParams,
  state: DriftState,
  minute: Minute,
  counts: ArrayLike<number>,
  isWeighted = false,
): DriftAlarm | null {
  const bins = params.shares.length;
  if (counts.length !== bins) throw new RangeError(`${counts.length} counts for ${bins} bins`);
  let all = 0;
  for (let b = 0; b < bins; b++) {
    requireAmount(`counts[${b}]`, counts[b]!);
    all += counts[b]!;
  }
  if (all === 0) return null;
  if (!(minute > state.minute)) throw new RangeError(`minute ${minute} comes after minute ${state.minute} was counted`);
  state.minute = minute;
  for (let g = 0; g < params.groups.length; g++) {
    const { at, end } = params.groups[g]!;
    let n = 0;
    for (let b = at; b < end; b++) n += counts[b]!;
    if (n > 0) stepGroup(params, state, g, minute, counts, n, isWeighted);
  }
  return alarmOf(params, state, minute);
}

/** One group, with every memory. @param n  events of it in the minute, above 0 */
function stepGroup(
  params: DriftParams,
  state: DriftState,
  g: number,
  minute: Minute,
  counts: ArrayLike<number>,
  n: number,
  isWeighted: boolean,
): void {
  const { groups, halfLives, hasRobust, hasEvent, cap } = params;
  const lives = halfLives.length;
  const hasOwnEvents = state.phi !== null && !isWeighted;
  for (let h = 0; h < lives; h++) {
    const { lnEvent, lnRobust } = increments(params, state, h, groups[g]!, counts, n);
    const component = h * groups.length + g;
    if (hasRobust) advance(state.evidence, component, Math.min(lnRobust, cap), minute, n, 0);
    if (hasEvent) {
      const event = hasRobust ? lives * groups.length + component : component;
      advance(state.evidence, event, Math.min(hasOwnEvents ? lnEvent / state.phi! : lnRobust, cap), minute, n, 0);
    }
    fade(state.present, h * params.shares.length, groups[g]!, 2 ** (-n / halfLives[h]!), counts);
  }
}

function increments(
  params: DriftParams,
  state: DriftState,
  h: number,
  { at, end }: BinGroup,
  counts: ArrayLike<number>,
  n: number,
) {
  const { shares, priorEvents, lnTolerance } = params;
  const from = h * shares.length;
  let past = 0;
  for (let b = at; b < end; b++) past += state.present[from + b]!;
  let lnEvent = -n * lnTolerance;
  let robust = 0;
  for (let b = at; b < end; b++) {
    if (counts[b] === 0) continue;
    const share = (priorEvents * shares[b]! + state.present[from + b]!) / (priorEvents + past);
    lnEvent += counts[b]! * Math.log(share / shares[b]!);
    robust += ((counts[b]! / n) * share) / shares[b]!;
  }
  return { lnEvent, lnRobust: Math.log(robust) - lnTolerance };
}

function fade(
  present: Float64Array,
  from: number,
  { at, end }: BinGroup,
  factor: number,
  counts: ArrayLike<number>,
): void {
  for (let b = at; b < end; b++) present[from + b] = present[from + b]! * factor + counts[b]!;
}

function alarmOf(params: DriftParams, state: DriftState, minute: Minute): DriftAlarm | null {
  const { evidence } = state;
  const guilty = strongest(evidence);
  if (lnROf(evidence, guilty) < params.lnThreshold) return null;
  const lnStatistic = lnMean(evidence);
  if (lnStatistic < params.lnThreshold) return null;
  const { onset, n } = sinceOnset(evidence, guilty);
  const alarm = { minute, onset, n, lnStatistic };
  forget(evidence);
  return alarm;
}

/**
 * Sets the dispersion known from now on, as `setDispersion` of the detector of shares does: while the event part is off it goes on with the
 * robust bets, and what it had gathered beyond those is dropped.
 */
export function setDriftDispersion({ halfLives, groups }: DriftParams, state: DriftState, phi: number | null): void {
  if (phi === null && state.phi !== null) drawBack(state.evidence, halfLives.length * groups.length);
  state.phi = phi;
}

/** R = 0, with the present distribution kept. */
export const restartDrift = (state: DriftState): void => forget(state.evidence);

/** ln S after the last minute; minus infinity at the start and after an alarm. */
export const driftStatistic = (state: DriftState): number => lnMean(state.evidence);

const STATE_FORMAT = 1;

/** The state as bytes, for a checkpoint; `decodeDrift` gives back an equal one. */
export function encodeDrift(state: DriftState): Uint8Array {
  const out = new ByteWriter(1024);
  out.byte(STATE_FORMAT);
  out.double(state.phi ?? Number.NaN);
  out.double(state.minute);
  for (const cell of cellsOf(state.evidence)) out.double(cell);
  for (const cell of state.present) out.double(cell);
  return out.written.slice();
}

/** @throws RangeError when the bytes are not the state of a detector with these parameters */
export function decodeDrift(params: DriftParams, bytes: Uint8Array): DriftState {
  const from = new ByteReader(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  const format = from.byte();
  const written = from.double();
  const phi = Number.isNaN(written) ? null : written;
  const minute = from.double();
  const cells: number[] = [];
  while (!from.done) cells.push(from.double());
  const state = initialDrift(params, phi);
  const evidenceCells = cellsOf(state.evidence).length;
  if (format !== STATE_FORMAT || cells.length !== evidenceCells + state.present.length)
    throw new RangeError(`a state of format ${format} with ${cells.length} cells is not of this drift detector`);
  return {
    evidence: evidenceOf(cells.slice(0, evidenceCells)),
    present: Float64Array.from(cells.slice(evidenceCells)),
    phi,
    minute,
  };
}
