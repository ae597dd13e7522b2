import type { DelayCounts } from '../measures/label-arrivals.ts';
import type { SeenCounts } from '../measures/sampling.ts';
import type { Minute } from '../model/time.ts';
import { LABEL_CLOCK } from '../tally/book.ts';
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
import { beginLabelMinute, type LabelState, labelStateOf, noteLabels, startLabels } from './label-watch.ts';
import type { Objective } from './objective.ts';
import {
  decodeWatch,
  encodeWatch,
  type LateLabels,
  restartDetectors,
  type SequentialState,
  startWatch,
  type WatchEvent,
  watchMinute,
} from './sequential-watch.ts';
import {
  decodeSlices,
  encodeSlices,
  isAnyBroken,
  type SliceDetector,
  type SliceMinute,
  type SliceStates,
  watchSlices,
} from './slice-watch.ts';

/** Windows of the burn-rate rules reach back this far: what a watch must be shown again after a checkpoint. */
export const BURN_MEMORY_MINUTES = 4320 + 60;

/** Counts of one minute that has any. */
export interface MinuteCounts extends SeenCounts {
  readonly minute: Minute;
  /** Of labels: the same by how late they came. */
  readonly delays?: readonly DelayCounts[];
  /** Of drift objectives. */
  readonly feature?: FeatureMinute;
}

/** All that is watched of one objective. */
export interface WatchState {
  /** Every minute up to here has been judged. */
  through: Minute;
  readonly sequential: SequentialState | null;
  readonly burn: BurnState | null;
  /** How late labels come; null where none are counted. */
  readonly labels: LabelState | null;
  readonly drift: DriftWatchState | null;
  readonly slices: SliceStates | null;
  /** Newest minute with events; -1 before the first. */
  lastSeen: Minute;
}

/** Whose breach it is: of the whole service by one of three rules, or of one slice of its traffic. */
export type DetectorName = 'sequential' | 'burn_rate' | 'drift' | SliceDetector;

/** An event and the detector it comes from. */
export interface DetectorEvent {
  readonly detector: DetectorName;
  readonly event: WatchEvent;
}

/** Its detectors count labels, feedback or marks of scores as bad or good, in the minutes in which these became known. */
export const countsLabels = ({ events, judgedBy }: Pick<Objective, 'events' | 'judgedBy'>): boolean =>
  judgedBy === 'events' && events.detectorClock === LABEL_CLOCK;

/** @param labels  what is known of how late labels come, up to `before` */
export const startObjectiveWatch = (
  objective: Objective,
  before: Minute,
  labels: LabelState = startLabels(),
): WatchState => ({
  through: before,
  sequential: objective.sequential === null ? null : startWatch(objective.sequential),
  burn: objective.burn === null ? null : startBurnWatch(),
  labels: countsLabels(objective) ? labels : null,
  drift: objective.drift === undefined ? null : startDriftWatch(),
  slices: objective.sliced === undefined ? null : new Map(),
  lastSeen: -1,
});

/**
 * Judges minutes up to and including `until`. The same minutes give the same events, whenever and in however many steps.
 * @param memory   what burn-rate rules remember, up to `state.through` (see `burnMemory`); moved on to `until`
 * @param counts   of the minutes after `state.through`, in order, those without events left out
 * @param onHour   called once an hour with the state as it then is: for checkpoints
 * @param minuteOfHour  0..59: after that minute of each hour
 * @param slices  counts of the slices of the same minutes, in order of the minutes
 */
export function watchUntil(
  objective: Objective,
  state: WatchState,
  memory: EventStream | null,
  counts: readonly MinuteCounts[],
  until: Minute,
  onHour: (minute: Minute) => void = () => {},
  minuteOfHour = 59,
  slices: readonly SliceMinute[] = [],
): DetectorEvent[] {
  const events: DetectorEvent[] = [];
  const burn = memory === null ? null : burnRunner(objective, state, memory, events);
  let at = 0;
  let slicesAt = 0;
  for (let minute = state.through + 1; minute <= until; minute++) {
    const seen = counts[at]?.minute === minute ? counts[at++]! : null;
    if (seen !== null) {
      state.lastSeen = minute;
      const late = lateLabels(objective, state, seen);
      if (objective.sequential !== null)
        for (const event of watchMinute(objective.sequential, state.sequential!, minute, seen, late))
          events.push({ detector: 'sequential', event });
      if (objective.drift !== undefined && seen.feature !== undefined)
        for (const event of watchDrift(objective.drift, state.drift!, minute, seen.feature))
          events.push({ detector: 'drift', event });
      if (objective.sliced !== undefined) {
        while (slicesAt < slices.length && slices[slicesAt]!.minute < minute) slicesAt++;
        const first = slicesAt;
        while (slices[slicesAt]?.minute === minute) slicesAt++;
        events.push(...watchSlices(objective.sliced, state.slices!, minute, slices.slice(first, slicesAt)));
      }
    }
    burn?.(minute, seen);
    state.through = minute;
    if (minute % 60 === minuteOfHour) onHour(minute);
  }
  return events;
}

