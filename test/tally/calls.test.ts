import { expect, it } from 'vitest';
import type { Call } from '../../src/model/interaction.ts';
import { EVENT_CLOCK, TallyBook } from '../../src/tally/book.ts';
import { COUNT, extraSquares, extraWeight, TOKENS, TOKENS_KNOWN } from '../../src/tally/counters.ts';
import { durationCounter } from '../../src/tally/duration.ts';
import { DEPENDENCY, foldCall } from '../../src/tally/fold.ts';
import { PLAIN_PLAN } from '../../src/tally/plan.ts';

const call: Call = {
  traceId: '',
  spanId: '',
  interactionSpanId: '',
  service: 2,
  kind: 'model',
  name: 0,
  provider: 3,
  model: 4,
  endTenths: 600,
  endNanos: 0,
  durationNanos: 8e8,
  isError: false,
  errorType: 0,
  inputTokens: 100,
  outputTokens: 10,
  use: {
    provider: 3,
    requestModel: 4,
    responseModel: 4,
    inputTokens: 100,
    outputTokens: 10,
    cachedInputTokens: null,
    cacheWriteTokens: null,
    reasoningTokens: null,
    costNanos: null,
  },
  weight: 4,
};

const counted = (weighsCalls: boolean): { book: TallyBook; row: number; fold: (sign: 1 | -1) => void } => {
  const book = new TallyBook();
  const plan = { ...PLAIN_PLAN, service: 2, weighsCalls };
  const fold = (sign: 1 | -1): void => foldCall(book, plan, () => 0, 9, call, sign);
  return { book, row: book.row(EVENT_CLOCK, 1, 2, DEPENDENCY, 9), fold };
};

it('a call of a sampled trace counts as many as it stands for, also in how long it took and how much it answered', () => {
  const { book, row, fold } = counted(true);
  fold(1);
  const tally = book.tallyOf(row);
  for (const name of [COUNT, TOKENS_KNOWN, durationCounter(800)])
    expect([tally.get(name), extraWeight(tally, name), extraSquares(tally, name)]).toEqual([1, 3e6, 15e6]);
  expect([tally.get(TOKENS.output), extraWeight(tally, TOKENS.output)]).toEqual([10, 30]);
  fold(-1);
  expect(book.isEmpty(row)).toBe(true);
});

it('by a plan of before it does not in these', () => {
  const { book, row, fold } = counted(false);
  fold(1);
  const tally = book.tallyOf(row);
  expect([COUNT, TOKENS_KNOWN, durationCounter(800)].map((name) => extraWeight(tally, name))).toEqual([3e6, 0, 0]);
});
