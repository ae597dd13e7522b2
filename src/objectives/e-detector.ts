import { ByteReader } from '../model/bytes.ts';
import { requireFinite, requireOpenShare } from '../model/numbers.ts';
import { MINUTES_PER_DAY, type Minute } from '../model/time.ts';
import { alternatives } from './alternatives.ts';
import {
  advance,
  advanceBoth,
  advanceCusum,
  cellsOf,
  drawBack,
  type Evidence,
  evidenceOf,
  forget,
  lnMean,
  lnROf,
  noEvidence,
  progress,
  sinceOnset,
  strongest,
} from './evidence.ts';

/**
 * Which parts the statistic has. `hybrid` is the rule: the mean of a robust part, which bets on each minute's bad share and is right under
 * any dependence inside the minute, and an event part, the likelihood ratio of the single events, which is quicker. The others are the
 * parts alone: `robust` also for mean losses in [0, 1], `event` and `cusum-event` to compare with.
 */
export type DetectorMode = 'hybrid' | 'robust' | 'event' | 'cusum-event';

export interface DetectorSettings {
  /** Largest bad share that keeps the promise. */
  readonly q0: number;
  /** A: at most T/A false alarms in T non-empty minutes, in expectation. See `alarmThreshold`. */
  readonly threshold: number;
  readonly mode?: DetectorMode;
  /** What is counted are losses in [0, 1], not events that are bad or not. */
  readonly bounded?: boolean;
  /** No single minute counts for more than ln(A)/capMinutes, so none alone can raise an alarm from R near 0. */
  readonly capMinutes?: number;
}

/** Where the guarantee and the speed were examined; configuration refuses what lies outside. */
export const DETECTOR_LIMITS = { q0: [1e-5, 0.5], threshold: [1e3, 1e12] } as const;

export const MINUTES_PER_30_DAYS = 30 * MINUTES_PER_DAY;

/**
 * A for a stream that may take `weight` of the deployment's budget of false incidents.
 * @param falseIncidentsPer30Days  F > 0, for the whole deployment   @param weight  in (0, 1]; the streams' weights sum to at most 1
 */
export function alarmThreshold(falseIncidentsPer30Days: number, weight: number): number {
  if (!(falseIncidentsPer30Days > 0 && falseIncidentsPer30Days < Infinity) || !(weight > 0 && weight <= 1))
    throw new RangeError(
      `${falseIncidentsPer30Days} false incidents in 30 days at weight ${weight}: a budget > 0 and a weight in (0, 1] are needed`,
    );
  const threshold = MINUTES_PER_30_DAYS / (falseIncidentsPer30Days * weight);
  requireFinite('the threshold', threshold);
  return threshold;
}

/** The null of the page detector beside a ticket detector with null q0: a burn significantly above 3. */
export function pageNull(q0: number): number {
  requireOpenShare('q0', q0);
  return Math.min(3 * q0, q0 + (1 - q0) / 4);
}

/** Everything about a detector that does not change; made once per objective by `detectorParams`. */
export interface DetectorParams {
  readonly q0: number;
  readonly threshold: number;
  readonly lnThreshold: number;
  readonly cap: number;
  readonly hasRobust: boolean;
  readonly hasEvent: boolean;
  readonly isCusum: boolean;
  /** Robust bet on each alternative: L = 1 + lambda (share - q0), never negative because lambda q0 < 1. */
  readonly lambda: Float64Array;
  /** ln L of a minute without any bad event: most minutes are such. */
  readonly lnClean: Float64Array;
  /** ln of the likelihood ratio of one bad and of one good event, for each alternative. */
  readonly lnBad: Float64Array;
  readonly lnGood: Float64Array;
  /** Of losses: psi(lambda q0) / q0^2 with psi(l) = -ln(1-l) - l, what their spread around q0 costs; null for events. */
  readonly spreadCost: Float64Array | null;
}

