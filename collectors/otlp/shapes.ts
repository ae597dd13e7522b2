import type { Shape } from './wire.ts';

/**
 * The messages of OTLP requests that lie in others, by field number.
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

const EXEMPLAR: Shape = new Map([[7, KEY_VALUE]]);
const dataOf = (attributes: number, exemplars: number, ...plain: number[]): Shape =>
  new Map([
    [
      1,
      new Map<number, Shape>([
        [attributes, KEY_VALUE],
        [exemplars, EXEMPLAR],
        ...plain.map((field): [number, Shape] => [field, new Map()]),
      ]),
    ],
  ]);
/** @see https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/metrics/v1/metrics.proto */
export const METRIC: Shape = new Map<number, Shape>([
  [5, dataOf(7, 5)],
  [7, dataOf(7, 5)],
  [9, dataOf(9, 8)],
  // The buckets of an exponential histogram lie in messages of their own.
  [10, dataOf(1, 11, 8, 9)],
  [
    11,
    new Map([
      [
        1,
        new Map<number, Shape>([
          [7, KEY_VALUE],
          [6, new Map()],
        ]),
      ],
    ]),
  ],
  [12, KEY_VALUE],
]);
