/** Seeded random numbers in [0, 1) for simulations in tests: mulberry32. */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** How many of n independent events happen, each with probability p. Exact; cheap for small n p. */
export function binomial(next: () => number, n: number, p: number): number {
  if (p > 0.5) return n - binomial(next, n, 1 - p);
  if (p <= 0) return 0;
  let hits = 0;
  // Gaps between hits are geometric.
  for (let at = Math.floor(Math.log1p(-next()) / Math.log1p(-p)); at < n; hits++)
    at += 1 + Math.floor(Math.log1p(-next()) / Math.log1p(-p));
  return hits;
}
