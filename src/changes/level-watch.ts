import { ByteReader, ByteWriter } from '../model/bytes.ts';
import type { Minute } from '../model/time.ts';
import {
  type DriftParams,
  type DriftState,
  decodeDrift,
  driftParams,
  driftStep,
  encodeDrift,
  initialDrift,
} from '../objectives/drift-detector.ts';
import { DRIFT_HALF_LIVES, isComplete } from '../objectives/drift-watch.ts';

export interface LevelParams {
  /** A: at most T/A false alarms in T minutes, in expectation. */
  readonly threshold: number;
  /** Share of a half by which blocks may be too often above the level, or below it, without being a jump. */
  readonly tolerance: number;
}

/** Calls of a minute that say how much they used, and the sum of that. */
export interface LevelMinute {
  readonly n: number;
  readonly sum: number;
}

/** Calls that are looked at together: the mean of fewer is mostly chance. */
export const BLOCK_CALLS = 30;
const SHARPNESS = 4;
/** As of drift on its way back: so many calls must have come, and half of them are forgotten after as many. */
const BACK_CALLS = 1000;
/** A mean so close to the level is back there. */
const BACK = 0.1;

/** What a call uses on average, of one block of calls after another, against a level that was taken before. Only `watchLevel` changes it. */
export interface LevelWatch {
  /** First minute of the baseline, -1 before it. */
  from: Minute;
  n: number;
  sum: number;
  /** Null until the baseline is complete. */
  detector: DriftState | null;
  block: LevelMinute;
  /** Away from the level since that minute: the calls since then, and a fading mean of them. */
  away: Away | null;
}

interface Away extends LevelMinute {
  readonly since: Minute;
  readonly calls: number;
}

const NO_CALLS: LevelMinute = { n: 0, sum: 0 };

export const startLevelWatch = (): LevelWatch => ({
  from: -1,
  n: 0,
  sum: 0,
  detector: null,
  block: NO_CALLS,
  away: null,
});

/** Two bins, above the level and below it: the bets need not know which way it moves. */
const detectorOf = ({ n }: Pick<LevelWatch, 'n'>, { threshold, tolerance }: LevelParams): DriftParams =>
  driftParams({
    reference: [n / 2, n / 2],
    threshold,
    mode: 'robust',
    // Of a baseline of so many blocks.
    tolerance: Math.max(tolerance, Math.sqrt((2 * 2 * BLOCK_CALLS) / n)),
    halfLives: DRIFT_HALF_LIVES,
  });

/**
 * Counts one minute: into the baseline until that is complete (as of drift), then block by block. A block whose mean is m stands at
 * m^4 / (m^4 + level^4), in [0, 1]: at a half as long as nothing changes, whatever spread calls have, and the robust part of the drift detector
 * bets on that share. A tolerance of 0.133 is 7 % of the level. @returns where a jump began, or null
 */
export function watchLevel(
  params: LevelParams,
  state: LevelWatch,
  minute: Minute,
  { n, sum }: LevelMinute,
): Minute | null {
  if (n === 0) return null;
  if (state.from < 0) state.from = minute;
  if (state.detector === null) {
    if (!isComplete(state, minute)) {
      state.n += n;
      state.sum += sum;
      return null;
    }
    state.detector = initialDrift(detectorOf(state, params), null);
  }
  const level = state.sum / state.n;
  if (state.away !== null) {
    state.away = further(state.away, { n, sum });
    const { calls, n: present, sum: used } = state.away;
    if (calls >= BACK_CALLS && Math.abs(used / present - level) <= BACK * level) state.away = null;
    return null;
  }
  const block = { n: state.block.n + n, sum: state.block.sum + sum };
  state.block = block.n < BLOCK_CALLS ? block : NO_CALLS;
  if (block.n < BLOCK_CALLS) return null;
  const above = placeOf(block.sum / block.n, level);
  const counts = [block.n * above, block.n * (1 - above)];
  const alarm = driftStep(detectorOf(state, params), state.detector, minute, counts, true);
  if (alarm === null) return null;
  state.away = { since: minute, calls: 0, ...NO_CALLS };
  return alarm.onset;
}

/** A mean of nothing is where a level of nothing is. */
const placeOf = (mean: number, level: number): number =>
  mean === level ? 0.5 : mean === 0 ? 0 : 1 / (1 + (level / mean) ** SHARPNESS);

function further(away: Away, { n, sum }: LevelMinute): Away {
  const factor = 2 ** (-n / BACK_CALLS);
  return { since: away.since, calls: away.calls + n, n: away.n * factor + n, sum: away.sum * factor + sum };
}

const STATE_FORMAT = 1;

/** The state as bytes; `decodeLevel` gives back an equal one. */
export function encodeLevel({ from, n, sum, detector, block, away }: LevelWatch): Uint8Array {
  const out = new ByteWriter(512);
  out.byte(STATE_FORMAT);
  for (const value of [from, n, sum, block.n, block.sum]) out.double(value);
  out.byte(away === null ? 0 : 1);
  if (away !== null) for (const value of [away.since, away.calls, away.n, away.sum]) out.double(value);
  if (detector !== null) out.bytes(encodeDrift(detector));
  return out.written.slice();
}

/** @throws RangeError when the bytes are of another format, or of other parameters */
export function decodeLevel(params: LevelParams, bytes: Uint8Array): LevelWatch {
  const of = new ByteReader(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  const format = of.byte();
  if (format !== STATE_FORMAT) throw new RangeError(`a watch of a level of format ${format} is not known`);
  const [from, n, sum, blockN, blockSum] = Array.from({ length: 5 }, () => of.double()) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const away = of.byte() === 0 ? null : { since: of.double(), calls: of.double(), n: of.double(), sum: of.double() };
  const rest = bytes.subarray(of.at);
  const detector = rest.length === 0 ? null : decodeDrift(detectorOf({ n }, params), rest);
  return { from, n, sum, detector, block: { n: blockN, sum: blockSum }, away };
}
