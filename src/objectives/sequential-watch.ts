import type { ArrivalCurve, DelayCounts } from '../measures/label-arrivals.ts';
import { effective, type SeenCounts } from '../measures/sampling.ts';
import { ByteReader, ByteWriter } from '../model/bytes.ts';
import { MINUTES_PER_DAY, type Minute } from '../model/time.ts';
import { betsOf } from './delayed-bets.ts';
import { exposure, stepDelayed } from './delayed-step.ts';
import { addSums, type DispersionSums, dispersion, NO_MINUTES, withMinute } from './dispersion.ts';
import {
  type Alarm,
  type DetectorParams,
  type DetectorState,
  decodeState,
  encodeState,
  initialState,
  restart,
  setDispersion,
  step,
} from './e-detector.ts';
import { shownStatistic } from './evidence.ts';
import {
  decodeRecovery,
  encodeRecovery,
  type RecoveryParams,
  type RecoveryState,
  recoveryStep,
  startRecovery,
} from './recovery.ts';

/** What a watch reports. An alarm begins a breach, `page` makes it urgent, `faster` more urgent than it was, `resolved` ends it. */
export type WatchEvent =
  | {
      readonly type: 'alarm';
      readonly minute: Minute;
      readonly onset: Minute;
      /** Events and bad events from the onset to the alarm; of sampled ones as many as tell as much. */
      readonly n: number;
      readonly bad: number;
      /** What the detector compared with what: S with A, or the burn rate of the fastest tier that fired with its limit. */
      readonly statistic: number;
      readonly threshold: number;
      readonly page: boolean;
      /** Burn-rate tiers that fired, 1 the fastest; empty for the sequential test. */
      readonly tiers: readonly number[];
    }
  | { readonly type: 'page'; readonly minute: Minute }
  /** A faster burn-rate tier has fired that wakes nobody. */
  | { readonly type: 'faster'; readonly minute: Minute; readonly tiers: readonly number[] }
  | { readonly type: 'resolved'; readonly minute: Minute };

export interface SequentialParams {
  readonly ticket: DetectorParams;
  /** A burn significantly above three times the budget; null when nobody is to be woken. */
  readonly page: DetectorParams | null;
  readonly recovery: RecoveryParams;
}

/** One UTC day of minutes in control. */
interface Day {
  readonly day: number;
  readonly sums: DispersionSums;
}

interface Breach {
  readonly onset: Minute;
  readonly alarm: Minute;
  paged: boolean;
  readonly recovery: RecoveryState;
}

/** Only `watchMinute` changes it. Minutes come in order; the state is a function of them, from the first on. */
export interface SequentialState {
  readonly ticket: DetectorState;
  readonly page: DetectorState | null;
  /** The UTC day that the dispersion now in force was computed for, -1 before the first minute. */
  day: number;
  /** Earlier days in control, the newest last, at most seven. */
  days: Day[];
  today: DispersionSums;
  recoveryPhi: number;
  breach: Breach | null;
}

/** The dispersion rests on so many days in control. */
const DAYS_KEPT = 7;

export const startWatch = (params: SequentialParams): SequentialState => ({
  ticket: initialState(params.ticket, null),
  page: params.page === null ? null : initialState(params.page, null),
  day: -1,
  days: [],
  today: NO_MINUTES,
  recoveryPhi: dispersion(NO_MINUTES).recoveryPhi,
  breach: null,
});

/** Labels of a minute by how late they came, and how late they come usually. */
export interface LateLabels {
  readonly delays: readonly DelayCounts[];
  readonly curve: ArrivalCurve;
}

/**
 * Counts one minute: the detectors while the promise is kept, the recovery rule while it is broken; the page detector always.
 * Of sampled events the share that they stand for decides, and only the part of the statistic that rests on shares bets.
 * @param counts  valid events of the minute, and those that broke the promise; an empty minute changes nothing
 * @param late    of labels, once it is known how late they come: each delay has its own null
 */
export function watchMinute(
  params: SequentialParams,
  state: SequentialState,
  minute: Minute,
  counts: SeenCounts,
  late: LateLabels | null = null,
): WatchEvent[] {
  if (counts.n === 0) return [];
  const worth = worthOf(params.ticket, counts, late);
  const { n, bad } = worth;
  const isSampled = counts.extra !== undefined;
  const day = Math.floor(minute / MINUTES_PER_DAY);
  if (day !== state.day) beginDay(params, state, day);
  const page = params.page === null ? null : judge(params.page, state.page!, minute, counts, late);
  if (state.breach !== null) return watchBreach(params, state, state.breach, minute, n, bad, page !== null);
  if (!isSampled) state.today = withMinute(state.today, n, bad, counts.squares);
  const alarm = judge(params.ticket, state.ticket, minute, counts, late, worth) ?? page;
  return alarm === null ? [] : [beginBreach(state, alarm, params.ticket.threshold, page !== null)];
}

/** As many events, all alike, as tell as much: fewer than were seen of sampled ones, others than were seen of late ones. */
function worthOf(params: DetectorParams, counts: SeenCounts, late: LateLabels | null): { n: number; bad: number } {
  const { n, bad } = effective(counts);
  if (late === null) return { n, bad };
  const seen = exposure(params.q0, betsOf(params, late.curve), late.delays, counts.bad);
  return { n: Math.max(bad, (seen * n) / counts.n), bad };
}

