import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ROUTE_ACCESS } from '../../src/server/access/permissions.ts';
import { openApi, ROUTES } from '../../src/server/api/openapi.ts';
import { Traffic } from '../scenarios/traffic.ts';
import { StandIn } from '../standins/http-server.ts';
import { objective, service, World } from './world.ts';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type Node = { [key: string]: Json };

const START = Date.parse('2026-11-18T00:00:00Z');
const document = openApi('1.0.0') as { openapi: string; paths: Record<string, Record<string, Node>>; components: Node };

/** Every object in a document, with the path to it. */
function* nodes(value: Json, path = '#'): Generator<[string, Node]> {
  if (Array.isArray(value)) for (const [i, one] of value.entries()) yield* nodes(one, `${path}/${i}`);
  else if (value !== null && typeof value === 'object') {
    yield [path, value];
    for (const [key, one] of Object.entries(value)) yield* nodes(one, `${path}/${key.replaceAll('/', '~1')}`);
  }
}

/** A validator of a schema of the document; `isClosed`: a property that the schema does not name is an error too. */
function validator(schema: Json, isClosed: boolean): z.ZodType {
  const prepared = (value: Json): Json => {
    if (Array.isArray(value)) return value.map(prepared);
    if (value === null || typeof value !== 'object') return value;
    const copy = Object.fromEntries(Object.entries(value).map(([key, one]) => [key, prepared(one)]));
    if (typeof copy['$ref'] === 'string') copy['$ref'] = copy['$ref'].replace('#/components/schemas/', '#/$defs/');
    if (isClosed && copy['properties'] !== undefined && copy['additionalProperties'] === undefined)
      copy['additionalProperties'] = false;
    return copy;
  };
  const whole = { ...(prepared(schema) as Node), $defs: prepared(document.components['schemas']!) };
  return z.fromJSONSchema(whole as Parameters<typeof z.fromJSONSchema>[0]);
}

const answerOf = (path: string, method = 'get'): Json => {
  const responses = document.paths[`/api/v1${path}`]![method]!['responses'] as Record<string, Node>;
  return (responses['200']!['content'] as Record<string, Node>)['application/json']!['schema']!;
};

describe('the document', () => {
  it('is OpenAPI 3.1: references lead somewhere, parameters of a path are declared, every answer is described', () => {
    expect(document.openapi).toMatch(/^3\.1\.\d+$/);
    for (const [path, node] of nodes(document as unknown as Json)) {
      // Gone since 3.1, where `type` can be a list.
      expect([path, Object.hasOwn(node, 'nullable')]).toEqual([path, false]);
      const reference = node['$ref'];
      if (typeof reference !== 'string') continue;
      expect(document.components['schemas']).toHaveProperty([reference.replace('#/components/schemas/', '')]);
    }
    for (const [path, methods] of Object.entries(document.paths))
      for (const operation of Object.values(methods)) {
        const declared = ((operation['parameters'] ?? []) as Node[]).filter((one) => one['in'] === 'path');
        expect(declared.map((one) => one['name'])).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
        expect(declared.every((one) => one['required'] === true)).toBe(true);
        for (const response of Object.values(operation['responses'] as Record<string, Node>))
          expect(response['description']).toEqual(expect.stringMatching(/\S/));
      }
  });

  it('has every route under /api/v1 that there is, and no other', () => {
    const routes = Object.keys(ROUTE_ACCESS).filter((route) => route.includes(' /api/v1/'));
    const documented = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(documented.toSorted()).toEqual(routes.toSorted());
  });

  it('says null only where null can be', () => {
    for (const [name, schema] of Object.entries(document.components['schemas'] as Record<string, Node>))
      expect([name, schema['type']]).toEqual([name, 'object']);
  });

  it('names the type of what is no JSON', () => {
    const responses = document.paths['/api/v1/events']!['get']!['responses'] as Record<string, Node>;
    expect(Object.keys(responses['200']!['content'] as Node)).toEqual(['text/event-stream']);
  });
});

