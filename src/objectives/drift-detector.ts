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
  noEvidence,
  strongest,
} from './evidence.ts';

/** As for `DetectorMode`: both parts, or one alone. */
export type DriftMode = 'hybrid' | 'robust' | 'event';

export interface DriftSettings {
  /** Counts of the baseline in each bin. */
  readonly reference: readonly number[];
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
}

export const DRIFT_BINS = [2, 64] as const;
const TOLERANCE_MIN = 0.05;

/** Tolerance that covers the error of a baseline of m events in B bins. */
export const driftTolerance = (bins: number, m: number): number => Math.max(TOLERANCE_MIN, Math.sqrt((2 * bins) / m));

export function driftParams(settings: DriftSettings): DriftParams {
  const { reference, threshold, mode = 'hybrid', halfLives = [200, 1000, 5000], priorEvents = 50 } = settings;
  const bins = reference.length;
  let m = 0;
  for (const [b, count] of reference.entries()) {
    requireAmount(`reference[${b}]`, count);
    m += count;
  }
  if (bins < DRIFT_BINS[0] || bins > DRIFT_BINS[1] || m === 0)
    throw new RangeError(`a baseline of ${m} events in ${bins} bins: events, and 2 to 64 bins are needed`);
  const { tolerance = driftTolerance(bins, m), capMinutes = 2 } = settings;
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
    shares: Float64Array.from(reference, (count) => (count + 0.5) / (m + bins / 2)),
  };
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
    evidence: noEvidence(parts * params.halfLives.length),
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
 * itself, so no shape of the drift has to be known.
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
  let n = 0;
  for (let b = 0; b < bins; b++) {
    requireAmount(`counts[${b}]`, counts[b]!);
    n += counts[b]!;
  }
  if (n === 0) return null;
  if (!(minute > state.minute)) throw new RangeError(`minute ${minute} comes after minute ${state.minute} was counted`);
  state.minute = minute;
  const lives = params.halfLives.length;
  for (let h = 0; h < lives; h++) {
    const { lnEvent, lnRobust } = increments(params, state, h, counts, n);
    if (params.hasRobust) advance(state.evidence, h, Math.min(lnRobust, params.cap), minute, n, 0);
    if (params.hasEvent)
      advance(
        state.evidence,
        params.hasRobust ? lives + h : h,
        Math.min(state.phi === null || isWeighted ? lnRobust : lnEvent / state.phi, params.cap),
        minute,
        n,
        0,
      );
    fade(state.present, h * bins, 2 ** (-n / params.halfLives[h]!), counts);
  }
  return alarmOf(params, state, minute);
}

function increments(params: DriftParams, state: DriftState, h: number, counts: ArrayLike<number>, n: number) {
  const { shares, priorEvents, lnTolerance } = params;
  const bins = shares.length;
  let past = 0;
  for (let b = 0; b < bins; b++) past += state.present[h * bins + b]!;
  let lnEvent = -n * lnTolerance;
  let robust = 0;
  for (let b = 0; b < bins; b++) {
    if (counts[b] === 0) continue;
    const share = (priorEvents * shares[b]! + state.present[h * bins + b]!) / (priorEvents + past);
    lnEvent += counts[b]! * Math.log(share / shares[b]!);
    robust += ((counts[b]! / n) * share) / shares[b]!;
  }
  return { lnEvent, lnRobust: Math.log(robust) - lnTolerance };
}

function fade(present: Float64Array, at: number, factor: number, counts: ArrayLike<number>): void {
  for (let b = 0; b < counts.length; b++) present[at + b] = present[at + b]! * factor + counts[b]!;
}

function alarmOf(params: DriftParams, state: DriftState, minute: Minute): DriftAlarm | null {
  const { evidence } = state;
  const guilty = strongest(evidence);
  if (evidence.lnR[guilty]! < params.lnThreshold) return null;
  const lnStatistic = lnMean(evidence);
  if (lnStatistic < params.lnThreshold) return null;
  const alarm = { minute, onset: evidence.onset[guilty]!, n: evidence.n[guilty]!, lnStatistic };
  forget(evidence);
  return alarm;
}

/**
 * Sets the dispersion known from now on, as `setDispersion` of the detector of shares does: while the event part is off it goes on with the
 * robust bets, and what it had gathered beyond those is dropped.
 */
export function setDriftDispersion({ halfLives }: DriftParams, state: DriftState, phi: number | null): void {
  if (phi === null && state.phi !== null) drawBack(state.evidence, halfLives.length);
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
