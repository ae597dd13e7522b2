import fc from 'fast-check';
import type { Rating } from '../../src/model/rating.ts';
import { EMPTY_SPAN, GUARDRAIL, type Span } from '../../src/model/span.ts';
import type { NewRating } from '../../src/store/rating.ts';
import { END, evaluation, judge, labels, models, NOW, resources } from './ledger-world.ts';

export const id = (length: number, ...parts: number[]): string =>
  String.fromCharCode(...parts).padEnd(length, '\u0007');

/** Traces of an HTTP entry with calls below it, some of them agents with a model inside, some in a second service. */
const traceOf = (trace: number): fc.Arbitrary<Span[]> =>
  fc
    .array(
      fc.record({
        parent: fc.integer({ min: -1, max: 5 }),
        kind: fc.constantFrom('none', 'model', 'model', 'tool', 'agent', 'step', 'chain') as fc.Arbitrary<Span['kind']>,
        service: fc.constantFrom(0, 0, 0, 1),
        scope: fc.constantFrom(0, 1),
        isRemote: fc.constantFrom(false, false, false, true),
        end: fc.integer({ min: 0, max: 1500 }),
        duration: fc.integer({ min: 0, max: 3_000_000_000 }),
        isError: fc.boolean(),
        model: fc.constantFrom(0, 1),
        tokens: fc.option(fc.nat(100), { nil: null }),
        cached: fc.option(fc.nat(100), { nil: null }),
        answered: fc.option(fc.nat(100), { nil: null }),
        costNanos: fc.constantFrom(null, null, 50_000, 10 ** 12),
        firstToken: fc.constantFrom(null, 0, 150, 900),
        guardrail: fc.constantFrom(GUARDRAIL.unknown, GUARDRAIL.unknown, GUARDRAIL.passed, GUARDRAIL.blocked),
        conversation: fc.constantFrom('', '', `conversation-${trace}`),
        response: fc.boolean(),
        ownId: fc.constantFrom(false, false, true),
        weight: fc.constantFrom(1, 1, 4, 2.5),
        hidesFailures: fc.boolean(),
        httpStatus: fc.constantFrom(0, 404, 500),
        route: fc.constantFrom(0, 1),
      }),
      { minLength: 1, maxLength: 6 },
    )
    .map((list) =>
      list.map(
        (one, i): Span => ({
          ...EMPTY_SPAN,
          traceId: id(16, trace + 1),
          spanId: id(8, trace + 1, i + 1),
          parentSpanId: one.parent < 0 || one.parent === i ? '' : id(8, trace + 1, one.parent + 1),
          service: resources[one.service]!,
          scope: models[one.scope]!,
          parentIsRemote: one.isRemote,
          spanKind: one.kind === 'none' ? 'server' : 'internal',
          kind: one.kind,
          endTenths: END - 3000 + one.end,
          durationNanos: one.duration,
          isError: one.isError,
          responseModel: one.kind === 'model' ? models[one.model]! : 0,
          inputTokens: one.tokens,
          outputTokens: one.answered,
          cachedInputTokens: one.cached,
          costNanos: one.kind === 'none' ? null : one.costNanos,
          timeToFirstTokenMs: one.kind === 'model' ? one.firstToken : null,
          guardrail: one.kind === 'none' ? GUARDRAIL.unknown : one.guardrail,
          conversationId: one.kind === 'none' ? '' : one.conversation,
          weight: one.weight,
          hidesFailures: one.kind !== 'none' && one.hidesFailures,
          httpStatus: one.kind === 'none' ? one.httpStatus : 0,
          name: one.kind === 'none' ? models[one.route]! : 0,
          responseRef: one.kind === 'model' && one.response ? id(8, 99, trace + 1, i + 1) : '',
          interactionRef: one.ownId ? id(8, 98, trace + 1, i % 2) : '',
        }),
      ),
    );

export const traces = fc.tuple(traceOf(0), traceOf(1), traceOf(2)).map((list) => list.flat());

interface Drawn {
  readonly kind: string;
  readonly isGood: boolean;
  readonly label: number;
  readonly score: number | null;
  readonly confidence: number | null;
  readonly relevance: number[];
}

function saidOf({ kind, isGood, label, score, confidence, relevance }: Drawn): Rating {
  switch (kind) {
    case 'thumbs':
      return { type: 'feedback', kind, value: isGood ? 'up' : 'down' };
    case 'decision':
      return { type: 'feedback', kind, value: isGood ? 'accepted' : 'overridden' };
    case 'label':
      return { type: 'label', label, value: isGood };
    case 'ranking':
      return { type: 'ranking', evaluation: judge, relevance, judged: null };
    default:
      return { type: 'evaluation', evaluation, score, ...(confidence !== null && { confidence }) };
  }
}

const ratingOf = fc
  .record({
    trace: fc.integer({ min: 0, max: 3 }),
    by: fc.constantFrom(
      'trace',
      'trace',
      'span',
      'response',
      'response or conversation',
      'own',
      'own or conversation',
      'conversation',
    ),
    span: fc.integer({ min: 0, max: 5 }),
    isGood: fc.boolean(),
    kind: fc.constantFrom('thumbs', 'evaluation', 'evaluation', 'ranking', 'decision', 'label', 'label'),
    label: fc.constantFrom(...labels),
    relevance: fc.array(fc.nat(2), { minLength: 1, maxLength: 4 }),
    score: fc.constantFrom(null, 0.2, 0.7, 0.9),
    confidence: fc.constantFrom(null, 0, 0.33, 0.72, 1),
    later: fc.integer({ min: 0, max: 100_000_000 }),
  })
  .map((one): NewRating => {
    const target = {
      trace: one.by === 'trace' || one.by === 'span' ? id(16, one.trace + 1) : '',
      span: one.by === 'span' ? id(8, one.trace + 1, one.span + 1) : '',
      response: one.by.startsWith('response') ? id(8, 99, one.trace + 1, one.span + 1) : '',
      interaction: one.by.startsWith('own') ? id(8, 98, one.trace + 1, one.span % 2) : '',
      conversation: one.by.endsWith('conversation') ? `conversation-${one.trace}` : '',
      service: '',
    };
    const { confidence } = one;
    return {
      identity: JSON.stringify([target, one.kind, one.kind === 'label' ? one.label : '']),
      target,
      rating: saidOf(one),
      detail: one.kind === 'evaluation' && confidence !== null ? { confidence } : null,
      at: NOW + one.later,
      isTimed: true,
    };
  });

/** Some of them take back what was said before: the last word counts, whichever comes first. No two are said at once. */
export const ratingsOf = fc.uniqueArray(ratingOf, { selector: (rating) => rating.at, maxLength: 16 });