describe('every answer of a world with data', () => {
  let world: World;
  let receiver: StandIn;
  let trace: string;

  beforeAll(async () => {
    receiver = await StandIn.start();
    world = await World.start({
      now: START,
      services: [
        service('bot', {
          owner: { name: 'Dana Ruiz', email: 'dana@example.com' },
          criticality: 1,
          models: [{ provider: 'openai', name: 'gpt-4o-mini' }],
          prompts: [{ id: 'answer', version: '7' }],
          dependsOn: ['openai'],
          evaluations: { groundedness: { scale: [0, 1], good: 'high', pass: 0.7 } },
        }),
        service('idle'),
      ],
      objectives: [
        objective('up', { service: 'bot', kind: 'SLA', measure: { type: 'availability' }, target: 0.99 }),
        objective('fast', {
          service: 'bot',
          measure: { type: 'latency', threshold: '4s' },
          target: 0.95,
          window: { calendar: 'month', timeZone: 'Asia/Kolkata' },
          alert: { detector: 'burn_rate' },
        }),
        objective('grounded', {
          service: 'bot',
          kind: 'XLA',
          measure: { type: 'accuracy', evaluation: 'groundedness' },
          target: 0.9,
          alert: { detector: 'both' },
        }),
        objective('liked', { service: 'bot', measure: { type: 'satisfaction' }, target: 0.8 }),
        objective('idle-up', { service: 'idle', measure: { type: 'availability' }, target: 0.999 }),
        objective('drifting', { service: 'bot', measure: { type: 'drift', feature: 'input_tokens' } }),
      ],
      spec: {
        sinks: [{ name: 'ops', type: 'webhook', url: `${receiver.url}/in`, secret: 'env:OPS' }],
        egress: { allow: ['127.0.0.1'] },
      },
    });
    const traffic = new Traffic(world, 'bot', START);
    await traffic.pass(90);
    const asked = await traffic.pass(1);
    trace = asked[0]!.traceId;
    await world.rate(asked.map((one) => ({ exchange: one, score: 0.9 })));
    await world.post('/feedback', { feedback: [{ traceId: trace, kind: 'stars', value: 4, comment: 'fine' }] });
    await world.post('/labels', {
      labels: [{ traceId: trace, name: 'correct', value: true, source: 'human', sampling: 'random' }],
    });
    await world.post('/changes', {
      changes: [{ id: 'CHG-1', service: 'bot', type: 'prompt', before: { id: '7' }, after: '8' }],
    });
    await world.post('/changes', {
      changes: [{ id: 'CHG-2', service: 'bot', type: 'prompt', kind: 'normal', before: { id: '7' }, after: '8' }],
    });
    await new Traffic(world, 'nobody-declared-me', START).pass(2);
    await traffic.judge();
    await traffic.live(6, { failed: 18, more: { promptVersion: '8' } });
    await world.post('/incidents/INC-1/acknowledge', {});
    await world.post('/incidents/INC-1/hold', { reason: 'awaiting_vendor' });
    await world.post('/silences', {
      matchers: [{ label: 'service', value: 'bot' }],
      endsAt: new Date(world.now + 3_600_000).toISOString(),
      comment: 'we know',
    });
    await traffic.pass(40);
    await traffic.judge();
    await traffic.live(3, { failed: 18 });
  });
  afterAll(async () => {
    await world.end();
    await receiver.stop();
  });

  it('an objective says the smallest change that its sequential test finds within a day', async () => {
    const detectorOf = async (name: string): Promise<{ smallestChange: { burn: number; badShare: number } | null }> =>
      (await world.get<{ detector: never }>(`/objectives/${name}`)).detector;
    const { smallestChange } = await detectorOf('up');
    expect(smallestChange!.burn).toBeGreaterThan(1);
    expect(smallestChange!.badShare).toBeCloseTo(0.01 * smallestChange!.burn, 9);
    expect(await detectorOf('fast')).toMatchObject({ smallestChange: null });
    expect(await detectorOf('idle-up')).toMatchObject({ smallestChange: null });
  });

  const urls: Record<string, string[]> = {
    '/services/{name}': ['/services/bot', '/services/idle', '/services/nobody-declared-me'],
    '/services/{name}/record': ['/services/bot/record', '/services/nobody-declared-me/record'],
    '/services/{name}/measures': [
      '/services/bot/measures?from=2026-11-17T00:00:00Z&step=1m',
      '/services/idle/measures',
    ],
    '/services/{name}/dependencies': ['/services/bot/dependencies', '/services/idle/dependencies'],
    '/services/{name}/interactions': ['/services/bot/interactions?limit=1000', '/services/idle/interactions'],
    '/objectives/{name}': ['/objectives/up', '/objectives/fast', '/objectives/grounded', '/objectives/idle-up'],
    '/objectives/{name}/periods': ['/objectives/fast/periods', '/objectives/up/periods'],
    '/incidents': ['/incidents', '/incidents?limit=1', '/incidents?state=closed'],
    '/incidents/{id}': ['/incidents/INC-1'],
    // Nothing of it is a change: its scenario asks for it.
    '/changes/{id}/evidence': [],
    '/problems/{id}': ['/problems/PRB-1'],
    '/silences': ['/silences', '/silences?state=current'],
    '/changes/{id}': ['/changes/CHG-1', '/changes/CHG-2'],
    '/changes/{id}/verdict': ['/changes/CHG-2/verdict'],
    '/changes/{id}/gate': ['/changes/CHG-2/gate'],
    '/silences/{id}': ['/silences/SIL-1'],
    '/openapi.json': [],
    '/events': [],
    '/explain': [],
  };
  const gets = ROUTES.filter(({ method }) => method === 'get').map(({ path }) => path);

  it.each(gets)('GET %s is as the document says, and says nothing that it does not', async (path) => {
    const asked = path === '/interactions/{traceId}' ? [`/interactions/${trace}`] : (urls[path] ?? [path]);
    for (const url of asked) {
      const answer = await world.get<Json & object>(url);
      const { error } = validator(answerOf(path), true).safeParse(answer);
      expect([url, error?.issues ?? []]).toEqual([url, []]);
    }
  });

  it.each(['services', 'objectives', 'incidents'])('%s come in pages, without loss or repeat', async (list) => {
    const whole = await world.get<Record<string, unknown[]>>(`/${list}`);
    expect(whole['nextCursor']).toBeUndefined();
    const seen: unknown[] = [];
    for (let cursor: string | undefined, pages = 0; pages < 20; pages++) {
      const query: string = `limit=1${cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`}`;
      const page: Record<string, unknown> = await world.get(`/${list}?${query}`);
      seen.push(...(page[list] as unknown[]));
      cursor = page['nextCursor'] as string | undefined;
      if (cursor === undefined) break;
    }
    expect(seen).toEqual(whole[list]);
    await expect(world.get(`/${list}?cursor=x`)).rejects.toThrow('nextCursor');
    await expect(world.get(`/${list}?limit=1001`)).rejects.toThrow('limit');
  });

  it('so are the answers to moves, and to signals', async () => {
    const note = await world.post('/incidents/INC-1/note', { text: 'seen' });
    expect(validator(answerOf('/incidents/{id}/{move}', 'post'), true).safeParse(note).error?.issues ?? []).toEqual([]);
    const receipt = await world.post('/feedback', { feedback: [{ traceId: trace, kind: 'thumbs', value: 'maybe' }] });
    expect(validator(answerOf('/feedback', 'post'), true).safeParse(receipt).error?.issues ?? []).toEqual([]);
  });

  it('every time is RFC 3339 in UTC, no number is missing, and a value is there exactly when its status is ok', async () => {
    const paths = ['/services', '/services/bot/measures?step=1m', '/objectives', '/incidents', '/incidents/INC-1'];
    let estimates = 0;
    for (const path of paths)
      for (const [at, node] of nodes(await world.get<Node>(path))) {
        for (const [key, value] of Object.entries(node)) {
          if (/At$|^at$|^from$|^to$|^since$|^judgedThrough$/.test(key) && value !== null)
            expect([`${path} ${at}/${key}`, value]).toEqual([
              `${path} ${at}/${key}`,
              expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/),
            ]);
        }
        if (!Object.hasOwn(node, 'maturity')) continue;
        estimates++;
        expect([at, node['status'] === 'ok']).toEqual([at, node['value'] !== null]);
        expect((node['low'] as number) <= (node['high'] as number)).toBe(true);
      }
    expect(estimates).toBeGreaterThan(100);
  });
});
