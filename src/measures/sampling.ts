import { requireCount, requireWeight, requireWithin } from '../model/numbers.ts';

/**
 * What sampled events stand for beyond the one of each that was seen: sums of (w - 1), of (w - 1) of the bad ones and of
 * (w^2 - 1), in millionths, w their adjusted count. All of them add.
 */
export interface ExtraWeight {
  readonly n: number;
  readonly bad: number;
  readonly squares: number;
}

/** Events that were seen, and of sampled ones what they stand for; without `extra` each stands for itself. */
export interface SeenCounts {
  readonly n: number;
  readonly bad: number;
  readonly extra?: ExtraWeight;
  /** Of losses in [0, 1]: the sum of their squares. As many as `bad` where events are bad or not. */
  readonly squares?: number;
}

const MICRO = 1e6;
const NO_EXTRA: ExtraWeight = { n: 0, bad: 0, squares: 0 };

/** The same without whatever else is known of them. */
export function seenOf({ n, bad, extra, squares }: SeenCounts): SeenCounts {
  if (extra !== undefined) return squares === undefined ? { n, bad, extra } : { n, bad, extra, squares };
  return squares === undefined ? { n, bad } : { n, bad, squares };
}

export function plus(a: SeenCounts, b: SeenCounts, sign: 1 | -1 = 1): SeenCounts {
  const n = a.n + sign * b.n;
  const bad = a.bad + sign * b.bad;
  if (a.extra === undefined && b.extra === undefined) return { n, bad };
  const { extra: left = NO_EXTRA } = a;
  const { extra: right = NO_EXTRA } = b;
  const extra = {
    n: left.n + sign * right.n,
    bad: left.bad + sign * right.bad,
    squares: left.squares + sign * right.squares,
  };
  return extra.n === 0 ? { n, bad } : { n, bad, extra };
}

/** How many events those seen stand for (the sum of their weights), and how many of these are bad: for shares and budgets. */
export function represented({ n, bad, extra }: SeenCounts): { n: number; bad: number } {
  requireCount('n', n);
  requireWithin('bad', bad, 'n', n);
  if (extra === undefined) return { n, bad };
  for (const [name, value] of Object.entries(extra)) requireWeight(`extra.${name}`, value);
  return { n: n + extra.n / MICRO, bad: bad + Math.min(extra.bad, extra.n) / MICRO };
}

/**
 * As many events of one weight as tell as much as those seen, with the same share of bad ones: for intervals and tests. As many
 * as were seen where all weigh the same, fewer where they don't; whole numbers only then.
 * @see Kish (1965), Survey Sampling, sec. 11.7: (sum w)^2 / sum w^2
 */
export function effective(counts: SeenCounts): { n: number; bad: number } {
  const { n, bad, extra } = counts;
  requireCount('n', n);
  requireWithin('bad', bad, 'n', n);
  if (extra === undefined || n === 0) return { n, bad };
  const all = represented(counts);
  const size = Math.min(n, all.n ** 2 / (n + extra.squares / MICRO));
  return { n: size, bad: Math.min(size, size * (all.bad / all.n)) };
}
