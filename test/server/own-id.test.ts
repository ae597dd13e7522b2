import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { service, World } from './world.ts';

const NOW = Date.parse('2026-11-20T12:00:00Z');
const at = (secondsAgo: number): string => `${BigInt(NOW - secondsAgo * 1000) * 1_000_000n}`;
const text = (key: string, value: string): object => ({ key, value: { stringValue: value } });
const header = (key: string, value: string): object => ({
  key,
  value: { arrayValue: { values: [{ stringValue: value }] } },
});

/** A request to a service and the model call below it, as an HTTP and a GenAI instrumentation send them, one by one. */
const exchangeOf = (name: string, traceId: string, ...requestAttributes: object[]): object[] =>
  [
    { spanId: 'aaaaaaaaaaaaaaaa', name: 'POST /chat', kind: 2, ends: 1, attributes: requestAttributes },
    {
      spanId: 'bbbbbbbbbbbbbbbb',
      parentSpanId: 'aaaaaaaaaaaaaaaa',
      name: 'chat',
      kind: 3,
      ends: 2,
      attributes: [text('gen_ai.operation.name', 'chat'), text('gen_ai.provider.name', 'openai')],
    },
  ].map(({ ends, ...span }) => ({
    resource: { attributes: [text('service.name', name)] },
    scopeSpans: [
      { spans: [{ ...span, traceId, startTimeUnixNano: at(ends + 1), endTimeUnixNano: at(ends), status: {} }] },
    ],
  }));

describe("feedback by the application's own id, which stands on the span of the request", () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start({
      now: NOW,
      services: [service('declared-bot', { interactionId: { attribute: 'app.turn' } })],
    });
  });
  afterAll(() => world.end());

  async function send(resourceSpans: object): Promise<void> {
    const response = await fetch(`${world.plimsoll.addresses.otlpHttp}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ resourceSpans: [resourceSpans] }),
    });
    expect([response.status, await response.text()]).toEqual([200, '{}']);
  }
  const feedback = (interactionId: string) =>
    world.post('/feedback', { feedback: [{ interactionId, kind: 'thumbs', value: 'up' }] });
  const feedbackOf = async (traceId: string): Promise<unknown> =>
    (await world.get(`/interactions/${traceId}`))['feedback'];

  it.each([
    ['in an attribute', 'some-bot', 'a', text('app.interaction.id', 'turn-1'), 'turn-1'],
    ['in a captured header', 'some-bot', 'b', header('http.request.header.x-interaction-id', 'turn-2'), 'turn-2'],
    ['in the declared attribute', 'declared-bot', 'c', text('app.turn', 'turn-3'), 'turn-3'],
  ])('%s: after the spans, between them, and in front of them', async (_, name, digit, attribute, id) => {
    for (const [i, waits] of [2, 1, 0].entries()) {
      const traceId = digit.repeat(31) + i;
      const mine = JSON.parse(JSON.stringify(attribute).replace(id, `${id}-${i}`));
      const spans = exchangeOf(name, traceId, mine).reverse();
      for (const one of spans.slice(0, waits)) await send(one);
      expect(await feedback(`${id}-${i}`)).toMatchObject(
        waits === 2 ? { accepted: 1, pending: 0 } : { accepted: 0, pending: 1 },
      );
      await world.restart();
      for (const one of spans.slice(waits)) await send(one);
      expect(await feedbackOf(traceId)).toMatchObject([{ traceId, kind: 'thumbs', value: 'up' }]);
      expect(await feedback(`${id}-${i}`)).toMatchObject({ duplicates: 1 });
    }
  });
});
