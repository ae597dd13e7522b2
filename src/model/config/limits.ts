import type { z } from 'zod';
import type { Millis } from '../time.ts';
import { map } from './document.ts';
import { duration, refuse, size, whole } from './fields.ts';

const written = map({
  body: size('64KiB', '256MiB').prefault('64MiB'),
  bodiesInFlight: size('128KiB', '16GiB').prefault('128MiB'),
  apiBody: size('64KiB', '64MiB').prefault('8MiB'),
  spansPerRequest: whole(1, 1_000_000).prefault(100_000),
  attributesPerSpan: whole(1, 1_000_000).prefault(4096),
  valueDepth: whole(1, 24).prefault(24),
  connections: whole(1, 65_536).prefault(4096),
  headersTimeout: duration('100ms', '10m').prefault('10s'),
  requestTimeout: duration('100ms', '1h').prefault('60s'),
  idleTimeout: duration('1s', '1h').prefault('120s'),
});

/** A limit, by its key in the deployment's file: what metrics call it when it bites. */
export type LimitName = keyof z.input<typeof written>;
export const LIMIT_NAMES = Object.keys(written.shape) as LimitName[];

/** What each of the doors takes at most. Sizes in bytes. */
export interface Limits {
  /** Of a request for telemetry, unpacked; counted while it is unpacked. OTLP recommends 64 MiB. */
  readonly maxBodyBytes: number;
  /** Of all bodies being read at a time: beyond it senders are asked to come again. */
  readonly maxBytesInFlight: number;
  /** Of a body of the API. */
  readonly maxApiBodyBytes: number;
  /** Of a request; those beyond it are refused one by one, the others kept. */
  readonly maxSpans: number;
  /** Read of a span; those beyond it are stepped over. */
  readonly maxAttributes: number;
  /** Values of an attribute in each other. */
  readonly maxValueDepth: number;
  readonly maxConnections: number;
  /** Until a request's headers are there. */
  readonly headersTimeout: Millis;
  /** Until its body is there. */
  readonly requestTimeout: Millis;
  /** How long an idle connection is kept: longer than the senders' own, so that they close it and not we. */
  readonly idleTimeout: Millis;
}

export const limits = written.transform((value, context): Limits => {
  // Memory is lent in powers of two.
  if (value.bodiesInFlight < 2 * value.body)
    return refuse(context, 'expected at least twice `body`, so that one body finds room', {}, ['bodiesInFlight']);
  const { headersTimeout, requestTimeout, idleTimeout } = value;
  return {
    maxBodyBytes: value.body,
    maxBytesInFlight: value.bodiesInFlight,
    maxApiBodyBytes: value.apiBody,
    maxSpans: value.spansPerRequest,
    maxAttributes: value.attributesPerSpan,
    maxValueDepth: value.valueDepth,
    maxConnections: value.connections,
    headersTimeout,
    requestTimeout,
    idleTimeout,
  };
});

export const DEFAULT_LIMITS: Limits = limits.parse({});
