import type { Millis } from '../../src/model/time.ts';
import { nanosBetween, tenthsOf } from './nanos.ts';
import type { RejectReason } from './rejects.ts';
import type { SpanFrame } from './span-frame.ts';

/** Which ends of spans are taken. */
export interface TimeWindow {
  readonly now: Millis;
  /** How long stored spans are kept: an end before that is too old. */
  readonly retention: Millis;
}

/** How far the clock of a sender may be ahead. */
export const MAX_AHEAD: Millis = 600_000;

/** Why a span can't be kept; null when it can. */
export function faultOf(frame: SpanFrame, source: Buffer, { now, retention }: TimeWindow): RejectReason | null {
  const { startLow, startHigh, endLow, endHigh } = frame;
  if (frame.traceLength !== 16 || isZero(source, frame.traceAt, 16)) return 'trace id';
  if (frame.spanLength !== 8 || isZero(source, frame.spanAt, 8)) return 'span id';
  if (frame.parentLength !== 0 && frame.parentLength !== 8) return 'parent span id';
  if (isNoTime(startLow, startHigh) || isNoTime(endLow, endHigh)) return 'no time';
  const end = tenthsOf(endLow, endHigh) * 100;
  if (end > now + MAX_AHEAD) return 'in the future';
  if (end < now - retention) return 'too old';
  return nanosBetween(startLow, startHigh, endLow, endHigh) > Number.MAX_SAFE_INTEGER ? 'too long' : null;
}

/** The values that speak against a span, for the sender to find it. */
export function exampleOf(reason: RejectReason, frame: SpanFrame, source: Buffer): string {
  const hex = (at: number, length: number): string => source.toString('hex', at, at + Math.min(length, 32));
  const span = `span ${hex(frame.spanAt, frame.spanLength)}`;
  switch (reason) {
    case 'trace id':
      return `${span} has trace id "${hex(frame.traceAt, frame.traceLength)}"`;
    case 'span id':
      return `a span of trace ${hex(frame.traceAt, frame.traceLength)} has span id "${hex(frame.spanAt, frame.spanLength)}"`;
    case 'parent span id':
      return `${span} has parent span id "${hex(frame.parentAt, frame.parentLength)}"`;
    case 'too deep':
    case 'too many':
      return span;
    default: {
      const show = reason === 'no time' ? nanosText : dateText;
      const times = `from ${show(frame.startLow, frame.startHigh)} to ${show(frame.endLow, frame.endHigh)}`;
      return `${span} of trace ${hex(frame.traceAt, 16)} is ${times}`;
    }
  }
}

export function isZero(source: Buffer, at: number, length: number): boolean {
  for (let i = at; i < at + length; i++) if (source[i] !== 0) return false;
  return true;
}

/** What senders write who have no time: 0, and what is left of -1 and of the least integer. */
const isNoTime = (low: number, high: number): boolean =>
  (low === 0 && (high === 0 || high === 0x80000000)) || (low === 0xffffffff && high === 0xffffffff);

const nanosText = (low: number, high: number): string => `${(BigInt(high) << 32n) | BigInt(low)} ns`;
const dateText = (low: number, high: number): string => new Date(tenthsOf(low, high) * 100).toISOString();
