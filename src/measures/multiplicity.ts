import { requireOpenShare } from '../model/numbers.ts';

/**
 * Which p-values are significant together, with the false discovery rate held at alpha: the k smallest, k the largest with
 * p_(k) <= k alpha / K. For a list looked at once; a list looked at again and again needs `eBenjaminiHochberg`.
 * @see Benjamini, Hochberg (1995), JRSS-B 57:289-300
 */
export function benjaminiHochberg(p: readonly number[], alpha: number): boolean[] {
  requireOpenShare('alpha', alpha);
  for (const value of p)
    if (!(value >= 0 && value <= 1)) throw new RangeError(`a p-value is ${value}, it lies in [0, 1]`);
  const sorted = [...p].sort((a, b) => a - b);
  let largest = -1;
  for (const [i, value] of sorted.entries()) if (value <= ((i + 1) * alpha) / p.length) largest = value;
  return p.map((value) => value <= largest);
}

/**
 * The same for e-values, whatever their dependence and however often it is looked: the k largest, k the largest with
 * e_(k) >= K / (k alpha).
 * @see Wang, Ramdas (2022), False discovery rate control with e-values, JRSS-B 84:822-852
 */
export function eBenjaminiHochberg(e: readonly number[], alpha: number): boolean[] {
  requireOpenShare('alpha', alpha);
  for (const value of e) if (!(value >= 0)) throw new RangeError(`an e-value is ${value}, it is 0 or more`);
  const sorted = [...e].sort((a, b) => b - a);
  let smallest = Infinity;
  let found = false;
  for (const [i, value] of sorted.entries())
    if (value >= e.length / ((i + 1) * alpha)) {
      smallest = value;
      found = true;
    }
  return e.map((value) => found && value >= smallest);
}
