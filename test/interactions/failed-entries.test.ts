import { expect, it } from 'vitest';
import { blindRoutes, failedEntries } from '../../src/interactions/failed-entries.ts';
import { judgeTrace } from '../../src/interactions/judge.ts';
import { EMPTY_SPAN, type Span } from '../../src/model/span.ts';

const SERVICE = 40;
const ROUTE = 41;
const span = (spanId: string, parentSpanId: string, more: Partial<Span>): Span => ({
  ...EMPTY_SPAN,
  traceId: 't',
  spanId,
  parentSpanId,
  service: SERVICE,
  ...more,
});
const request = (spanId: string, parentSpanId: string, more: Partial<Span> = {}): Span =>
  span(spanId, parentSpanId, { spanKind: 'server', name: ROUTE, isError: true, httpStatus: 500, ...more });
const call = (spanId: string, parentSpanId: string, more: Partial<Span> = {}): Span =>
  span(spanId, parentSpanId, { kind: 'model', hidesFailures: true, ...more });

const failed = (...spans: Span[]): string[] =>
  failedEntries(spans, judgeTrace(spans).interactions).map(({ spanId }) => spanId);
const routes = (...spans: Span[]): number[] => blindRoutes(spans).map(({ name }) => name);

it.each([
  ['a request that failed and led to nothing', [request('a', '')], ['a']],
  ['a message that failed', [request('a', '', { spanKind: 'consumer', httpStatus: 0 })], ['a']],
  ['one that led to an interaction, which says itself that it failed', [request('a', ''), call('b', 'a')], []],
  ['that is so through spans in between', [request('a', ''), span('m', 'a', {}), call('b', 'm')], []],
  ['a request that went well', [request('a', '', { isError: false, httpStatus: 200 })], []],
  ["a client's own mistake", [request('a', '', { httpStatus: 404 })], []],
  ['a request without a route', [request('a', '', { name: 0 })], []],
  ['a span that let nothing in', [request('a', '', { spanKind: 'internal' })], []],
  ['requests inside one another are one', [request('a', ''), request('b', 'a')], ['a']],
  ['but not one inside a request that was answered', [request('a', ''), request('b', 'a'), call('c', 'a')], []],
  ['nor one around a request that was answered', [request('a', ''), request('b', 'a'), call('c', 'b')], []],
  ['two requests of one trace are two', [request('a', ''), request('b', '')], ['a', 'b']],
  [
    'the request of another service is its own',
    [request('a', ''), request('b', 'a', { service: 42 }), call('c', 'b', { service: 42 })],
    ['a'],
  ],
  ['parents that run in a circle', [request('a', 'b'), request('b', 'a')], []],
])('%s', (_, spans, expected) => {
  expect(failed(...spans)).toEqual(expected);
});

it('a route is one of these when a span of such a library lies below its request', () => {
  const entry = request('a', '', { isError: false, httpStatus: 200 });
  expect(routes(entry, call('b', 'a'))).toEqual([ROUTE]);
  expect(routes(entry, call('b', 'a', { hidesFailures: false }))).toEqual([]);
  expect(routes(entry, span('g', 'a', { kind: 'agent' }), call('b', 'g'))).toEqual([ROUTE]);
  expect(routes(entry, call('b', 'a', { parentIsRemote: true }))).toEqual([]);
  expect(routes(entry, call('b', 'a', { service: 42 }))).toEqual([]);
  expect(routes(call('b', 'a'))).toEqual([]);
});

it('a chain of calls is walked once, however long', () => {
  const chain = Array.from({ length: 5000 }, (_, i) => call(`${i + 1}`, `${i}`));
  expect(routes(request('0', ''), ...chain)).toEqual([ROUTE]);
});

it('nor is what many failed requests have above them walked for each', () => {
  const chain = Array.from({ length: 30_000 }, (_, i) => span(`${i + 1}`, i === 0 ? '' : `${i}`, {}));
  const requests = Array.from({ length: 30_000 }, (_, i) => request(`r${i}`, '30000'));
  expect(failed(...chain, ...requests)).toHaveLength(30_000);
  expect(failed(request('0', ''), ...chain.with(0, span('1', '0', {})), ...requests)).toHaveLength(1);
}, 30_000);

it('an interaction hides its failure until the span of its request is there, with the name of its route', () => {
  const hides = (...spans: Span[]): boolean[] => judgeTrace(spans).interactions.map(({ hidesFailure }) => hidesFailure);
  const entry = request('a', '', { isError: false, httpStatus: 200 });
  expect(hides(call('b', 'a'))).toEqual([true]);
  expect(hides(call('b', 'a'), span('m', '', {}))).toEqual([true]);
  expect(hides(entry, call('b', 'a'))).toEqual([false]);
  expect(hides({ ...entry, name: 0 }, call('b', 'a'))).toEqual([true]);
  expect(hides(call('b', 'a', { hidesFailures: false }))).toEqual([false]);
  expect(hides(span('g', 'a', { kind: 'agent' }), call('b', 'g'))).toEqual([false]);
});
