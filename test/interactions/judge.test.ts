import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Exchange } from '../../src/interactions/group.ts';
import { judgeTrace, judgeTree, type TraceJudgement } from '../../src/interactions/judge.ts';
import { codeOfKnown } from '../../src/model/dictionary.ts';
import type { Interaction } from '../../src/model/interaction.ts';
import type { Span } from '../../src/model/span.ts';
import { idOf, type Sketch, shuffled, sketch, traces } from './traces.ts';

const judge = (...sketches: Sketch[]): TraceJudgement => judgeTrace(sketches.map(sketch));
const ids = (names: string[]): string[] => names.map(idOf);
const heads = (found: TraceJudgement): string[][] => found.interactions.map((one) => [...one.headSpanIds]);
const called = (found: TraceJudgement): string[] => found.calls.map((call) => call.spanId);
const only = (found: TraceJudgement): Interaction => {
  expect(found.interactions).toHaveLength(1);
  return found.interactions[0]!;
};
const plain = (found: TraceJudgement) => ({ ...found, leadOf: [...found.leadOf].sort() });

describe('which spans make an interaction', () => {
  it('a lone model call is an interaction and a call of the same name', () => {
    const found = judge({ id: 'chat' });
    expect(only(found)).toMatchObject({ spanId: idOf('chat'), entrySpanId: idOf('chat'), durationNanos: 100e6 });
    expect(called(found)).toEqual(ids(['chat']));
  });

  it('spans of no AI make none, and a lone orchestrator that called nothing makes none', () => {
    expect(judge({ id: 'http', kind: 'none' }).interactions).toEqual([]);
    expect(judge({ id: 'chain', kind: 'chain' }).interactions).toEqual([]);
    expect(judge({ id: 'chain', kind: 'chain' }, { id: 'step', kind: 'step', under: 'chain' }).interactions).toEqual(
      [],
    );
  });

  it('an orchestrator that failed before it called anything is one', () => {
    const found = judge({ id: 'chain', kind: 'chain', isError: true, errorType: 70 });
    expect(only(found)).toMatchObject({ isError: true, errorType: 70, operation: codeOfKnown('invoke_workflow') });
    expect(found.calls).toEqual([]);
  });

  it('siblings below one request are one interaction, whatever lies between', () => {
    const found = judge(
      { id: 'http', kind: 'none', spanKind: 'server', to: 400 },
      { id: 'embed', kind: 'embedding', under: 'http', from: 10, to: 50 },
      { id: 'glue', kind: 'none', under: 'http', from: 60, to: 300 },
      { id: 'chat', under: 'glue', from: 70, to: 200 },
    );
    expect(only(found)).toMatchObject({ spanId: idOf('chat'), entrySpanId: idOf('http'), durationNanos: 190e6 });
    expect(heads(found)).toEqual([ids(['embed', 'chat'])]);
    expect(called(found)).toEqual(ids(['embed', 'chat']));
  });

  it('siblings below a parent that never came are one interaction, named by the parent', () => {
    const found = judge({ id: 'one', under: 'lost' }, { id: 'two', under: 'lost', from: 200 });
    expect(only(found).entrySpanId).toBe(idOf('lost'));
  });

  it('two requests in one trace are two interactions', () => {
    const found = judge(
      { id: 'first', kind: 'none', spanKind: 'server' },
      { id: 'chat 1', under: 'first' },
      { id: 'queue', kind: 'none', spanKind: 'consumer', under: 'first', from: 200 },
      { id: 'chat 2', under: 'queue', from: 210 },
    );
    expect(heads(found)).toEqual([ids(['chat 1']), ids(['chat 2'])]);
  });

  it('a remote parent and a parent in another service end the walk', () => {
    const remote = judge(
      { id: 'work', kind: 'none', under: 'caller', parentIsRemote: true },
      { id: 'chat', under: 'work' },
    );
    expect(only(remote).entrySpanId).toBe(idOf('work'));
    const other = judge({ id: 'tool', kind: 'tool', service: 9 }, { id: 'chat', under: 'tool', service: 2 });
    expect(other.interactions.map((one) => [one.service, one.entrySpanId])).toEqual([
      [2, idOf('chat')],
      [9, idOf('tool')],
    ]);
  });

  it('with exchange "head" each head is an interaction of its own, and a failed session fails none of them', () => {
    const session: Sketch = { id: 'ws', kind: 'none', spanKind: 'server', isError: true, userId: 'ada', to: 900 };
    const spans = [session, { id: 'one', under: 'ws' }, { id: 'two', under: 'ws', from: 200 }].map(sketch);
    const found = judgeTrace(spans, () => 'head');
    expect(heads(found)).toEqual([ids(['one']), ids(['two'])]);
    expect(found.interactions.map((one) => [one.isError, one.userId])).toEqual([
      [false, 'ada'],
      [false, 'ada'],
    ]);
  });

  it('parents that name each other in a circle still end somewhere, always in the same place', () => {
    const found = judge(
      { id: 'b', under: 'c' },
      { id: 'c', under: 'a' },
      { id: 'a', under: 'b' },
      { id: 'self', under: 'self' },
    );
    expect(heads(found)).toEqual([ids(['a']), ids(['self'])]);
    expect(found.leadOf.get(idOf('c'))).toBe(idOf('a'));
  });
});

