/**
 * How heavily a promise is loaded: the bad share over the share that the target allows. 0 is empty, 1 is on the line, 2 is
 * twice what is allowed. A burn rate is the same thing over a shorter time, so both are drawn on one scale, and promises
 * of 99.9 % and of 0.9 can be compared by eye.
 */
export type Load = number;

/** Measures that are counted from 0 to something else than 1. */
const BEST: Readonly<Record<string, number>> = { trust: 100 };

/** Null where there is no such thing: no target, or one without any budget. */
export function loadOf(measure: string, value: number | null, target: number | null): Load | null {
  const best = BEST[measure] ?? 1;
  if (value === null || target === null || target >= best || target < 0) return null;
  return Math.max(0, (best - value) / (best - target));
}

export interface LoadInterval {
  readonly value: Load;
  readonly low: Load;
  readonly high: Load;
}

/** The estimate's interval as loads: the lower end of the measure is the higher load, unless a most is promised: of that the load is the part that is used. */
export function loadInterval(
  estimate: {
    readonly measure: string;
    readonly value: number | null;
    readonly low: number | null;
    readonly high: number | null;
  },
  target: number | null,
  direction: 'at_least' | 'at_most' = 'at_least',
): LoadInterval | null {
  const { measure, value, low, high } = estimate;
  if (direction === 'at_most') {
    if (value === null || target === null || target <= 0) return null;
    return { value: value / target, low: (low ?? value) / target, high: (high ?? value) / target };
  }
  const load = loadOf(measure, value, target);
  if (load === null) return null;
  return { value: load, low: loadOf(measure, high, target) ?? load, high: loadOf(measure, low, target) ?? load };
}

/** Where the line is, as a share of the width: the same everywhere, so that it runs down the page. */
export const LINE = 0.64;

/** Place of a load on the scale in [0, 1]: even up to the line, then ever closer to the end, which nothing reaches. */
export const placeOf = (load: Load): number =>
  load <= 1 ? Math.max(0, load) * LINE : LINE + (1 - LINE) * (1 - 1 / load);

/** Marks of the scale. */
export const TICKS: readonly { readonly load: Load; readonly text: string }[] = [
  { load: 0, text: '0' },
  { load: 0.5, text: '½' },
  { load: 1, text: 'the line' },
  { load: 2, text: '2×' },
  { load: 5, text: '5×' },
];
