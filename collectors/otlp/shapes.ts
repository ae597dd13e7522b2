import type { Shape } from './wire.ts';

/**
 * The messages of an OTLP trace request that lie in others, by field number.
 * @see https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/trace/v1/trace.proto
 */
const anyValue = new Map<number, Shape>();
export const ANY_VALUE: Shape = anyValue;
export const KEY_VALUE: Shape = new Map([[2, ANY_VALUE]]);
const ARRAY_VALUE: Shape = new Map([[1, ANY_VALUE]]);
export const KEY_VALUES: Shape = new Map([[1, KEY_VALUE]]);
anyValue.set(5, ARRAY_VALUE).set(6, KEY_VALUES);

export const RESOURCE: Shape = new Map([[1, KEY_VALUE]]);
export const SCOPE: Shape = new Map([[3, KEY_VALUE]]);
export const EVENT: Shape = new Map([[3, KEY_VALUE]]);
export const LINK: Shape = new Map([[4, KEY_VALUE]]);
export const STATUS: Shape = new Map();
