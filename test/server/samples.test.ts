import { expect, it } from 'vitest';
import { type Expected, samples } from '../collectors/otlp/samples.ts';
import { random, World } from './world.ts';

/** A minute after the last recording; the first one is twenty minutes older. */
const RECORDED = Date.parse('2026-11-23T18:50:30Z');

interface Request {
  readonly type: string;
  readonly body: string | Buffer<ArrayBufferLike>;
}

type SpanList = { scopeSpans?: { spans?: unknown[] }[] };

/** A request as it came, and each span of it alone. */
function* pieces(json: Buffer): Generator<Request> {
  const type = 'application/json';
  yield { type, body: json };
  const { resourceSpans = [] } = JSON.parse(json.toString()) as { resourceSpans?: SpanList[] };
  for (const ofResource of resourceSpans)
    for (const ofScope of ofResource.scopeSpans ?? [])
      for (const span of ofScope.spans ?? []) {
        const alone = { ...ofResource, scopeSpans: [{ ...ofScope, spans: [span] }] };
        yield { type, body: JSON.stringify({ resourceSpans: [alone] }) };
      }
}

function shuffled<T>(list: readonly T[], chance: () => number): T[] {
  return list
    .map((item) => ({ item, at: chance() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}

/** What the expected files say of a trace, in the form of the API; a hash of the instructions is a rule of ours. */
async function shown(world: World, traceId: string): Promise<Expected> {
  const { interactions, calls } = await world.get<Expected>(`/interactions/${traceId}`);
  return {
    interactions: interactions.map((row) => ({
      ...row,
      start: Date.parse(String(row['start'])),
      promptVersion: String(row['promptVersion']).startsWith('#') ? null : row['promptVersion'],
    })),
    calls,
  };
}

it.each([1, 2])(
  'real traces, whole and span by span, in either form, in any order, through restarts (%i)',
  async (seed) => {
    const chance = random(seed);
    const world = await World.start({ now: RECORDED });
    const requests = samples.flatMap(({ protobuf, json }) => [
      ...protobuf.map((body): Request => ({ type: 'application/x-protobuf', body })),
      ...json.flatMap((body) => [...pieces(body)]),
    ]);
    for (const [i, { type, body }] of shuffled(requests, chance).entries()) {
      const headers = { 'content-type': type };
      const { status } = await fetch(`${world.plimsoll.addresses.otlpHttp}/v1/traces`, {
        method: 'POST',
        headers,
        body,
      });
      expect(status).toBe(200);
      if (i % 200 === 100) await world.restart();
    }
    for (const { name, expected } of samples)
      for (const traceId of new Set(expected.interactions.map((row) => String(row['traceId'])))) {
        const found = await shown(world, traceId);
        for (const kind of ['interactions', 'calls'] as const) {
          const rows = expected[kind].filter((row) => row['traceId'] === traceId);
          expect(found[kind], `${kind} of ${name}`).toHaveLength(rows.length);
          for (const row of rows) {
            const same = found[kind].find(({ spanId }) => spanId === row['spanId']);
            const firstToken = row['timeToFirstTokenMs'];
            expect(same, `${kind} of ${name}`).toMatchObject({
              ...row,
              ...(typeof firstToken === 'number' && { timeToFirstTokenMs: expect.closeTo(firstToken, 3) }),
            });
          }
        }
      }
    await world.post('/settle', {});
    const { compared, differences } = world.verify();
    expect(compared).toBeGreaterThan(100);
    expect(differences).toEqual([]);
    await world.end();
  },
);
