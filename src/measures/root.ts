/**
 * The root of a monotone function by Newton's method, held inside a bracket: a step that would leave it is replaced by
 * halving it, so it converges from anywhere and quadratically near the end. Accurate to a few units in the last place.
 * @param at      the function's value and slope
 * @param rising  whether the function rises over the bracket; it must change its sign there
 * @see Press et al. (2007), Numerical Recipes, sec. 9.4 "rtsafe"
 */
export function solve(
  at: (x: number) => readonly [value: number, slope: number],
  rising: boolean,
  lowest: number,
  highest: number,
  start: number,
): number {
  let low = lowest;
  let high = highest;
  let x = start > low && start < high ? start : (low + high) / 2;
  for (let i = 0; i < 200; i++) {
    const [value, slope] = at(x);
    if (value === 0) return x;
    if (value < 0 === rising) low = x;
    else high = x;
    let next = x - value / slope;
    if (!(next > low && next < high)) next = (low + high) / 2;
    if (Math.abs(next - x) <= 2 * Number.EPSILON * Math.abs(x)) return next;
    x = next;
  }
  return x;
}