describe('which head leads', () => {
  it.each([
    ['agents and chains before models', { id: 'm', from: 0 }, { id: 'a', kind: 'chain', from: 50 }],
    ['models before other calls', { id: 't', kind: 'tool' }, { id: 'a', from: 50 }],
    ['other calls before steps', { id: 's', kind: 'step' }, { id: 'a', kind: 'tool', from: 50 }],
    ['of equals the earlier', { id: 'b', from: 50 }, { id: 'a', from: 0 }],
    ['of those that began together the lower id', { id: 'b' }, { id: 'a' }],
  ] as [string, Sketch, Sketch][])('%s', (_, one, other) => {
    const found = judge({ ...one, under: 'entry' }, { ...other, under: 'entry' });
    expect(only(found).spanId).toBe(idOf('a'));
  });
});

describe('wrappers and twins', () => {
  it('of a model span around a model span the inner is the call, completed by the outer', () => {
    const found = judge(
      { id: 'outer', provider: 20, requestModel: 21, inputTokens: 5, timeToFirstTokenMs: 40, to: 100 },
      { id: 'step', kind: 'step', under: 'outer', from: 5, to: 95 },
      { id: 'inner', under: 'step', requestModel: 22, from: 10, to: 90 },
    );
    expect(found.calls).toMatchObject([{ spanId: idOf('inner'), provider: 20, model: 22, inputTokens: 5 }]);
    expect(only(found)).toMatchObject({
      spanId: idOf('outer'),
      requestModel: 22,
      inputTokens: 5,
      timeToFirstTokenMs: 40,
    });
  });

  it('a wrapper around two calls completes neither', () => {
    const found = judge(
      { id: 'many', kind: 'embedding', provider: 20, to: 100 },
      { id: 'one', kind: 'embedding', under: 'many', from: 10, to: 40 },
      { id: 'two', kind: 'embedding', under: 'many', from: 50, to: 90 },
    );
    expect(found.calls.map((call) => [call.spanId, call.provider])).toEqual([
      [idOf('one'), 0],
      [idOf('two'), 0],
    ]);
  });

  it('a request for a tool right below the span that runs the tool is the same call, each try of it one', () => {
    const [run, ask] = [
      { kind: 'tool', name: 30 },
      { kind: 'tool', name: 30, spanKind: 'client' },
    ] as const;
    const found = judge(
      { id: 'run', ...run, to: 100 },
      { id: 'try 1', ...ask, under: 'run', from: 10, to: 40, isError: true },
      { id: 'try 2', ...ask, under: 'run', from: 50, to: 90 },
      { id: 'served', ...ask, spanKind: 'server', under: 'try 2', from: 60, to: 80 },
    );
    expect(called(found)).toEqual(ids(['try 1', 'served']));
    expect(only(found)).toMatchObject({ spanId: idOf('run'), isError: false });
  });

  it('a run without a name right below a tool of its scope is the call of that tool, with its name', () => {
    const found = judge(
      { id: 'tool', kind: 'tool', name: 30, to: 100 },
      { id: 'run', kind: 'tool', under: 'tool', from: 40, to: 90, isError: true, errorType: 70 },
      { id: 'other', kind: 'tool', scope: 5, under: 'tool', from: 91, to: 95 },
    );
    expect(found.calls.map(({ spanId, name, isError }) => [spanId, name, isError])).toEqual([
      [idOf('run'), 30, true],
      [idOf('other'), 0, false],
    ]);
    expect(only(found)).toMatchObject({ spanId: idOf('tool'), isError: false });
  });

  it.each([
    ['another tool', { name: 31, spanKind: 'client', under: 'run' }],
    ['a tool that the process runs itself', { name: 30, spanKind: 'internal', under: 'run' }],
    ['a tool with something between', { name: 30, spanKind: 'client', under: 'glue' }],
  ] as const)('below a tool %s is a call of its own', (_, inner) => {
    const found = judge(
      { id: 'run', kind: 'tool', name: 30, to: 100 },
      { id: 'glue', kind: 'none', under: 'run', from: 5, to: 95 },
      { id: 'inner', kind: 'tool', from: 10, to: 90, ...inner },
    );
    expect(called(found)).toEqual(ids(['run', 'inner']));
  });

  it('a model span below a tool is a call beside the model span above the tool', () => {
    const found = judge(
      { id: 'outer', to: 100 },
      { id: 'tool', kind: 'tool', under: 'outer', from: 5, to: 95 },
      { id: 'inner', under: 'tool', from: 10, to: 90 },
    );
    expect(called(found)).toEqual(ids(['outer', 'tool', 'inner']));
  });

  const twinned: Sketch[] = [
    { id: 'http', kind: 'none', spanKind: 'server', to: 300 },
    { id: 'chain', kind: 'chain', under: 'http', from: 5, to: 290 },
    { id: 'long', under: 'chain', scope: 3, from: 10, to: 200, inputTokens: 41 },
    { id: 'short', under: 'http', scope: 5, from: 12, to: 201, inputTokens: 41, responseModel: 33 },
  ];

  it('of two instrumentations on one call the shorter is ignored and lends its response model', () => {
    const found = judge(...twinned);
    expect(found.ignoredTwins).toEqual([{ spanId: idOf('short'), of: idOf('long') }]);
    expect(found.calls).toMatchObject([{ spanId: idOf('long'), model: 33 }]);
    expect(only(found)).toMatchObject({ spanId: idOf('chain'), inputTokens: 41, responseModel: 33 });
    expect(found.leadOf.get(idOf('short'))).toBe(idOf('chain'));
  });

  it.each([
    ['of the same scope', { scope: 3 }],
    ['of another kind', { kind: 'embedding' }],
    ['of another service', { service: 9 }],
    ['with other token counts', { inputTokens: 40 }],
    ['that end later than the clocks may differ', { from: 20, to: 203 }],
  ] as [string, Partial<Sketch>][])('spans %s are no twins', (_, other) => {
    const found = judge(...twinned.slice(0, 3), { ...twinned[3]!, ...other });
    expect(found.ignoredTwins).toEqual([]);
  });

  it('two requests at once, each seen by an instrumentation of its own, are two interactions', () => {
    const found = judge(
      { id: 'first', kind: 'none', spanKind: 'server', to: 900 },
      { id: 'chat 1', under: 'first', scope: 3, from: 5, to: 890 },
      { id: 'second', kind: 'none', spanKind: 'server', from: 10, to: 500 },
      { id: 'chat 2', under: 'second', scope: 5, from: 15, to: 490 },
    );
    expect(heads(found)).toEqual([ids(['chat 1']), ids(['chat 2'])]);
  });

  it('each span has one twin at most: of three that see one call, two are told apart and one is left', () => {
    const found = judge(...twinned, { id: 'third', under: 'http', scope: 7, from: 13, to: 199, inputTokens: 41 });
    expect(found.ignoredTwins).toEqual([{ spanId: idOf('short'), of: idOf('long') }]);
  });

  it('what lies below an ignored twin lies below the longer one', () => {
    const found = judge(...twinned, { id: 'native', under: 'short', scope: 7, from: 20, to: 190, inputTokens: 41 });
    expect(called(found)).toEqual(ids(['native']));
    expect(only(found).inputTokens).toBe(41);
  });
});

