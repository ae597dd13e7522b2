/**
 * What the mathematics refuses. A NaN, an infinity or an overflowed count would spread through every sum it touches, so
 * the functions that take counts from elsewhere ask here first. Each throws a RangeError that names the value.
 */

/** An integer 0..2^53-1: a count that adds exactly. */
export function requireCount(name: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 0)
    throw new RangeError(`${name} is ${value}, a count is an integer from 0 to 2^53-1`);
}

/** `part` and `whole` are counts and part <= whole. */
export function requirePart(partName: string, part: number, wholeName: string, whole: number): void {
  requireCount(partName, part);
  requireCount(wholeName, whole);
  if (part > whole) throw new RangeError(`${partName} is ${part}, more than ${wholeName}, which is ${whole}`);
}

/** Nothing that is measured is smaller; below it inverses are no longer finite. */
const SMALLEST = 1e-300;

/** A share strictly between 0 and 1: an objective, a budget, a level. */
export function requireOpenShare(name: string, value: number): void {
  if (!(value >= SMALLEST && value < 1))
    throw new RangeError(`${name} is ${value}, it must lie strictly between 0 and 1`);
}

export function requireFinite(name: string, value: number): void {
  if (!Number.isFinite(value)) throw new RangeError(`${name} is ${value}, a finite number is needed`);
}

export function requirePositive(name: string, value: number): void {
  if (!(value >= SMALLEST && value < Infinity))
    throw new RangeError(`${name} is ${value}, it must be positive and finite`);
}

/** A share, 0 and 1 included: something that was measured. */
export function requireShare(name: string, value: number): void {
  if (!(value >= 0 && value <= 1)) throw new RangeError(`${name} is ${value}, it must lie in [0, 1]`);
}

/** A quantity from 0 to 2^53: a count or a time, whole or not. */
export function requireAmount(name: string, value: number): void {
  if (!(value >= 0 && value <= Number.MAX_SAFE_INTEGER))
    throw new RangeError(`${name} is ${value}, it lies from 0 to 2^53-1`);
}

/**
 * A sum of weights, or of their squares, in millionths: finite and not negative. It may need more than 53 bits (nine thousand events that stand for
 * a thousand each are enough) and is rounded then, which no share can tell.
 */
export function requireWeight(name: string, value: number): void {
  if (!(value >= 0 && value < Number.POSITIVE_INFINITY))
    throw new RangeError(`${name} is ${value}, a sum of weights is 0 or more and finite`);
}

/** `part` and `whole` are finite and 0 <= part <= whole < 2^53: counts, or sums of losses or weights beside them. */
export function requireWithin(partName: string, part: number, wholeName: string, whole: number): void {
  if (!(part >= 0 && part <= whole && whole <= Number.MAX_SAFE_INTEGER))
    throw new RangeError(
      `${partName} is ${part} of ${wholeName} ${whole}: 0 <= ${partName} <= ${wholeName} < 2^53 is needed`,
    );
}
