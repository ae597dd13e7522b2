import { TOKEN_PARTS, TOKENS_KNOWN, type TokenPart, tokensRepresented } from '../tally/counters.ts';
import { count, type Tally } from '../tally/group.ts';

/** Tokens by part; the parts do not overlap, so they add up. Of sampled traces what they stand for. */
export interface TokenSums extends Readonly<Record<TokenPart, number>> {
  /** Interactions, or calls, that say how many they used. */
  readonly n: number;
}

/** @returns null when none says */
export function tokenSums(tally: Tally): TokenSums | null {
  const n = count(tally, TOKENS_KNOWN);
  if (n === 0) return null;
  const sums = Object.fromEntries(TOKEN_PARTS.map((part) => [part, tokensRepresented(tally, part)]));
  return { n, ...(sums as Record<TokenPart, number>) };
}