describe('what is said of an interaction', () => {
  it('the head that ended last decides the status, so a retry heals', () => {
    const failed: Sketch = { id: 'first', under: 'http', isError: true, errorType: 70, httpStatus: 429 };
    const healed = judge(failed, { id: 'second', under: 'http', from: 150 });
    expect(only(healed)).toMatchObject({ isError: false, errorType: 0, httpStatus: 0 });
    expect(healed.calls.map((call) => call.isError)).toEqual([true, false]);
    const broken = judge({ id: 'second', under: 'http' }, { ...failed, from: 150 });
    expect(only(broken)).toMatchObject({ isError: true, errorType: 70, httpStatus: 429, anchorSpanId: idOf('first') });
  });

  it.each([
    ['a failed server span fails it', { spanKind: 'server', errorType: 71 }, 71],
    ['an unnamed error is _OTHER', { spanKind: 'consumer' }, codeOfKnown('_OTHER')],
    ['a failed span that is neither server nor consumer does not', { spanKind: 'internal' }, 0],
  ] as [string, Partial<Sketch>, number][])('of an entry that failed: %s', (_, entry, errorType) => {
    const found = judge({ id: 'http', kind: 'none', isError: true, ...entry }, { id: 'chat', under: 'http' });
    expect(only(found)).toMatchObject({ isError: errorType !== 0, errorType });
  });

  it('the last model call that worked gives model and finish reason; else the last one; else an embedding; else the lead', () => {
    const call = (id: string, from: number, more: Partial<Sketch>): Sketch => ({
      id,
      under: 'agent',
      from,
      to: from + 50,
      ...more,
    });
    const agent: Sketch = { id: 'agent', kind: 'agent', requestModel: 90, to: 500 };
    const embed = call('embed', 10, { kind: 'embedding', requestModel: 80 });
    const worked = call('worked', 100, { requestModel: 81, finishReason: 51 });
    const broke = call('broke', 200, { requestModel: 82, isError: true });
    const answer = (...calls: Sketch[]) => only(judge(agent, ...calls)).requestModel;
    expect(answer(embed, worked, broke)).toBe(81);
    expect(answer(embed, broke)).toBe(82);
    expect(answer(embed)).toBe(80);
    expect(answer()).toBe(90);
  });

  it('tokens are those of the heads, each the greater of its own and of all below: never both', () => {
    const found = judge(
      { id: 'agent', kind: 'agent', inputTokens: 80, outputTokens: null, to: 300 },
      { id: 'one', under: 'agent', inputTokens: 70, outputTokens: 17, from: 10, to: 100 },
      { id: 'two', under: 'agent', inputTokens: 80, outputTokens: 9, cachedInputTokens: 0, from: 110, to: 200 },
      { id: 'other', under: 'agent', kind: 'tool', from: 210, to: 220 },
    );
    expect(only(found)).toMatchObject({
      inputTokens: 150,
      outputTokens: 26,
      cachedInputTokens: 0,
      reasoningTokens: null,
    });
  });

  it('the first token is counted from the start of the interaction', () => {
    const found = judge(
      { id: 'agent', kind: 'agent', to: 300 },
      { id: 'chat', under: 'agent', from: 120, to: 200, timeToFirstTokenMs: 30.5 },
    );
    expect(only(found).timeToFirstTokenMs).toBe(150.5);
  });

  it('a clock that was put back brings no first token before the start', () => {
    const found = judge(
      { id: 'agent', kind: 'agent', from: 100, to: 300 },
      { id: 'chat', under: 'agent', from: 50, to: 200, timeToFirstTokenMs: 30 },
    );
    expect(only(found).timeToFirstTokenMs).toBe(0);
  });

  it('operation: the lead says it, else its kind does, else that of the answering call', () => {
    expect(only(judge({ id: 'a', operation: 44 })).operation).toBe(44);
    expect(only(judge({ id: 'a', kind: 'guardrail' })).operation).toBe(codeOfKnown('guardrail'));
    const step = judge({ id: 'step', kind: 'step' }, { id: 'chat', under: 'step' });
    expect(only(step).operation).toBe(codeOfKnown('chat'));
  });

  it('conversation, user, prompt, agent and slices: the lead, then the members, then the entry where it may know', () => {
    const found = judge(
      { id: 'http', kind: 'none', spanKind: 'server', conversationId: 'c', userId: 'u3', promptVersion: 63 },
      { id: 'chain', kind: 'chain', under: 'http', attributes: [[30, 31]] },
      { id: 'b', under: 'chain', from: 20, userId: 'u2', promptVersion: 62, agent: 7 },
      {
        id: 'a',
        under: 'chain',
        from: 10,
        userId: 'u1',
        attributes: [
          [30, 32],
          [29, 33],
        ],
      },
    );
    expect(only(found)).toMatchObject({ conversationId: 'c', userId: 'u1', promptVersion: 62, agent: 7 });
    expect(only(found).attributes).toEqual([
      [29, 33],
      [30, 31],
    ]);
  });

  it('an inner agent is a call, a leading one is not; tools are named by name, models by provider and model', () => {
    const found = judge(
      { id: 'outer', kind: 'agent', to: 300 },
      { id: 'inner', kind: 'agent', under: 'outer', name: 11, provider: 20, from: 10 },
      { id: 'tool', kind: 'tool', under: 'inner', name: 12, provider: 20, from: 20 },
    );
    expect(found.calls).toMatchObject([
      { spanId: idOf('inner'), kind: 'agent', name: 11, provider: 0, interactionSpanId: idOf('outer') },
      { spanId: idOf('tool'), kind: 'tool', name: 12, provider: 0, interactionSpanId: idOf('outer') },
    ]);
  });
});

