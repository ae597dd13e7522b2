import type { Call, ModelUse } from '../model/interaction.ts';
import type { Span } from '../model/span.ts';
import { sum } from './tokens.ts';
import type { Node, TokenTotals } from './tree.ts';

type Amounts = Pick<
  ModelUse,
  'inputTokens' | 'outputTokens' | 'cachedInputTokens' | 'cacheWriteTokens' | 'reasoningTokens' | 'costNanos'
>;

/** A prompt up to so many tokens has one price with every provider: such calls may be added up. Longer ones stand alone. */
export const SHORT_PROMPT_TOKENS = 65_536;

/** Kinds of calls that are paid for by what they use. */
const isPaid = ({ kind }: Span): boolean => kind === 'model' || kind === 'embedding' || kind === 'rerank';
const isEmpty = (use: Amounts): boolean =>
  use.inputTokens === null &&
  use.outputTokens === null &&
  use.cachedInputTokens === null &&
  use.cacheWriteTokens === null &&
  use.reasoningTokens === null &&
  use.costNanos === null;

/**
 * What one call used; null of what is no call of a model. A failed call that sent nothing of it used nothing: providers charge
 * for answers. @param facts  the span's fields, completed
 */
export function useOf(span: Span, facts: Span): ModelUse | null {
  return !isPaid(span) || (span.isError && isEmpty(facts)) ? null : allOf(facts);
}

const allOf = (facts: Span): ModelUse => ({
  provider: facts.provider,
  requestModel: facts.requestModel,
  responseModel: facts.responseModel,
  inputTokens: facts.inputTokens,
  outputTokens: facts.outputTokens,
  cachedInputTokens: facts.cachedInputTokens,
  cacheWriteTokens: facts.cacheWriteTokens,
  reasoningTokens: facts.reasoningTokens,
  costNanos: facts.costNanos,
});

const NONE: readonly ModelUse[] = [];

/** What an interaction of one span used. */
export const usesOfOne = (span: Span): readonly ModelUse[] => (isUsed(span) ? [allOf(span)] : NONE);

const isUsed = (span: Span): boolean => !isEmpty(span) || (isPaid(span) && !span.isError);

/**
 * What the calls of models in an interaction used, alike calls together: no order of the calls makes a difference.
 * @param heads, tokens, answer  for what no call says; the tokens are those of the heads together
 */
export function usesOf(
  calls: readonly Call[],
  heads: readonly Node[],
  tokens: TokenTotals,
  answer: Node,
): readonly ModelUse[] {
  const uses: ModelUse[] = [];
  let isKnown = false;
  for (const { use } of calls) {
    if (use === null) continue;
    uses.push(use);
    if (!isEmpty(use)) isKnown = true;
  }
  if (isKnown) return together(uses);
  const whole = wholeOf(heads, tokens, answer);
  // Of several models it is not known whose the tokens were.
  const isOfOneModel = uses.every((use) => isOfModel(use, whole));
  return isEmpty(whole) || !isOfOneModel ? together(uses) : [whole];
}

/** Where only the spans around the calls say what was used, it is what the answering model used. */
function wholeOf(heads: readonly Node[], tokens: TokenTotals, answer: Node): ModelUse {
  let cacheWriteTokens: number | null = null;
  let costNanos: number | null = null;
  for (const { span } of heads) {
    cacheWriteTokens = sum(cacheWriteTokens, span.cacheWriteTokens);
    costNanos = sum(costNanos, span.costNanos);
  }
  return { ...allOf(answer.facts), ...tokens, cacheWriteTokens, costNanos };
}

const isOfModel = (a: ModelUse, b: ModelUse): boolean =>
  a.responseModel === b.responseModel && a.requestModel === b.requestModel && a.provider === b.provider;

/** So many are compared with each other as they come; of more, alike ones are brought next to each other first. */
const FEW = 16;

