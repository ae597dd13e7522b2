import { maturityText } from './estimate-text.ts';
import { iso, type Millis } from './time.ts';

export const MEASURES = [
  'availability',
  'latency',
  'time_to_first_token',
  'accuracy',
  'relevance',
  'trust',
  'satisfaction',
  'drift',
  'cost',
  'cost_per_day',
  'escalation',
  'guardrail',
  'parity',
  'composite',
  'calibration',
] as const;
export type Measure = (typeof MEASURES)[number];

/** `insufficient`: too little was seen to say anything. `undefined`: nothing was seen that counts. */
export const ESTIMATE_STATUSES = ['ok', 'insufficient', 'undefined'] as const;
export type EstimateStatus = (typeof ESTIMATE_STATUSES)[number];

/** The trust index is one out of 100; its components are shares. */
export const isOutOf100 = ({ measure, subject }: Pick<Estimate, 'measure' | 'subject'>): boolean =>
  measure === 'trust' && subject === null;

/** A span of event time: `from` inclusive, `to` exclusive. */
export interface Period {
  readonly from: Millis;
  readonly to: Millis;
}

export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/**
 * What a measure says about a window, never without its uncertainty.
 *
 * `value`, `low` and `high` are shares in [0, 1] for all measures but `trust` (an index, 0..100), `drift` (adjusted
 * PSI, >= 0) and `cost_per_day` (units of its currency). `value` is null unless `status` is `ok`; an interval may be there all the same.
 */
export interface Estimate {
  readonly measure: Measure;
  /** What the measure is of: an evaluation, a label, a drift feature, a latency limit (`4s`); null when it is of nothing else. */
  readonly subject: string | null;
  /** Where the numbers come from: `spans`, `labels`, `evaluator`, `ppi`, `cbpe`, `feedback` ... */
  readonly method: string;
  /** The method stands in for the truth (an evaluator, confidences): said wherever the number is shown. */
  readonly proxy: boolean;
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
  /** Of the interval, in (0, 1): 0.95 is two-sided 95 %. */
  readonly level: number;
  /** Events counted, >= 0: as many as were seen. */
  readonly n: number;
  /** Only where traces are sampled: how many events those n stand for, and as how many of one weight they tell. */
  readonly sampled?: { readonly represents: number; readonly effective: number } | undefined;
  /** Share of the eligible events that were counted, in [0, 1]: how much of the traffic is labelled, rated, visible. */
  readonly coverage: number | null;
  /**
   * Share of the expected labels, ratings or scores that have come, in [0, 1]; 1 where nothing comes late (spans). Null while it is
   * not known how late they come.
   */
  readonly maturity: number | null;
  readonly window: Period;
  readonly status: EstimateStatus;
  /** The same corrected for labels still to come, where their delay is known. */
  readonly adjusted?: Interval | undefined;
  /** Of a difference: what has more, then what has less. Raw values: hostile text wherever they are shown. */
  readonly between?: readonly [string, string] | undefined;
  /** What else the method has to say: of trust its components, of a judge its health (docs/guide/accuracy-and-trust.md). */
  readonly detail?: Readonly<Record<string, unknown>> | undefined;
}

export interface PeriodJson {
  readonly from: string;
  readonly to: string;
}
export type EstimateJson = Omit<Estimate, 'window'> & {
  readonly window: PeriodJson;
  /** What labels still to come mean for it, in words; absent when they mean nothing. */
  readonly note?: string | undefined;
};

/** As the API and the sinks show it. */
export function estimateToJson(estimate: Estimate): EstimateJson {
  const note = maturityText(estimate);
  const window = { from: iso(estimate.window.from), to: iso(estimate.window.to) };
  return { ...estimate, window, ...(note === null ? {} : { note }) };
}
