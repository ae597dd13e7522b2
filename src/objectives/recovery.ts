import { ByteReader, ByteWriter } from '../model/bytes.ts';
import { requireOpenShare, requireWithin } from '../model/numbers.ts';
import type { Minute } from '../model/time.ts';

export interface RecoverySettings {
  /** Largest bad share that keeps the promise. */
  readonly q0: number;
  /** At most T/threshold wrong resolutions in T minutes that are still bad, in expectation. */
  readonly threshold?: number;
  /** Shortest clean segment that resolves. */
  readonly clearMinutes?: number;
}

export interface RecoveryParams {
  readonly q0: number;
  readonly lnThreshold: number;
  readonly clearMinutes: number;
}

export function recoveryParams({ q0, threshold = 200, clearMinutes = 15 }: RecoverySettings): RecoveryParams {
  requireOpenShare('q0', q0);
  if (!(threshold > 1 && threshold < Infinity) || !(clearMinutes >= 1 && clearMinutes < Infinity))
    throw new RangeError(`threshold ${threshold} must be above 1 and clearMinutes ${clearMinutes} at least 1`);
  return { q0, lnThreshold: Math.log(threshold), clearMinutes };
}

/** An open incident on its way back. Only `recoveryStep` changes it; `phi` may be set anew each day. */
export interface RecoveryState {
  /** Events and bad events of the incident, from its onset, without those of the present segment. */
  n: number;
  bad: number;
  cusum: number;
  /** The segment that may turn out to be the recovery: its first minute and what was counted in it. */
  start: Minute;
  segmentN: number;
  segmentBad: number;
  /** Tempering, see `dispersion`. */
  phi: number;
  /** The newest minute that was counted. */
  minute: Minute;
}

/**
 * @param n, bad  the incident so far, from its onset to the alarm: `Alarm` has them
 * @param minute  of the alarm
 */
export function startRecovery(minute: Minute, n: number, bad: number, phi: number): RecoveryState {
  requireWithin('bad', bad, 'n', n);
  if (!(phi >= 1 && phi < Infinity)) throw new RangeError(`phi is ${phi}, it is at least 1 and finite`);
  return { n, bad, cusum: 0, start: minute + 1, segmentN: 0, segmentBad: 0, phi, minute };
}

/** The bad share from which a service still counts as broken: half way back from the incident's, on the scale of evidence. */
function stillBroken(q0: number, n: number, bad: number): number {
  const during = (bad + 0.5) / (n + 1);
  if (q0 > 0.5) return Math.max(Math.sqrt(q0 * during), 1 - (1 - q0) / 1.1);
  return Math.min(0.95, Math.max(during / 2, Math.sqrt(q0 * during), 1.1 * q0));
}

/**
 * Counts one minute of an open incident; empty ones are skipped, so silence never resolves.
 * @returns whether the service has recovered: the evidence for q0 against "still broken" suffices, the segment keeps the promise and
 *   is long enough
 */
export function recoveryStep(
  params: RecoveryParams,
  state: RecoveryState,
  minute: Minute,
  n: number,
  bad: number,
): boolean {
  requireWithin('bad', bad, 'n', n);
  if (n === 0) return false;
  if (!(minute > state.minute)) throw new RangeError(`minute ${minute} comes after minute ${state.minute} was counted`);
  state.minute = minute;
  if (state.cusum <= 0) {
    state.n += state.segmentN;
    state.bad += state.segmentBad;
    state.segmentN = 0;
    state.segmentBad = 0;
    state.cusum = 0;
    state.start = minute;
  }
  const broken = stillBroken(params.q0, state.n, state.bad);
  const gain = (bad * Math.log(params.q0 / broken) + (n - bad) * Math.log((1 - params.q0) / (1 - broken))) / state.phi;
  state.cusum += Math.min(gain, params.lnThreshold / 3);
  state.segmentN += n;
  state.segmentBad += bad;
  return (
    state.cusum >= params.lnThreshold &&
    state.segmentBad <= params.q0 * state.segmentN &&
    minute - state.start + 1 >= params.clearMinutes
  );
}

const STALE_MINUTES = 60;

/** Whether an open incident has had no traffic for an hour: it is neither confirmed nor resolved. */
export const isStale = (state: RecoveryState, judged: Minute): boolean => judged - state.minute >= STALE_MINUTES;

const STATE_FORMAT = 1;

export function encodeRecovery(state: RecoveryState): Uint8Array {
  const out = new ByteWriter(72);
  out.byte(STATE_FORMAT);
  for (const value of [
    state.n,
    state.bad,
    state.cusum,
    state.start,
    state.segmentN,
    state.segmentBad,
    state.phi,
    state.minute,
  ])
    out.double(value);
  return out.written.slice();
}

/** @throws RangeError when the bytes are not what `encodeRecovery` wrote */
export function decodeRecovery(bytes: Uint8Array): RecoveryState {
  const from = new ByteReader(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  const format = from.byte();
  if (format !== STATE_FORMAT) throw new RangeError(`a recovery of format ${format} is not known`);
  const state = {
    n: from.double(),
    bad: from.double(),
    cusum: from.double(),
    start: from.double(),
    segmentN: from.double(),
    segmentBad: from.double(),
    phi: from.double(),
    minute: from.double(),
  };
  if (!from.done) throw new RangeError(`a recovery has 65 bytes, not ${bytes.length}`);
  return state;
}
