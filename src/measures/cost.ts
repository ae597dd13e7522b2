import { targetOf } from '../model/config/target.ts';
import type { Code } from '../model/dictionary.ts';
import { costLimitKey } from '../model/names.ts';
import { EVENT_CLOCK } from '../tally/book.ts';
import { costCounters, costNanos, costWithin, counterOf, extraWeight, PRICED, USED_MODEL } from '../tally/counters.ts';
import { count, type Tally } from '../tally/group.ts';
import type { MeasureDefinition } from './definition.ts';
import type { Estimator } from './estimator.ts';
import { type EventMeasure, eventMeasure, NO_EVENTS } from './events.ts';
import { LEVEL } from './interval.ts';

/**
 * Bad: an interaction dearer than the limit. Valid: those that used a model and of which it is known what that cost; of the
 * others it is not, and they are never held to have cost nothing. @param limit  the code of a limit that the tallies count exactly
 */
export const costPerInteraction = (limit: Code): EventMeasure =>
  eventMeasure(EVENT_CLOCK, { of: [PRICED] }, { of: [PRICED], without: [costWithin(limit)] }, { of: [USED_MODEL] });

const NANOS = 1e9;
const MICRO = 1e6;

/** What was spent, in units of the currency: an exact sum, so that it has no interval; its uncertainty is what was not priced. */
export interface Spending {
  readonly currency: string;
  readonly value: number;
  /** Interactions, or calls, that the sum is of. */
  readonly n: number;
  /** Share of those that used a model of which it is known what they cost, of sampled ones by what they stand for. */
  readonly coverage: number;
}

/** @returns null where no model was used, or nothing of it could be priced: that is no cost of 0 */
export function spending(tally: Tally, currency: string): Spending | null {
  const n = count(tally, PRICED);
  if (n === 0) return null;
  const { seen, extra } = costNanos(tally, currency);
  const used = represented(tally, USED_MODEL);
  return { currency, value: (seen + extra) / NANOS, n, coverage: Math.min(1, represented(tally, PRICED) / used) };
}

const represented = (tally: Tally, name: number): number => count(tally, name) + extraWeight(tally, name) / MICRO;

/**
 * What is spent in a window, as an estimate: an exact sum without an interval. What could not be priced is said, and is no cost of 0.
 * Where it is nothing at all that could be, there is no sum.
 */
export const spendingEstimator = (currency: string): Estimator => {
  const names = new Set([USED_MODEL, PRICED, ...costCounters(currency)]);
  return {
    reads: (name) => names.has(counterOf(name)),
    estimate: (tally) => {
      const spent = spending(tally, currency);
      const none = { low: null, high: null, level: LEVEL, maturity: null };
      if (spent === null) {
        const isUnpriced = count(tally, USED_MODEL) > 0;
        const why = isUnpriced
          ? 'of nothing that was used it is known what it costs'
          : 'no model was used in the window';
        const status = isUnpriced ? 'insufficient' : 'undefined';
        return { ...none, value: null, n: 0, coverage: isUnpriced ? 0 : null, status, why };
      }
      const { value, n, coverage } = spent;
      if (coverage === 1) return { ...none, value, n, coverage, status: 'ok' };
      const why = `of ${((1 - coverage) * 100).toFixed(1)} % it is not known what they cost`;
      return { ...none, value, n, coverage, status: 'ok', why };
    },
  };
};

/** An amount of money in billionths; less than one of them is one. */
export const nanosOfAmount = (amount: number): number => Math.max(1, Math.round(amount * NANOS));

/** Of interactions with a limit of cost and no share that is promised: so many keep to it. */
const USUAL_TARGET = targetOf(0.99);

/** Of one interaction, or of all of a day together. */
export const costMeasure: MeasureDefinition<'cost'> = {
  read: ({ perInteraction, perDay }, { currency, codeOf }) => {
    if (perInteraction === null)
      return {
        measure: 'cost_per_day',
        judgedBy: 'report',
        incidentsBy: 'objectives on the cost of one interaction',
        events: NO_EVENTS,
        estimator: spendingEstimator(currency),
        subject: currency,
        method: 'spans',
        codes: [],
        limit: perDay!,
        isOfADay: true,
      };
    const limit = codeOf(costLimitKey(currency, nanosOfAmount(perInteraction)));
    return {
      events: costPerInteraction(limit),
      subject: `${perInteraction} ${currency}`,
      method: 'spans',
      codes: [limit],
      usualTarget: USUAL_TARGET,
    };
  },
  isReport: ({ perDay }) => perDay !== null,
};
