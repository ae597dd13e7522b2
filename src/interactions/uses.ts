import type { ModelUse } from '../model/interaction.ts';
import type { Span } from '../model/span.ts';
import type { Node } from './tree.ts';

const COUNTS = ['inputTokens', 'outputTokens', 'cachedInputTokens', 'cacheWriteTokens', 'reasoningTokens'] as const;
const AMOUNTS = [...COUNTS, 'costNanos'] as const;
const FIELDS = ['provider', 'requestModel', 'responseModel', ...AMOUNTS] as const;

/** A prompt up to so many tokens has one price with every provider: such calls may be added up. Longer ones stand alone. */
export const SHORT_PROMPT_TOKENS = 65_536;

/** Kinds of calls that are paid for by what they use. */
const isPaid = ({ kind }: Span): boolean => kind === 'model' || kind === 'embedding' || kind === 'rerank';
const isEmpty = (use: ModelUse): boolean => AMOUNTS.every((field) => use[field] === null);

/**
 * What one call used; null of what is no call of a model. A failed call that sent nothing of it used nothing: providers charge
 * for answers. @param facts  the span's fields, completed
 */
export function useOf(span: Span, facts: Span): ModelUse | null {
  if (!isPaid(span)) return null;
  const use = allOf(facts);
  return span.isError && isEmpty(use) ? null : use;
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
export function usesOfOne(span: Span): readonly ModelUse[] {
  const use = isPaid(span) ? useOf(span, span) : allOf(span);
  return use === null || (!isPaid(span) && isEmpty(use)) ? NONE : [use];
}

/**
 * What the calls of models in an interaction used, alike calls together: no order of the calls makes a difference.
 * @param heads, answer  for what no call says
 */
export function usesOf(calls: readonly Node[], heads: readonly Node[], answer: Node): readonly ModelUse[] {
  const uses: ModelUse[] = [];
  for (const { span, facts } of calls) {
    const use = useOf(span, facts);
    if (use !== null) uses.push(use);
  }
  if (uses.some((use) => !isEmpty(use))) return together(uses);
  const whole = wholeOf(heads, answer);
  // Of several models it is not known whose the tokens were.
  const isOfOneModel = uses.every((use) => modelOf(use) === modelOf(whole));
  return isEmpty(whole) || !isOfOneModel ? together(uses) : [whole];
}

/** Where only the spans around the calls say what was used, it is what the answering model used. */
function wholeOf(heads: readonly Node[], answer: Node): ModelUse {
  const sum = (amountOf: (node: Node) => number | null): number | null => {
    let total: number | null = null;
    for (const node of heads) {
      const amount = amountOf(node);
      if (amount !== null) total = (total ?? 0) + amount;
    }
    return total;
  };
  return {
    ...allOf(answer.facts),
    inputTokens: sum(({ total }) => total.inputTokens),
    outputTokens: sum(({ total }) => total.outputTokens),
    cachedInputTokens: sum(({ total }) => total.cachedInputTokens),
    cacheWriteTokens: sum(({ span }) => span.cacheWriteTokens),
    reasoningTokens: sum(({ total }) => total.reasoningTokens),
    costNanos: sum(({ span }) => span.costNanos),
  };
}

const modelOf = ({ provider, requestModel, responseModel }: ModelUse): string =>
  `${provider} ${requestModel} ${responseModel}`;

function together(uses: readonly ModelUse[]): readonly ModelUse[] {
  if (uses.length < 2) return uses;
  const sums = new Map<string, ModelUse>();
  const alone: ModelUse[] = [];
  for (const use of uses) {
    if ((use.inputTokens ?? 0) > SHORT_PROMPT_TOKENS) {
      alone.push(use);
      continue;
    }
    const key = keyOf(use);
    const sum = sums.get(key);
    sums.set(key, sum === undefined ? use : plus(sum, use));
  }
  return [...sums.values(), ...alone].sort(inOrder);
}

/** What is not known of one is not known of the sum: only calls that sent the same fields are alike. */
const keyOf = (use: ModelUse): string =>
  `${modelOf(use)} ${AMOUNTS.map((field) => (use[field] === null ? 0 : 1)).join('')}`;

function plus(a: ModelUse, b: ModelUse): ModelUse {
  const add = (x: number | null, y: number | null): number | null => (x === null || y === null ? null : x + y);
  return {
    ...a,
    inputTokens: add(a.inputTokens, b.inputTokens),
    outputTokens: add(a.outputTokens, b.outputTokens),
    cachedInputTokens: add(a.cachedInputTokens, b.cachedInputTokens),
    cacheWriteTokens: add(a.cacheWriteTokens, b.cacheWriteTokens),
    reasoningTokens: add(a.reasoningTokens, b.reasoningTokens),
    costNanos: add(a.costNanos, b.costNanos),
  };
}

function inOrder(a: ModelUse, b: ModelUse): number {
  for (const field of FIELDS) {
    const difference = (a[field] ?? -1) - (b[field] ?? -1);
    if (difference !== 0) return difference;
  }
  return 0;
}

export function sameUse(a: ModelUse | null, b: ModelUse | null): boolean {
  if (a === null || b === null) return a === b;
  for (const field of FIELDS) if (a[field] !== b[field]) return false;
  return true;
}

export const sameUses = (a: readonly ModelUse[], b: readonly ModelUse[]): boolean =>
  a.length === b.length && a.every((use, i) => sameUse(use, b[i]!));
