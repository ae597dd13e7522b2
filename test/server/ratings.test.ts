import { expect, it } from 'vitest';
import { ZodError } from 'zod';
import { Dictionary } from '../../src/model/dictionary.ts';
import { detailOf, type RatingReader, readEvaluation, readFeedback } from '../../src/server/ratings.ts';

const traceId = '86790ead0ad5d65d003573191735903b';

function detail(read: RatingReader, item: object): string {
  try {
    read(item, new Dictionary([]), 0);
  } catch (error) {
    if (error instanceof ZodError) return detailOf(error, item);
    throw error;
  }
  throw new Error('it was taken');
}

it.each<[string, RatingReader, object, RegExp]>([
  [
    'a thumb sideways',
    readFeedback,
    { traceId, kind: 'thumbs', value: 'sideways' },
    /^value: .*up.*down.*, found "sideways"$/,
  ],
  [
    'a kind that is not known',
    readFeedback,
    { traceId, kind: 'thumb', value: 'up' },
    /^kind: .*thumbs.*, found "thumb"$/,
  ],
  [
    'no interaction named',
    readFeedback,
    { kind: 'stars', value: 5 },
    /traceId, responseId, interactionId or conversationId$/,
  ],
  [
    'a time in words',
    readFeedback,
    { traceId, kind: 'stars', value: 5, at: 'yesterday' },
    /^at: .*2026-11-01T10:00:00Z, found "yesterday"$/,
  ],
  [
    'neither score nor label',
    readEvaluation,
    { traceId, name: 'x', evaluator: 'j' },
    /^give a score, a label, a confidence, or several of them; or the relevance of documents$/,
  ],
  ['a long text is shortened', readFeedback, { traceId: 'x'.repeat(1000), kind: 'stars', value: 5 }, /found "x{63}$/],
])('%s: what is wrong, what was found', (_what, read, item, expected) => {
  expect(detail(read, item)).toMatch(expected);
});
