import { ExportRequest } from './oracle.ts';
import { WINDOW } from './samples.ts';

/** A bigint is an integer of 64 bits, a number that is no safe integer a double. */
export type Value =
  | string
  | number
  | bigint
  | boolean
  | Uint8Array
  | readonly Value[]
  | { readonly [key: string]: Value };

/** A span in short; times are milliseconds before the end of the window. */
export interface SpanSketch {
  readonly traceId?: string;
  readonly spanId?: string;
  readonly parentSpanId?: string;
  readonly name?: string;
  readonly kind?: number;
  readonly start?: bigint;
  readonly end?: bigint;
  readonly attributes?: Readonly<Record<string, Value>>;
  readonly events?: readonly {
    readonly name: string;
    readonly time?: bigint;
    readonly attributes?: Readonly<Record<string, Value>>;
  }[];
  readonly status?: { readonly code: number; readonly message?: string };
  readonly traceState?: string;
  readonly flags?: number;
  /** Name of the instrumentation scope; `test` when none is given. */
  readonly scope?: string;
}

const NANOS_NOW = BigInt(WINDOW.now) * 1_000_000n;
export const secondsAgo = (seconds: number): bigint => NANOS_NOW - BigInt(Math.round(seconds * 1e9));

function anyValue(value: Value): object {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'bigint') return { intValue: value.toString() };
  if (typeof value === 'number') return Number.isSafeInteger(value) ? { intValue: value } : { doubleValue: value };
  if (value instanceof Uint8Array) return { bytesValue: value };
  if (Array.isArray(value)) return { arrayValue: { values: value.map(anyValue) } };
  return { kvlistValue: { values: keyValues(value as Record<string, Value>) } };
}

const keyValues = (attributes: Readonly<Record<string, Value>> = {}): object[] =>
  Object.entries(attributes).map(([key, value]) => ({ key, value: anyValue(value) }));

const hex = (text: string): Buffer => Buffer.from(text, 'hex');

function span(sketch: SpanSketch, i: number): object {
  const { attributes, events, scope: _, start = secondsAgo(2), end = secondsAgo(1), ...rest } = sketch;
  return {
    name: 'chat',
    ...rest,
    traceId: hex(sketch.traceId ?? '0af7651916cd43dd8448eb211c80319c'),
    spanId: hex(sketch.spanId ?? (i + 1).toString(16).padStart(16, '0')),
    parentSpanId: hex(sketch.parentSpanId ?? ''),
    startTimeUnixNano: start.toString(),
    endTimeUnixNano: end.toString(),
    attributes: keyValues(attributes),
    events: (events ?? []).map(({ name, time, attributes }) => ({
      name,
      ...(time !== undefined && { timeUnixNano: time.toString() }),
      attributes: keyValues(attributes),
    })),
  };
}

/** An OTLP request of one service. */
export function requestOf(
  spans: readonly SpanSketch[],
  resource: Readonly<Record<string, Value>> = { 'service.name': 'bot' },
): Buffer {
  const byScope = Map.groupBy(
    spans.map((sketch, i) => ({ scope: sketch.scope ?? 'test', span: span(sketch, i) })),
    ({ scope }) => scope,
  );
  const scopeSpans = [...byScope].map(([name, list]) => ({ scope: { name }, spans: list.map(({ span }) => span) }));
  const request = ExportRequest.fromObject({
    resourceSpans: [{ resource: { attributes: keyValues(resource) }, scopeSpans }],
  });
  return Buffer.from(ExportRequest.encode(request).finish());
}
