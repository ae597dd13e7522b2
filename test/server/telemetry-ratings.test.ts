import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Dictionary } from '../../src/model/dictionary.ts';
import type { TelemetryEvaluation } from '../../src/model/ingest.ts';
import { ratingOfTelemetry } from '../../src/server/ratings.ts';

const few = (...texts: string[]) => fc.option(fc.constantFrom(...texts), { nil: undefined });
const traceId = '0af7651916cd43dd8448eb211c80319c';
const spans = ['00f067aa0ba902b7', '00f067aa0ba902b8'];
const found = fc
  .record(
    {
      traceId: fc.constant(traceId),
      spanId: fc.constantFrom(...spans),
      name: fc.constantFrom('tone', 'relevance'),
      score: fc.constantFrom(0, 1, undefined),
      label: few('pass', 'fail'),
      evaluator: few('judge', 'people'),
      evaluatorVersion: few('1', '2'),
      id: few('key'),
      errorType: few('timeout'),
      at: fc.constantFrom(1000, 2000),
    },
    { noNullPrototype: true },
  )
  .map((one) => JSON.parse(JSON.stringify(one)) as TelemetryEvaluation);

/** What makes two evaluations the same, in words: see docs/guide/sending.md. */
function sameness({ id, errorType, spanId, name, evaluator, evaluatorVersion, score, label }: TelemetryEvaluation) {
  const failed = errorType !== undefined;
  if (id !== undefined) return { failed, id };
  const said = evaluator !== undefined || failed ? null : { score, label };
  return { failed, spanId, name, evaluator, version: evaluatorVersion ?? '', said };
}

it('law: two evaluations have one identity exactly when they are the same in words', () => {
  const dictionary = new Dictionary();
  const identity = (one: TelemetryEvaluation): string => ratingOfTelemetry(one, dictionary, 3000).identity;
  fc.assert(
    fc.property(found, found, (a, b) => {
      const isSame = JSON.stringify(sameness(a)) === JSON.stringify(sameness(b));
      expect(identity(a) === identity(b)).toBe(isSame);
    }),
    { numRuns: 3000 },
  );
});

it('a failure has no score, and says what it was', () => {
  const failed = { traceId, name: 'tone', errorType: 'timeout' } as TelemetryEvaluation;
  expect(ratingOfTelemetry(failed, new Dictionary(), 3000)).toMatchObject({
    rating: { type: 'evaluation', score: null },
    detail: { errorType: 'timeout' },
    at: 3000,
  });
});