describe('hostile traces', () => {
  const many = Array.from({ length: 5000 }, (_, i) => i);
  const id = (i: number): string => i.toString(36).padStart(7, '0');

  it.each([
    ['one below the other', (i: number) => ({ ...(i > 0 && { under: id(i - 1) }), from: i / 10, to: 5000 - i / 10 })],
    [
      'below links that lie below each other',
      (i: number) => ({ ...(i > 0 && { under: id(i - 1) }), kind: i < 2500 ? 'none' : 'tool' }),
    ],
    ['side by side, at the same time', (i: number) => ({ under: 'entry', inputTokens: i })],
  ] as [string, (i: number) => Partial<Sketch>][])('5,000 spans %s are judged in time', (_, more) => {
    const spans = many.map((i) => sketch({ id: id(i), scope: 3 + (i % 2), ...more(i) }));
    const start = performance.now();
    expect(judgeTrace(spans).interactions).toHaveLength(1);
    expect(performance.now() - start).toBeLessThan(5000);
  });

  const consumer = { kind: 'tool', spanKind: 'consumer' } as const;
  const last = 59_999;

  it.each([
    ['with an id of its own each', (i: number) => ({ ...consumer, interactionRef: id(i) }), 60_000],
    [
      'one below the other, and an id on the last',
      (i: number) => ({
        ...consumer,
        ...(i < last && { under: id(i + 1) }),
        ...(i === last && { interactionRef: 'id' }),
      }),
      1,
    ],
    ['at once, seen by two instrumentations', (i: number) => ({ under: 'entry', inputTokens: i }), 1],
  ] as [string, (i: number) => Partial<Sketch>, number][])(
    '60,000 spans %s are judged in time',
    (_, more, expected) => {
      const spans = Array.from({ length: 60_000 }, (_, i) => sketch({ id: id(i), scope: 3 + (i % 2), ...more(i) }));
      expect(judgeTrace(spans).interactions).toHaveLength(expected);
    },
    30_000,
  );
});

