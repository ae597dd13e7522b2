import { requireFinite } from '../model/numbers.ts';
import type { Interval } from './interval.ts';
import { LEVEL } from './interval.ts';
import { wilson } from './wilson.ts';

/** An estimate and its own interval. */
export interface Located extends Interval {
  readonly value: number;
}

/**
 * MOVER: the interval of a difference from the separate intervals of its two sides, for any pair of independent estimates.
 * @see Zou, Donner (2008), Stat. Med. 27:1693-1702
 */
export function mover(one: Located, other: Located): Located {
  for (const part of [one, other]) for (const [name, value] of Object.entries(part)) requireFinite(name, value);
  const value = one.value - other.value;
  const difference = {
    value,
    low: value - Math.hypot(one.value - one.low, other.high - other.value),
    high: value + Math.hypot(one.high - one.value, other.value - other.low),
  };
  for (const [name, end] of Object.entries(difference)) requireFinite(`${name} of the difference`, end);
  return difference;
}

/**
 * Newcombe's hybrid score interval of p1 - p2 (method 10), MOVER of two Wilson intervals. Asymptotic, for one look.
 * @returns null when one side has no observations: then there is no difference to speak of
 * @see Newcombe (1998), Stat. Med. 17:873-890
 */
export function newcombe(good1: number, n1: number, good2: number, n2: number, level = LEVEL): Located | null {
  const one = wilson(good1, n1, level);
  const other = wilson(good2, n2, level);
  if (n1 === 0 || n2 === 0) return null;
  return mover({ value: good1 / n1, ...one }, { value: good2 / n2, ...other });
}
