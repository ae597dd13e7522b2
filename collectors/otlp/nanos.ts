/** 10^8 ns, a tenth of a second, is 2^8 · 390,625. */
const TENTH_SHIFTED = 390_625;
const HALF = 2 ** 32;

/**
 * A 64-bit count of nanoseconds, in halves, as whole tenths of a second and the rest: exact, where a double would lose
 * the last 256 ns. `low` and `high` are 0..2^32-1.
 */
export function tenthsOf(low: number, high: number): number {
  const whole = Math.floor(high / TENTH_SHIFTED);
  return whole * 2 ** 24 + Math.floor(shiftedRest(low, high) / TENTH_SHIFTED);
}

/** The nanoseconds beyond `tenthsOf`, 0..99_999_999. */
export const nanosBeyondTenths = (low: number, high: number): number =>
  (shiftedRest(low, high) % TENTH_SHIFTED) * 256 + (low & 255);

const shiftedRest = (low: number, high: number): number => (high % TENTH_SHIFTED) * 2 ** 24 + (low >>> 8);

/** From one instant to another; exact below 2^53 ns, about 104 days. */
export const nanosBetween = (fromLow: number, fromHigh: number, toLow: number, toHigh: number): number =>
  (toHigh - fromHigh) * HALF + (toLow - fromLow);

/** Whole milliseconds since 1970. */
export const millisOf = (low: number, high: number): number =>
  tenthsOf(low, high) * 100 + Math.floor(nanosBeyondTenths(low, high) / 1e6);
