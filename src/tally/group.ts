import type { Counter } from './counters.ts';

/**
 * A bag of integers, one per counter: an element of a commutative group, so that tallies add, subtract and merge in any
 * order, on any replica, at any time. Canonical: no counter is zero, so equal tallies are deep-equal.
 */
export type Tally = ReadonlyMap<Counter, number>;

export const ZERO: Tally = new Map();

export const add = (a: Tally, b: Tally): Tally => combine(a, b, 1);
export const subtract = (a: Tally, b: Tally): Tally => combine(a, b, -1);
export const sum = (tallies: Iterable<Tally>): Tally => {
  const total = new Map<Counter, number>();
  for (const tally of tallies) addInto(total, tally);
  return total;
};

/** Adds in place: for sums of many. */
export function addInto(total: Map<Counter, number>, tally: Tally, sign: 1 | -1 = 1): void {
  for (const [name, count] of tally) bump(total, name, sign * count);
}

/** @throws RangeError past 2^53, where sums would cease to be exact */
export function bump(total: Map<Counter, number>, name: Counter, by: number): void {
  const count = (total.get(name) ?? 0) + by;
  if (!Number.isSafeInteger(count)) throw new RangeError(`counter ${name} would be ${count}: not an exact integer`);
  if (count === 0) total.delete(name);
  else total.set(name, count);
}

function combine(a: Tally, b: Tally, sign: 1 | -1): Tally {
  const total = new Map(a);
  addInto(total, b, sign);
  return total;
}

export function equal(a: Tally, b: Tally): boolean {
  if (a.size !== b.size) return false;
  for (const [name, count] of a) if (b.get(name) !== count) return false;
  return true;
}

export const count = (tally: Tally, name: Counter): number => tally.get(name) ?? 0;
