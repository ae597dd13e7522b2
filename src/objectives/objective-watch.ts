import type { SeenCounts } from '../measures/sampling.ts';
import type { Minute } from '../model/time.ts';
import { type BurnState, startBurnWatch, watchBurn } from './burn-watch.ts';
import {
  type DriftWatchState,
  decodeDriftWatch,
  encodeDriftWatch,
  type FeatureMinute,
  startDriftWatch,
  watchDrift,
} from './drift-watch.ts';
import { EventStream } from './event-stream.ts';
import type { Objective } from './objective.ts';
import {
  decodeWatch,
  encodeWatch,
  type SequentialState,
  startWatch,
  type WatchEvent,
  watchMinute,
} from './sequential-watch.ts';

/** Windows of the burn-rate rules reach back this far: what a watch must be shown again after a checkpoint. */
export const BURN_MEMORY_MINUTES = 4320 + 60;

/** Counts of one minute that has any. */
export interface MinuteCounts extends SeenCounts {
  readonly minute: Minute;
  /** Of drift objectives. */
  readonly feature?: FeatureMinute;
}

/** All that is watched of one objective. */
export interface WatchState {
  /** Every minute up to here has been judged. */
  through: Minute;
  readonly sequential: SequentialState | null;
  readonly burn: BurnState | null;
  readonly drift: DriftWatchState | null;
  /** Newest minute with events; -1 before the first. */
  lastSeen: Minute;
}

/** An event and the detector it comes from. */
export interface DetectorEvent {
  readonly detector: 'sequential' | 'burn_rate' | 'drift';
  readonly event: WatchEvent;
}

export const startObjectiveWatch = (objective: Objective, before: Minute): WatchState => ({
  through: before,
  sequential: objective.sequential === null ? null : startWatch(objective.sequential),
  burn: objective.burn === null ? null : startBurnWatch(),
  drift: objective.drift === undefined ? null : startDriftWatch(),
  lastSeen: -1,
});

/**
 * Judges minutes up to and including `until`. The same minutes give the same events, whenever and in however many steps.
 * @param memory   what burn-rate rules remember, up to `state.through` (see `burnMemory`); moved on to `until`
 * @param counts   of the minutes after `state.through`, in order, those without events left out
 * @param onHour   called after the last minute of each hour, with the state as it then is: for checkpoints
 */
export function watchUntil(
  objective: Objective,
  state: WatchState,
  memory: EventStream | null,
  counts: readonly MinuteCounts[],
  until: Minute,
  onHour: (hourEnd: Minute) => void = () => {},
): DetectorEvent[] {
  const events: DetectorEvent[] = [];
  const burn = memory === null ? null : burnRunner(objective, state, memory, events);
  let at = 0;
  for (let minute = state.through + 1; minute <= until; minute++) {
    const seen = counts[at]?.minute === minute ? counts[at++]! : null;
    if (seen !== null) {
      state.lastSeen = minute;
      if (objective.sequential !== null)
        for (const event of watchMinute(objective.sequential, state.sequential!, minute, seen))
          events.push({ detector: 'sequential', event });
      if (objective.drift !== undefined && seen.feature !== undefined)
        for (const event of watchDrift(objective.drift, state.drift!, minute, seen.feature))
          events.push({ detector: 'drift', event });
    }
    burn?.(minute, seen);
    state.through = minute;
    if (minute % 60 === 59) onHour(minute);
  }
  return events;
}

/** The windows of burn-rate rules as of `through`, of counts that reach BURN_MEMORY_MINUTES back; null where none are watched. */
export function burnMemory(objective: Objective, counts: readonly MinuteCounts[], through: Minute): EventStream | null {
  if (objective.burn === null) return null;
  const stream = new EventStream(BURN_MEMORY_MINUTES);
  for (const one of counts) stream.setMinute(one.minute, one);
  stream.passTo(through);
  return stream;
}

function burnRunner(
  objective: Objective,
  state: WatchState,
  stream: EventStream,
  events: DetectorEvent[],
): (minute: Minute, counts: MinuteCounts | null) => void {
  return (minute, counts) => {
    if (counts === null) stream.passTo(minute);
    else stream.setMinute(minute, counts);
    for (const event of watchBurn(objective.burn!, state.burn!, stream)) events.push({ detector: 'burn_rate', event });
  };
}

export const isBreached = (state: WatchState): boolean =>
  (state.sequential?.breach ?? null) !== null ||
  (state.burn?.breach ?? null) !== null ||
  (state.drift?.breach ?? null) !== null;

/** The state as bytes, for a checkpoint. */
export function encodeWatchState(state: WatchState): Uint8Array {
  const burn = JSON.stringify({ through: state.through, lastSeen: state.lastSeen, burn: state.burn });
  const head = Buffer.from(burn, 'utf8');
  const length = Buffer.alloc(4);
  length.writeUInt32LE(head.length);
  const detector = state.sequential === null ? null : encodeWatch(state.sequential);
  const drift = state.drift === null ? null : encodeDriftWatch(state.drift);
  return Buffer.concat([length, head, detector ?? drift ?? Buffer.alloc(0)]);
}

/** Newest minute with events that a stored state has seen, whatever its objective was then; -1 when it has seen none. */
export function lastSeenOf(bytes: Uint8Array): Minute {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return JSON.parse(buffer.toString('utf8', 4, 4 + buffer.readUInt32LE(0))).lastSeen;
}

/** @throws RangeError when the bytes are not a state of this objective: then it is judged from the beginning */
export function decodeWatchState(objective: Objective, bytes: Uint8Array): WatchState {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = 4 + buffer.readUInt32LE(0);
  const { through, lastSeen, burn } = JSON.parse(buffer.toString('utf8', 4, end));
  return {
    through,
    lastSeen,
    burn,
    sequential: objective.sequential === null ? null : decodeWatch(objective.sequential, buffer.subarray(end)),
    drift: objective.drift === undefined ? null : decodeDriftWatch(objective.drift, buffer.subarray(end)),
  };
}