export function detectorParams(settings: DetectorSettings): DetectorParams {
  const { q0, threshold, mode = 'hybrid', capMinutes = 2, bounded = false } = settings;
  requireOpenShare('q0', q0);
  if (!(threshold > 1 && threshold < Infinity))
    throw new RangeError(`threshold is ${threshold}, a finite number above 1 is needed`);
  if (!(capMinutes >= 1 && capMinutes < Infinity))
    throw new RangeError(`capMinutes is ${capMinutes}, a finite number of at least 1 is needed`);
  const shares = Float64Array.from(alternatives(q0));
  const lambda = shares.map((q1) => (q1 - q0) / (q0 * (1 - q0)));
  return {
    q0,
    threshold,
    lnThreshold: Math.log(threshold),
    cap: Math.log(threshold) / capMinutes,
    hasRobust: mode === 'hybrid' || mode === 'robust',
    hasEvent: mode !== 'robust',
    isCusum: mode === 'cusum-event',
    lambda,
    lnClean: lambda.map((bet) => Math.log1p(-bet * q0)),
    lnBad: shares.map((q1) => Math.log(q1 / q0)),
    lnGood: shares.map((q1) => Math.log((1 - q1) / (1 - q0))),
    spreadCost: bounded ? lambda.map((bet) => (-Math.log1p(-bet * q0) - bet * q0) / (q0 * q0)) : null,
  };
}

/** What a detector remembers between minutes. Only `step`, `setDispersion` and `restart` change it. */
export interface DetectorState {
  /** The robust components in the order of the alternatives, then the event components. */
  readonly evidence: Evidence;
  /** Tempering of the event part (see `dispersion`); null while it is off. */
  phi: number | null;
  /** The newest minute that was counted, -1 before the first. */
  minute: Minute;
}

/** @param phi  null keeps the event part of a hybrid off, as long as the dispersion is not known */
export function initialState(params: DetectorParams, phi: number | null): DetectorState {
  requireDispersion(params, phi);
  const parts = (params.hasRobust ? 1 : 0) + (params.hasEvent ? 1 : 0);
  return { evidence: noEvidence(parts * params.lambda.length), phi, minute: -1 };
}

function requireDispersion(params: DetectorParams, phi: number | null): void {
  if (phi !== null && !(phi >= 1 && phi < Infinity)) throw new RangeError(`phi is ${phi}, it is at least 1 and finite`);
  if (phi === null && !params.hasRobust)
    throw new RangeError('phi is null, but this detector has nothing but its event part');
}

/**
 * Sets the dispersion known from now on. While the event part is off its components go on with the robust bets, and what they
 * had gathered beyond those is dropped: so the statistic equals the robust one when the part never was on, and the guarantee holds
 * across every change, because the statistic never jumps up.
 */
export function setDispersion(params: DetectorParams, state: DetectorState, phi: number | null): void {
  requireDispersion(params, phi);
  if (phi === null && state.phi !== null) drawBack(state.evidence, params.lambda.length);
  state.phi = phi;
}

/** R = 0: after a resolve, and after a change of configuration. The dispersion stays known. */
export const restart = (state: DetectorState): void => forget(state.evidence);

export interface Alarm {
  readonly minute: Minute;
  /** Where the evidence of the strongest component begins. */
  readonly onset: Minute;
  /** Events and bad events from the onset to the alarm. */
  readonly n: number;
  readonly bad: number;
  readonly lnStatistic: number;
}

/**
 * Counts one minute. Minutes come in order; an empty one is skipped: silence is no evidence.
 * @param n    valid events of the minute, >= 0
 * @param bad  those that broke the promise, 0..n; or the sum of their losses in [0, 1] for a robust detector
 * @param squares  of losses the sum of their squares, 0..bad
 * @param countsEvents  false where n are no single events (sampled ones stand for many): the event part bets as the robust one then
 * @returns the alarm, after which the detector starts again from R = 0, or null
 * @throws RangeError for counts that can't be, and for a minute that is not after the last
 */
