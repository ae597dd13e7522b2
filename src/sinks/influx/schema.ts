/** What a field holds: `real` is a double, `flag` true or false. */
export type FieldType = 'integer' | 'real' | 'text' | 'flag';

export interface Measurement {
  readonly tags: readonly string[];
  readonly fields: Readonly<Record<string, FieldType>>;
}

/** The shape of the event-time history (docs/guide/history.md). Every point has a revision that only rises. */
export const MEASUREMENTS = {
  tally: {
    tags: ['service', 'environment', 'measure', 'slice'],
    fields: { good: 'integer', valid: 'integer', eligible: 'integer', revision: 'integer' },
  },
  latency: {
    tags: ['service', 'environment', 'slice', 'rank'],
    fields: { lower: 'real', value: 'real', upper: 'real', n: 'integer', revision: 'integer' },
  },
  cost: {
    tags: ['service', 'environment', 'model', 'currency'],
    fields: {
      cost_micros: 'integer',
      priced: 'integer',
      interactions: 'integer',
      input_uncached: 'integer',
      input_cached: 'integer',
      cache_write: 'integer',
      output: 'integer',
      reasoning: 'integer',
      revision: 'integer',
    },
  },
  incident: {
    tags: ['service', 'environment', 'severity', 'id'],
    fields: {
      number: 'text',
      text: 'text',
      until: 'integer',
      open: 'flag',
      detect_s: 'integer',
      ack_s: 'integer',
      resolve_s: 'integer',
      revision: 'integer',
    },
  },
  verdict: {
    tags: ['service', 'environment', 'objective'],
    fields: {
      verdict: 'integer',
      lower: 'real',
      value: 'real',
      upper: 'real',
      n: 'integer',
      coverage: 'real',
      revision: 'integer',
    },
  },
  drift_bin: {
    tags: ['service', 'environment', 'feature', 'bin', 'period'],
    fields: { n: 'integer', revision: 'integer' },
  },
} as const satisfies Readonly<Record<string, Measurement>>;

export type MeasurementName = keyof typeof MEASUREMENTS;
export type TagsOf<M extends MeasurementName> = Readonly<Record<(typeof MEASUREMENTS)[M]['tags'][number], string>>;

type ValueOf<T extends FieldType> = T extends 'text' ? string : T extends 'flag' ? boolean : number;
type Fields<M extends MeasurementName> = (typeof MEASUREMENTS)[M]['fields'];
/** Null: the point has no such field. */
export type FieldsOf<M extends MeasurementName> = {
  readonly [F in keyof Fields<M>]: Fields<M>[F] extends FieldType ? ValueOf<Fields<M>[F]> | null : never;
};

/** Where points are kept: `minutes` for 400 days, and what has no policy named is in it; `hourly` for ever. */
export const POLICIES = { minutes: '9600h', hourly: 'INF' } as const;
export type Policy = keyof typeof POLICIES;
export const DEFAULT_POLICY: Policy = 'minutes';
export const MINUTES_KEPT_MS = 9600 * 3_600_000;
