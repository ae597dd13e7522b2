import type { Code } from '../model/dictionary.ts';
import { EVENT_CLOCK } from '../tally/book.ts';
import { costNanos, costWithin, extraWeight, PRICED, USED_MODEL } from '../tally/counters.ts';
import { count, type Tally } from '../tally/group.ts';
import { type EventMeasure, eventMeasure } from './events.ts';

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