function together(uses: readonly ModelUse[]): readonly ModelUse[] {
  if (uses.length < 2) return uses;
  const sums: ModelUse[] = [];
  const alone: ModelUse[] = [];
  for (const use of uses.length > FEW ? [...uses].sort(byLikeness) : uses) {
    if ((use.inputTokens ?? 0) > SHORT_PROMPT_TOKENS) {
      alone.push(use);
      continue;
    }
    const at = placeOfAlike(sums, use);
    if (at < 0) sums.push(use);
    else sums[at] = plus(sums[at]!, use);
  }
  for (const use of alone) sums.push(use);
  return sums.length > 1 ? sums.sort(inOrder) : sums;
}

function placeOfAlike(sums: readonly ModelUse[], use: ModelUse): number {
  const end = Math.max(0, sums.length - FEW);
  for (let i = sums.length - 1; i >= end; i--) if (isAlike(sums[i]!, use)) return i;
  return -1;
}

/** What is not known of one is not known of the sum: only calls that sent the same fields are alike. */
const isAlike = (a: ModelUse, b: ModelUse): boolean => isOfModel(a, b) && sentOf(a) === sentOf(b);

const byLikeness = (a: ModelUse, b: ModelUse): number =>
  a.provider - b.provider ||
  a.requestModel - b.requestModel ||
  a.responseModel - b.responseModel ||
  sentOf(a) - sentOf(b);

/** Which amounts were sent, as bits. */
const sentOf = (use: Amounts): number =>
  (use.inputTokens === null ? 0 : 1) |
  (use.outputTokens === null ? 0 : 2) |
  (use.cachedInputTokens === null ? 0 : 4) |
  (use.cacheWriteTokens === null ? 0 : 8) |
  (use.reasoningTokens === null ? 0 : 16) |
  (use.costNanos === null ? 0 : 32);

const plus = (a: ModelUse, b: ModelUse): ModelUse => ({
  provider: a.provider,
  requestModel: a.requestModel,
  responseModel: a.responseModel,
  inputTokens: add(a.inputTokens, b.inputTokens),
  outputTokens: add(a.outputTokens, b.outputTokens),
  cachedInputTokens: add(a.cachedInputTokens, b.cachedInputTokens),
  cacheWriteTokens: add(a.cacheWriteTokens, b.cacheWriteTokens),
  reasoningTokens: add(a.reasoningTokens, b.reasoningTokens),
  costNanos: add(a.costNanos, b.costNanos),
});

const add = (x: number | null, y: number | null): number | null => (x === null || y === null ? null : x + y);

const inOrder = (a: ModelUse, b: ModelUse): number =>
  a.provider - b.provider ||
  a.requestModel - b.requestModel ||
  a.responseModel - b.responseModel ||
  byAmount(a.inputTokens, b.inputTokens) ||
  byAmount(a.outputTokens, b.outputTokens) ||
  byAmount(a.cachedInputTokens, b.cachedInputTokens) ||
  byAmount(a.cacheWriteTokens, b.cacheWriteTokens) ||
  byAmount(a.reasoningTokens, b.reasoningTokens) ||
  byAmount(a.costNanos, b.costNanos);

const byAmount = (a: number | null, b: number | null): number => (a ?? -1) - (b ?? -1);

/** Whether that is what `useOf(span, span)` says, which is asked of every span. */
export const isOwnUse = (use: ModelUse | null, span: Span): boolean =>
  isPaid(span) && isUsed(span) ? use !== null && isAllOf(use, span) : use === null;

/** Whether these are `usesOfOne(span)`. */
export const areOwnUses = (uses: readonly ModelUse[], span: Span): boolean =>
  isUsed(span) ? uses.length === 1 && isAllOf(uses[0]!, span) : uses.length === 0;

const isAllOf = (use: ModelUse, span: Span): boolean =>
  use.provider === span.provider &&
  use.requestModel === span.requestModel &&
  use.responseModel === span.responseModel &&
  use.inputTokens === span.inputTokens &&
  use.outputTokens === span.outputTokens &&
  use.cachedInputTokens === span.cachedInputTokens &&
  use.cacheWriteTokens === span.cacheWriteTokens &&
  use.reasoningTokens === span.reasoningTokens &&
  use.costNanos === span.costNanos;
