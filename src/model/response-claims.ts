import type { Interval, Measure } from './estimate.ts';
import { decimalsFor, targetText, valueText } from './estimate-text.ts';
import { plainText } from './plain-text.ts';

/** What may be said about everybody from those who answered of their own accord. Shares in [0, 1]. */
export interface Claims {
  readonly measure: Measure;
  readonly target: number | null;
  /** Share of those who could have answered that did. */
  readonly responseRate: number;
  readonly n: number;
  readonly amongRespondents: Interval;
  /** What the share of everybody can be at all, whatever those who stayed silent would have said. */
  readonly worstCase: { readonly low: number; readonly high: number };
  /** How much worse the silent ones may be before the target fails for everybody; null without a target, or when the answers miss it. */
  readonly sensitivity: number | null;
  /** With each stratum at its weight among all: right if within a stratum it is chance who answers. */
  readonly postStratified: (Interval & { readonly dimension: string }) | null;
}

export type ClaimsJson = Omit<Claims, 'measure' | 'target'> & { readonly claims: readonly string[] };

export const claimsToJson = ({ measure, target, ...claims }: Claims): ClaimsJson => ({
  ...claims,
  claims: claimTexts({ measure, target, ...claims }),
});

/** The same in plain words, one sentence each. */
export function claimTexts(claims: Claims): string[] {
  const { measure, target, responseRate, amongRespondents, worstCase, postStratified } = claims;
  const decimals = decimalsFor(measure, amongRespondents.value, target);
  const text = (share: number): string => valueText(measure, share, decimals);
  const interval = ({ value, low, high }: Interval): string =>
    `${text(value)} (${text(low).replace(' %', '')}-${text(high)})`;
  const texts = [
    `among those who answered, ${percent(responseRate)} of all: ${interval(amongRespondents)}`,
    `of all, whatever the others would have said: between ${text(worstCase.low)} and ${text(worstCase.high)}`,
  ];
  const promise = promiseText(claims);
  if (promise !== null) texts.push(promise);
  if (postStratified !== null)
    texts.push(
      `of all, if within each ${plainText(postStratified.dimension)} it is chance who answers: ${interval(postStratified)}`,
    );
  return texts;
}

function promiseText({ measure, target, responseRate, amongRespondents, sensitivity }: Claims): string | null {
  if (target === null) return null;
  const promise = `at least ${targetText(measure, target)}`;
  if (responseRate >= 1) return null;
  if (sensitivity === null || amongRespondents.value <= target)
    return `not even those who answered say that it is more than ${targetText(measure, target)}`;
  return sensitivity >= amongRespondents.value
    ? `${promise} holds for all, however bad the others would have found it`
    : `${promise} holds for all unless those who did not answer are worse by more than ${percent(sensitivity).replace(' %', ' points')}`;
}

const percent = (share: number): string => {
  const value = share * 100;
  return `${value !== 0 && value < 10 ? value.toFixed(1) : Math.round(value)} %`;
};