describe('laws', () => {
  const modes = fc.constantFrom<Exchange>('entry', 'head');

  it('the order of the spans does not matter, and a second copy changes nothing but its count', () => {
    const anyOrder = traces.chain((spans) => fc.tuple(fc.constant(spans), shuffled(spans), fc.subarray(spans), modes));
    fc.assert(
      fc.property(anyOrder, ([spans, other, again, mode]) => {
        const once = judgeTrace(spans, () => mode);
        const twice = judgeTrace([...other, ...again], () => mode);
        expect(plain({ ...twice, duplicates: 0 })).toEqual(plain(once));
        expect(twice.duplicates).toBe(again.length);
      }),
      { numRuns: 1000 },
    );
  });

  it('the short way for one span leads where the general way leads', () => {
    const one = traces.filter((spans) => spans.length > 0).map((spans) => spans[0]!);
    fc.assert(
      fc.property(one, modes, (span, mode) => {
        expect(plain(judgeTrace([span], () => mode))).toEqual(plain(judgeTree([span], () => mode)));
      }),
      { numRuns: 1000 },
    );
  });

  it('every span of AI belongs to one interaction at most, and every call to one of them', () => {
    fc.assert(
      fc.property(traces, (spans) => {
        const { interactions, calls, leadOf, ignoredTwins } = judgeTrace(spans);
        const leads = new Set(interactions.map((one) => one.spanId));
        expect(leads.size).toBe(interactions.length);
        for (const lead of leadOf.values()) expect(leads).toContain(lead);
        for (const call of calls) expect(leadOf.get(call.spanId)).toBe(call.interactionSpanId);
        const ignored = new Set(ignoredTwins.map((twin) => twin.spanId));
        for (const call of calls) expect(ignored).not.toContain(call.spanId);
        const lost = spans.filter((span) => isCalled(span) && !leadOf.has(span.spanId));
        expect(lost).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });

  it('where only innermost calls carry tokens and one instrumentation speaks, the interactions have as many as the calls', () => {
    fc.assert(
      fc.property(traces.map(tokensOnLeavesOnly), (spans) => {
        const { interactions, calls } = judgeTrace(spans);
        expect(sumOf(interactions)).toBe(sumOf(calls));
      }),
      { numRuns: 1000 },
    );
  });
});

const isCalled = ({ kind }: Span): boolean => kind !== 'none' && kind !== 'step' && kind !== 'chain';
const sumOf = (list: readonly { inputTokens: number | null }[]): number =>
  list.reduce((total, { inputTokens }) => total + (inputTokens ?? 0), 0);
function tokensOnLeavesOnly(spans: readonly Span[]): Span[] {
  const parents = new Set(spans.map((span) => span.parentSpanId));
  const isLeafCall = (span: Span) => isCalled(span) && span.kind !== 'agent' && !parents.has(span.spanId);
  return spans.map((span) => ({ ...span, scope: 3, inputTokens: isLeafCall(span) ? span.inputTokens : null }));
}