export function step(
  params: DetectorParams,
  state: DetectorState,
  minute: Minute,
  n: number,
  bad: number,
  countsEvents = true,
  squares = bad,
): Alarm | null {
  if (!(bad >= 0 && bad <= n && n <= Number.MAX_SAFE_INTEGER))
    throw new RangeError(`minute ${minute} has ${bad} bad of ${n}: 0 <= bad <= n < 2^53 is needed`);
  if (n === 0) return null;
  if (!(minute > state.minute)) throw new RangeError(`minute ${minute} comes after minute ${state.minute} was counted`);
  state.minute = minute;
  const { evidence } = state;
  const move = params.isCusum ? advanceCusum : advance;
  const alternativesCount = params.lambda.length;
  const excess = bad / n - params.q0;
  const { lambda, lnClean, cap, hasRobust, hasEvent } = params;
  const phi = countsEvents ? state.phi : null;
  const arePaired = hasRobust && hasEvent && phi === null;
  for (let j = 0; j < alternativesCount; j++) {
    const robust = !hasRobust ? 0 : bad === 0 ? lnClean[j]! : Math.min(Math.log1p(lambda[j]! * excess), cap);
    if (arePaired) {
      advanceBoth(evidence, j, alternativesCount + j, robust, minute, n, bad);
      continue;
    }
    if (hasRobust) move(evidence, j, robust, minute, n, bad);
    if (!hasEvent) continue;
    const event = phi === null ? robust : Math.min(lnLikelihood(params, j, n, bad, squares) / phi, cap);
    move(evidence, hasRobust ? alternativesCount + j : j, event, minute, n, bad);
  }
  return alarmOf(params, state);
}

/**
 * Evidence of the single events for an alternative. Of losses it is the better of two lower bounds of what bets on each of them would have
 * won, from the sums alone: the chord, and one that knows how little they vary (empirical Bernstein).
 * @see Fan, Grama, Liu (2015), Exponential inequalities for martingales, EJP 20; Waudby-Smith, Ramdas (2024), JRSS-B 86:1-27
 */
function lnLikelihood(params: DetectorParams, j: number, n: number, bad: number, squares: number): number {
  const chord = bad * params.lnBad[j]! + (n - bad) * params.lnGood[j]!;
  if (params.spreadCost === null) return chord;
  const { q0 } = params;
  const bernstein = params.lambda[j]! * (bad - n * q0) - params.spreadCost[j]! * (squares - 2 * q0 * bad + n * q0 * q0);
  return Math.max(chord, bernstein);
}

/** The alarm of the minute that was counted last, if it is one; the detector starts again from R = 0 then. */
export function alarmOf(params: DetectorParams, state: DetectorState): Alarm | null {
  const { evidence, minute } = state;
  const guilty = strongest(evidence);
  // The mean is at most the largest: far from an alarm it need not be computed.
  if (lnROf(evidence, guilty) < params.lnThreshold) return null;
  const lnStatistic = lnMean(evidence);
  if (lnStatistic < params.lnThreshold) return null;
  const alarm = { minute, ...sinceOnset(evidence, guilty), lnStatistic };
  restart(state);
  return alarm;
}

/** ln S after the last minute; minus infinity at the start and after an alarm. */
export const lnStatistic = (state: DetectorState): number => lnMean(state.evidence);

/** How far the evidence has come: ln(1+S)/ln(1+A) in [0, 1). */
export const evidenceShare = (params: DetectorParams, state: DetectorState): number =>
  progress(lnStatistic(state), params.threshold);

/** The state as bytes, for a checkpoint; `decodeState` gives back an equal one. */
export function encodeState({ phi, minute, evidence }: DetectorState): Uint8Array {
  const cells = cellsOf(evidence);
  const bytes = new Uint8Array(1 + 8 * (2 + cells.length));
  const view = new DataView(bytes.buffer);
  bytes[0] = STATE_FORMAT;
  view.setFloat64(1, phi ?? Number.NaN, true);
  view.setFloat64(9, minute, true);
  let at = 17;
  for (let i = 0; i < cells.length; i++, at += 8) view.setFloat64(at, cells[i]!, true);
  return bytes;
}

const STATE_FORMAT = 1;

/** @throws RangeError when the bytes are not the state of a detector with these parameters: then it starts again from R = 0 */
export function decodeState(params: DetectorParams, bytes: Uint8Array): DetectorState {
  const from = new ByteReader(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  const format = from.byte();
  const phi = from.double();
  const minute = from.double();
  const cells: number[] = [];
  while (!from.done) cells.push(from.double());
  const state = initialState(params, Number.isNaN(phi) ? null : phi);
  if (format !== STATE_FORMAT || cells.length !== cellsOf(state.evidence).length)
    throw new RangeError(
      `a state of format ${format} with ${cells.length} cells is not of this detector, which has ${cellsOf(state.evidence).length} (format ${STATE_FORMAT})`,
    );
  return { evidence: evidenceOf(cells), phi: state.phi, minute };
}
