/** Seeded random numbers in [0, 1), those of the server. */
export { seeded as random } from '../src/server/random.ts';

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