/** Labels of a minute as the detectors are to see them; null while it is not known how late they come. */
function lateLabels({ q0 }: Objective, state: WatchState, { minute, delays }: MinuteCounts): LateLabels | null {
  if (state.labels === null || delays === undefined || q0 === null) return null;
  const isNew = beginLabelMinute(q0, state.labels, minute);
  if (isNew && state.sequential !== null) restartDetectors(state.sequential);
  noteLabels(state.labels, delays);
  const { curve } = state.labels;
  return curve === null ? null : { delays, curve };
}

/** The windows of burn-rate rules as of `through`, of counts that reach BURN_MEMORY_MINUTES back; null where none are watched. */
export function burnMemory(objective: Objective, counts: readonly MinuteCounts[], through: Minute): EventStream | null {
  if (objective.burn === null) return null;
  const stream = new EventStream(BURN_MEMORY_MINUTES, objective.judgedBy === 'scores');
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

export const isBreached = (state: WatchState): boolean => isServiceBreached(state) || isSliceBreached(state);

/** As a whole. */
export const isServiceBreached = (state: WatchState): boolean =>
  (state.sequential?.breach ?? null) !== null ||
  (state.burn?.breach ?? null) !== null ||
  (state.drift?.breach ?? null) !== null;

const isSliceBreached = (state: WatchState): boolean => state.slices !== null && isAnyBroken(state.slices);

/** The state as bytes, for a checkpoint. */
export function encodeWatchState(state: WatchState): Uint8Array {
  const { through, lastSeen, burn, sequential, labels, drift, slices } = state;
  const whole = sequential !== null ? encodeWatch(sequential) : drift !== null ? encodeDriftWatch(drift) : NO_BYTES;
  const parts = {
    ...(labels === null ? {} : { labels }),
    // How long the first part is stands there only where another follows.
    ...(slices === null ? {} : { sequentialBytes: whole.length }),
  };
  const head = Buffer.from(JSON.stringify({ through, lastSeen, burn, ...parts }), 'utf8');
  const last = slices === null ? NO_BYTES : encodeSlices(slices);
  // Of its own memory: what is handed to the writer is copied with all that it is a part of.
  const bytes = new Uint8Array(4 + head.length + whole.length + last.length);
  new DataView(bytes.buffer).setUint32(0, head.length, true);
  bytes.set(head, 4);
  bytes.set(whole, 4 + head.length);
  bytes.set(last, 4 + head.length + whole.length);
  return bytes;
}

const NO_BYTES = new Uint8Array();

const headOf = (buffer: Buffer, end: number) => JSON.parse(buffer.toString('utf8', 4, end));

/** Whether the detectors of a stored state have had nothing to judge, whatever its objective was then. A report has none. */
export function hasSeenNothing(bytes: Uint8Array): boolean {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = 4 + buffer.readUInt32LE(0);
  const { lastSeen, burn } = headOf(buffer, end);
  const isReport = burn === null && end === buffer.length;
  return lastSeen < 0 && !isReport;
}

/** @throws RangeError when the bytes are not a state of this objective: then it is judged from the beginning */
export function decodeWatchState(objective: Objective, bytes: Uint8Array): WatchState {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = 4 + buffer.readUInt32LE(0);
  const { through, lastSeen, burn, labels, sequentialBytes } = headOf(buffer, end);
  if ((sequentialBytes === undefined) !== (objective.sliced === undefined))
    throw new RangeError('a state with slices is not of an objective without, nor the other way round');
  const second = sequentialBytes === undefined ? buffer.length : end + sequentialBytes;
  const whole = buffer.subarray(end, second);
  return {
    through,
    lastSeen,
    burn,
    labels: countsLabels(objective) ? labelStateOf(labels) : null,
    sequential: objective.sequential === null ? null : decodeWatch(objective.sequential, whole),
    drift: objective.drift === undefined ? null : decodeDriftWatch(objective.drift, whole),
    slices: objective.sliced === undefined ? null : decodeSlices(objective.sliced, buffer.subarray(second)),
  };
}
