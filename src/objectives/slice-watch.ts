import type { SeenCounts } from '../measures/sampling.ts';
import { ByteReader, ByteWriter } from '../model/bytes.ts';
import type { Code } from '../model/dictionary.ts';
import type { Minute } from '../model/time.ts';
import {
  decodeWatch,
  encodeWatch,
  type SequentialParams,
  type SequentialState,
  startWatch,
  type WatchEvent,
  watchMinute,
} from './sequential-watch.ts';

/** Detectors of an objective's slices: one for each value of these dimensions, all alike. */
export interface SlicedParams {
  readonly dimensions: readonly Code[];
  readonly each: SequentialParams;
}

/** Counts of one minute of one slice. */
export interface SliceMinute extends SeenCounts {
  readonly minute: Minute;
  readonly dimension: Code;
  readonly value: Code;
}

/** What the detector of a slice is known by, in the store too: the codes of the dimension and of the value. */
export type SliceDetector = `slice:${number}:${number}`;

export const sliceDetector = (dimension: Code, value: Code): SliceDetector => `slice:${dimension}:${value}`;

/** The slice that a detector is of; null when it is of the whole service. */
export function sliceOfDetector(detector: string): { readonly dimension: Code; readonly value: Code } | null {
  const [name, dimension, value] = detector.split(':');
  return name === 'slice' ? { dimension: Number(dimension), value: Number(value) } : null;
}

interface SliceState {
  readonly dimension: Code;
  readonly value: Code;
  readonly sequential: SequentialState;
  /** Minutes since it was seen last in which the service had events. */
  missed: number;
}

/** The slices that have been seen. Only `watchSlices` changes it. */
export type SliceStates = Map<SliceDetector, SliceState>;

export interface SliceEvent {
  readonly detector: SliceDetector;
  readonly event: WatchEvent;
}

/** A broken slice that has had no traffic in so many minutes in which the service had is gone: what it promised is kept by others now. */
const GONE_MINUTES = 60;

/**
 * Counts one minute in which the service had events. An alarm is one of the objective's own, of a part of its traffic; it wakes
 * nobody.
 * @param counts  of the slices that had any, in any order
 */
export function watchSlices(
  params: SlicedParams,
  states: SliceStates,
  minute: Minute,
  counts: readonly SliceMinute[],
): SliceEvent[] {
  const events: SliceEvent[] = [];
  for (const seen of counts) {
    const detector = sliceDetector(seen.dimension, seen.value);
    let state = states.get(detector);
    if (state === undefined) {
      const { dimension, value } = seen;
      state = { dimension, value, sequential: startWatch(params.each), missed: 0 };
      states.set(detector, state);
    }
    // The minute is counted below, of every slice.
    state.missed = -1;
    for (const event of watchMinute(params.each, state.sequential, minute, seen)) events.push({ detector, event });
  }
  for (const [detector, state] of states) {
    state.missed++;
    if (state.sequential.breach === null || state.missed < GONE_MINUTES) continue;
    states.delete(detector);
    events.push({ detector, event: { type: 'resolved', minute } });
  }
  return events;
}

export function isAnyBroken(states: SliceStates): boolean {
  for (const { sequential } of states.values()) if (sequential.breach !== null) return true;
  return false;
}

/** The states as bytes, for a checkpoint: equal ones give equal bytes. */
export function encodeSlices(states: SliceStates): Uint8Array {
  const out = new ByteWriter();
  const sorted = [...states.values()].sort((a, b) => a.dimension - b.dimension || a.value - b.value);
  out.varint(sorted.length);
  for (const { dimension, value, sequential, missed } of sorted) {
    const bytes = encodeWatch(sequential);
    out.varint(dimension);
    out.varint(value);
    out.double(missed);
    out.varint(bytes.length);
    out.bytes(bytes);
  }
  return out.written.slice();
}

/** @throws RangeError when the bytes are of another format or other parameters */
export function decodeSlices(params: SlicedParams, bytes: Uint8Array): SliceStates {
  const from = new ByteReader(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  const states: SliceStates = new Map();
  for (let left = from.varint(); left > 0; left--) {
    const dimension = from.varint();
    const value = from.varint();
    const missed = from.double();
    const length = from.varint();
    const sequential = decodeWatch(params.each, from.buffer.subarray(from.at, from.at + length));
    from.at += length;
    states.set(sliceDetector(dimension, value), { dimension, value, sequential, missed });
  }
  return states;
}