function judge(
  params: DetectorParams,
  state: DetectorState,
  minute: Minute,
  counts: SeenCounts,
  late: LateLabels | null,
  worth = worthOf(params, counts, late),
): Alarm | null {
  const countsEvents = counts.extra === undefined;
  return late === null
    ? step(params, state, minute, worth.n, worth.bad, countsEvents, counts.squares)
    : stepDelayed(params, state, betsOf(params, late.curve), minute, late.delays, worth, countsEvents);
}

/** R = 0 in both detectors: what they have gathered was gathered against other nulls. A breach goes on. */
export function restartDetectors(state: SequentialState): void {
  restart(state.ticket);
  if (state.page !== null) restart(state.page);
}

/** The dispersion is computed once a day, from the days before as they are known then, and holds for the day. */
function beginDay(params: SequentialParams, state: SequentialState, day: number): void {
  if (state.today.minutes > 0) state.days.push({ day: state.day, sums: state.today });
  state.days = state.days.slice(-DAYS_KEPT);
  state.today = NO_MINUTES;
  state.day = day;
  const { detectorPhi, recoveryPhi } = dispersion(state.days.map((one) => one.sums).reduce(addSums, NO_MINUTES));
  setDispersion(params.ticket, state.ticket, detectorPhi);
  if (params.page !== null) setDispersion(params.page, state.page!, detectorPhi);
  state.recoveryPhi = recoveryPhi;
  if (state.breach !== null) state.breach.recovery.phi = recoveryPhi;
}

function beginBreach(state: SequentialState, alarm: Alarm, threshold: number, page: boolean): WatchEvent {
  const { minute, onset, n, bad } = alarm;
  state.breach = { onset, alarm: minute, paged: page, recovery: startRecovery(minute, n, bad, state.recoveryPhi) };
  // Days from the onset on were not in control, in part at least.
  state.days = state.days.filter((one) => one.day < Math.floor(onset / MINUTES_PER_DAY));
  state.today = NO_MINUTES;
  const statistic = shownStatistic(alarm.lnStatistic);
  return { type: 'alarm', minute, onset, n, bad, statistic, threshold, page, tiers: [] };
}

function watchBreach(
  params: SequentialParams,
  state: SequentialState,
  breach: Breach,
  minute: Minute,
  n: number,
  bad: number,
  page: boolean,
): WatchEvent[] {
  const events: WatchEvent[] = [];
  if (page && !breach.paged) {
    breach.paged = true;
    events.push({ type: 'page', minute });
  }
  if (recoveryStep(params.recovery, breach.recovery, minute, n, bad)) {
    state.breach = null;
    restart(state.ticket);
    if (state.page !== null) restart(state.page);
    events.push({ type: 'resolved', minute });
  }
  return events;
}

const STATE_FORMAT = 1;
/** Of losses: their squares stand with the sums. */
const LOSS_FORMAT = 2;

/** The state as bytes, for a checkpoint. */
export function encodeWatch(state: SequentialState): Uint8Array {
  const out = new ByteWriter(2048);
  const block = (bytes: Uint8Array): void => {
    out.varint(bytes.length);
    out.bytes(bytes);
  };
  const isOfLosses = [state.today, ...state.days.map((one) => one.sums)].some((one) => one.lossSquares !== undefined);
  const sums = ({ minutes, n, bad, squares, lossSquares = 0 }: DispersionSums): void => {
    for (const value of [minutes, n, bad, squares, ...(isOfLosses ? [lossSquares] : [])]) out.double(value);
  };
  out.byte(isOfLosses ? LOSS_FORMAT : STATE_FORMAT);
  block(encodeState(state.ticket));
  block(state.page === null ? new Uint8Array(0) : encodeState(state.page));
  out.double(state.day);
  out.double(state.recoveryPhi);
  sums(state.today);
  out.varint(state.days.length);
  for (const one of state.days) {
    out.double(one.day);
    sums(one.sums);
  }
  out.byte(state.breach === null ? 0 : 1);
  if (state.breach !== null) {
    out.double(state.breach.onset);
    out.double(state.breach.alarm);
    out.byte(state.breach.paged ? 1 : 0);
    block(encodeRecovery(state.breach.recovery));
  }
  return out.written.slice();
}

/** @throws RangeError when the bytes are of another format or other parameters: then the watch begins anew */
export function decodeWatch(params: SequentialParams, bytes: Uint8Array): SequentialState {
  const from = new ByteReader(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  const block = (): Uint8Array => {
    const length = from.varint();
    const part = from.buffer.subarray(from.at, from.at + length);
    from.at += length;
    return part;
  };
  const format = from.byte();
  if (format !== STATE_FORMAT && format !== LOSS_FORMAT)
    throw new RangeError(`a watch of format ${format} is not known`);
  const sums = (): DispersionSums => ({
    minutes: from.double(),
    n: from.double(),
    bad: from.double(),
    squares: from.double(),
    ...(format === LOSS_FORMAT ? { lossSquares: from.double() } : {}),
  });
  const ticket = decodeState(params.ticket, block());
  const pageBytes = block();
  const page = params.page === null ? null : decodeState(params.page, pageBytes);
  const day = from.double();
  const recoveryPhi = from.double();
  const today = sums();
  const days = Array.from({ length: from.varint() }, () => ({ day: from.double(), sums: sums() }));
  const breach =
    from.byte() === 0
      ? null
      : {
          onset: from.double(),
          alarm: from.double(),
          paged: from.byte() === 1,
          recovery: decodeRecovery(block()),
        };
  return { ticket, page, day, days, today, recoveryPhi, breach };
}
