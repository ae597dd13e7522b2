import supertest from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROUTES } from '../../src/server/api/openapi.ts';
import { routesOf } from './access/router.ts';
import { exchange, objective, service, World } from './world.ts';

const START = Date.parse('2026-11-20T12:00:00Z');

/** Every route of the API that Express has, as `get /api/v1/services/{name}`. */
const routesOfApi = (): string[] =>
  routesOf()
    .filter((route) => route.includes(' /api/v1/'))
    .map((route) => route.replace(/^[A-Z]+/, (method) => method.toLowerCase()));

describe('the API', () => {
  let world: World;
  const api = () => supertest(world.plimsoll.addresses.http);
  const first = exchange('support-bot', START + 30_000, { failed: true, durationMs: 1234 });
  const second = exchange('support-bot', START + 40_000);
  const stranger = exchange('nobody-declared-me', START + 50_000);

  beforeAll(async () => {
    world = await World.start({
      now: START + 5 * 60_000,
      services: [
        service('support-bot', {
          evaluations: { groundedness: { pass: 0.7 } },
          slices: ['response_model', 'prompt_version', { name: 'tenant', attribute: 'app.tenant.id' }],
        }),
      ],
      objectives: [
        objective('bot-availability', { service: 'support-bot', measure: { type: 'availability' }, target: 0.99 }),
      ],
    });
    await world.spans([first, second, stranger]);
    await world.plimsoll.tick();
  });
  afterAll(() => world.end());

  it('documents every route that it has, and has every route that it documents', async () => {
    const { body } = await api().get('/api/v1/openapi.json').expect(200);
    expect(body.openapi).toBe('3.1.0');
    const documented = Object.entries(body.paths as Record<string, object>).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    );
    expect(documented.sort()).toEqual(routesOfApi().sort());
    for (const { method, path } of ROUTES) {
      // Streams do not end.
      if (path === '/events' || path === '/explain') continue;
      const url = `/api/v1${path}`.replace('{move}', 'note').replace(/\{\w+\}/g, 'x');
      const { body: answer } = await api()
        [method](url)
        .send(method === 'post' ? {} : undefined);
      expect(`${path} ${answer?.detail ?? ''}`).not.toContain('no address of this API');
    }
  });

  it('shows an interaction with the fields of telemetry, times in RFC 3339', async () => {
    const { body } = await api().get('/api/v1/services/support-bot/interactions').expect(200);
    expect(body.interactions).toHaveLength(2);
    expect(body.interactions[1]).toMatchObject({
      traceId: first.traceId,
      spanId: first.spanId,
      service: 'support-bot',
      environment: 'production',
      start: '2026-11-20T12:00:28.766Z',
      durationMs: 1234,
      status: 'error',
      errorType: 'server_error',
      errorClass: 'server',
      provider: 'openai',
      inputTokens: 120,
      cachedInputTokens: null,
      promptVersion: '7',
    });
  });

  it('pages through interactions, newest first, without loss or repeat', async () => {
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const query: Record<string, string> = { limit: '1', ...(cursor === undefined ? {} : { cursor }) };
      const { body } = await api().get('/api/v1/services/support-bot/interactions').query(query).expect(200);
      seen.push(...body.interactions.map((one: { traceId: string }) => one.traceId));
      cursor = body.nextCursor;
      if (cursor !== undefined) expect(cursor).toMatch(/^[\w-]+$/);
    } while (cursor !== undefined);
    expect(seen).toEqual([second.traceId, first.traceId]);
  });

  it('says that a page is the last one, also when it is full', async () => {
    const page = async (query: string): Promise<{ interactions: unknown[]; nextCursor?: string }> =>
      (await api().get(`/api/v1/services/support-bot/interactions?${query}`).expect(200)).body;
    const all = await page('limit=1000');
    expect(all.nextCursor).toBeUndefined();
    expect(await page(`limit=${all.interactions.length}`)).toEqual(all);
    const { nextCursor } = await page(`limit=${all.interactions.length - 1}`);
    const rest = await page(`limit=1&cursor=${nextCursor}`);
    expect(rest).toEqual({ interactions: all.interactions.slice(-1) });
  });

  it('is in the order in which they ended, to the millisecond, as are from and to', async () => {
    const at = START + 100_000;
    await world.spans([3, 1, 4, 0, 2].map((ms) => exchange('quick-bot', at + ms)));
    const ends = async (query: string): Promise<number[]> => {
      const { body } = await api().get(`/api/v1/services/quick-bot/interactions?${query}`).expect(200);
      return body.interactions.map(
        (one: { start: string; durationMs: number }) => Date.parse(one.start) + one.durationMs - at,
      );
    };
    expect(await ends('')).toEqual([4, 3, 2, 1, 0]);
    const time = (ms: number): string => new Date(at + ms).toISOString();
    expect(await ends(`from=${time(1)}&to=${time(3)}`)).toEqual([2, 1]);
  });

  it('knows everything of one trace, and says so when that is nothing', async () => {
    const { body } = await api().get(`/api/v1/interactions/${first.traceId}`).expect(200);
    expect(body.interactions).toHaveLength(1);
    expect(body.calls).toEqual([expect.objectContaining({ kind: 'model', status: 'error', model: first.model })]);
    const { body: none } = await api()
      .get(`/api/v1/interactions/${'1'.repeat(32)}`)
      .expect(200);
    expect(none).toEqual({ interactions: [], calls: [], feedback: [], evaluations: [], labels: [] });
    await api()
      .get('/api/v1/interactions/xyz')
      .expect(400)
      .expect('content-type', /problem\+json/);
  });

  it('takes feedback before and after its span, once, and names what it can not take', async () => {
    const later = exchange('support-bot', START + 100_000);
    const send = (feedback: unknown[]) => api().post('/api/v1/feedback').send({ feedback }).expect(200);
    const { body } = await send([
      { traceId: first.traceId, kind: 'thumbs', value: 'up' },
      { traceId: later.traceId, kind: 'stars', value: 5 },
      { traceId: first.traceId, kind: 'stars', value: 6 },
      { kind: 'thumbs', value: 'up' },
      'nonsense',
    ]);
    expect(body).toMatchObject({ accepted: 1, duplicates: 0, pending: 1 });
    expect(body.rejected.map((one: { index: number; code: string }) => [one.index, one.code])).toEqual([
      [2, 'PLIM_SIGNAL_INVALID'],
      [3, 'PLIM_SIGNAL_INVALID'],
      [4, 'PLIM_SIGNAL_INVALID'],
    ]);
    const again = await send([{ traceId: first.traceId, kind: 'thumbs', value: 'up' }]);
    expect(again.body).toMatchObject({ accepted: 0, duplicates: 1 });
    await world.spans([later]);
    const { body: joined } = await api().get(`/api/v1/interactions/${later.traceId}`).expect(200);
    expect(joined.feedback).toEqual([expect.objectContaining({ kind: 'stars', value: 5 })]);
  });

  it('replaces what the same person said before, and takes the later of two whichever comes first', async () => {
    const thumb = (value: string, at: string) =>
      api()
        .post('/api/v1/feedback')
        .send({ feedback: [{ traceId: second.traceId, kind: 'thumbs', value, at }] })
        .expect(200);
    await thumb('down', '2026-11-20T12:02:00Z');
    await thumb('up', '2026-11-20T12:01:00Z');
    const { body } = await api().get(`/api/v1/interactions/${second.traceId}`).expect(200);
    expect(body.feedback).toEqual([expect.objectContaining({ value: 'down' })]);
  });

  it('takes evaluations, labels and changes', async () => {
    const { body: scored } = await api()
      .post('/api/v1/evaluations')
      .send({
        evaluations: [
          { traceId: first.traceId, name: 'groundedness', score: 0.4, evaluator: 'judge', evaluatorVersion: '2' },
        ],
      })
      .expect(200);
    expect(scored).toMatchObject({ accepted: 1 });
    const { body: labelled } = await api()
      .post('/api/v1/labels')
      .send({
        labels: [{ traceId: first.traceId, name: 'correct', value: false, source: 'human', sampling: 'random' }],
      })
      .expect(200);
    expect(labelled).toMatchObject({ accepted: 1 });
    const change = { service: 'support-bot', type: 'prompt', before: '7', after: { id: '8', sha256: 'a'.repeat(64) } };
    const changes = () =>
      api()
        .post('/api/v1/changes')
        .send({ changes: [change, { service: 'x', type: 'mood' }] })
        .expect(200);
    expect((await changes()).body).toMatchObject({ accepted: 1, duplicates: 0, rejected: [{ index: 1 }] });
    expect((await changes()).body).toMatchObject({ accepted: 0, duplicates: 1 });
    const { body } = await api().get(`/api/v1/interactions/${first.traceId}`).expect(200);
    expect(body.evaluations).toEqual([
      expect.objectContaining({ name: 'groundedness', evaluator: 'judge', evaluatorVersion: '2', score: 0.4 }),
    ]);
    expect(body.labels).toEqual([
      expect.objectContaining({ name: 'correct', value: false, source: 'human', sampling: 'random' }),
    ]);
  });

  it.each([
    ['no object', '[]'],
    ['another key', '{"feedbacks":[]}'],
    ['not JSON', '{"feedback":['],
    ['no list', '{"feedback":{}}'],
  ])('a body that is %s is 400, and says what is expected', async (_what, body) => {
    const response = await api()
      .post('/api/v1/feedback')
      .set('content-type', 'application/json')
      .send(body)
      .expect(400);
    expect(response.headers['content-type']).toMatch(/problem\+json/);
    expect(response.body).toMatchObject({
      type: 'urn:plimsoll:error:PLIM_API_BAD_REQUEST',
      status: 400,
      code: 'PLIM_API_BAD_REQUEST',
    });
    expect(response.body.detail.length).toBeGreaterThan(20);
  });

  it('says which scores it stores and does not judge', async () => {
    const score = (name: string, value: number): object => ({
      traceId: first.traceId,
      name,
      score: value,
      evaluator: 'e',
    });
    await api()
      .post('/api/v1/evaluations')
      .send({ evaluations: [score('groundedness', 0.9), score('politeness', 0.9)] })
      .expect(200);
    const unjudged = async (): Promise<object[]> =>
      (await api().get('/api/v1/services/support-bot').expect(200)).body.findings.filter(
        ({ kind }: { kind: string }) => kind === 'evaluation_not_judged',
      );
    const finding = { since: '2026-11-20T12:00:00.000Z', detail: expect.stringContaining('spec.evaluations') };
    expect(await unjudged()).toMatchObject([{ ...finding, evidence: { name: 'politeness', reason: 'unmapped' } }]);
    await api()
      .post('/api/v1/evaluations')
      .send({ evaluations: [score('groundedness', 3)] })
      .expect(200);
    expect(await unjudged()).toMatchObject([
      {},
      { detail: expect.stringContaining('0..1'), evidence: { name: 'groundedness', reason: 'out_of_scale' } },
    ]);
  });

  it('a service of one file is in each environment that it was heard of in', async () => {
    const named = async (path: string): Promise<number> =>
      (await api().get(`/api/v1/services/support-bot${path}`)).status;
    expect(await named('?environment=production')).toBe(200);
    expect(await named('/measures?environment=production')).toBe(200);
    expect(await named('?environment=staging')).toBe(404);
  });

  it('finds what nobody declared', async () => {
    await world.plimsoll.tick();
    const { body } = await api().get('/api/v1/services').expect(200);
    const found = body.services.find((one: { name: string }) => one.name === 'nobody-declared-me');
    expect(found).toMatchObject({ declared: false, environment: 'production', verdict: 'insufficient_evidence' });
    expect(found.findings[0]).toMatchObject({ kind: 'unregistered_service', since: '2026-11-20T12:00:00.000Z' });
    await api().get('/api/v1/services/never-seen').expect(404);
  });

  it('finds, for a day, that a library hides failures', async () => {
    const span = {
      traceId: 'ab'.repeat(16),
      spanId: 'cd'.repeat(8),
      name: 'chat',
      startTimeUnixNano: `${START}000000`,
      endTimeUnixNano: `${START + 1000}000000`,
      attributes: [{ key: 'gen_ai.operation.name', value: { stringValue: 'chat' } }],
    };
    const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'blind-bot' } }] };
    const scope = { name: '@traceloop/instrumentation-openai', version: '0.27.0' };
    await supertest(world.plimsoll.addresses.otlpHttp)
      .post('/v1/traces')
      .send({ resourceSpans: [{ resource, scopeSpans: [{ scope, spans: [span] }] }] })
      .expect(200);
    const kinds = async (): Promise<string[]> => {
      const { body } = await api().get('/api/v1/services/blind-bot').expect(200);
      return body.findings.map((one: { kind: string }) => one.kind);
    };
    await world.plimsoll.tick();
    expect(await kinds()).toEqual(['unregistered_service', 'failures_invisible']);
    world.now += 86_400_000;
    expect(await kinds()).toEqual(['unregistered_service']);
    world.now -= 86_400_000;
  });

  it('gives points of event time: from inclusive, to exclusive, at the start of their step', async () => {
    const { body } = await api()
      .get('/api/v1/services/support-bot/measures')
      .query({ from: '2026-11-20T12:00:00Z', to: '2026-11-20T12:01:00Z', step: '1m' })
      .expect(200);
    const availability = body.measures.find((one: { measure: string }) => one.measure === 'availability');
    expect(availability.points).toHaveLength(1);
    expect(availability.points[0]).toMatchObject({
      at: '2026-11-20T12:00:00.000Z',
      estimate: { value: 0.5, n: 2, status: 'ok' },
    });
    expect(body.latency[0].p50Ms).toBeGreaterThan(780);
    expect(body.latency[0].p50Ms).toBeLessThan(820);
  });

  it('says which Plimsoll it is, and where spans are taken', async () => {
    const { body } = await api().get('/api/v1/deployment').expect(200);
    expect(body).toEqual({
      name: 'test',
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      now: '2026-11-20T12:05:00.000Z',
      otlpHttp: world.plimsoll.addresses.otlpHttp,
      configuration: { sha256: expect.stringMatching(/^[0-9a-f]{64}$/), since: expect.any(String), refused: null },
      findings: [],
    });
  });

  it('says that it lives and that it is ready, and counts', async () => {
    await api().get('/healthz').expect(200);
    await api().get('/readyz').expect(200);
    const { text } = await api().get('/metrics').expect(200);
    expect(text).toMatch(/^plimsoll_ingest_signals_total\{.*result="stored".*\} \d+$/m);
    const { body } = await api().get('/api/v1/nothing').expect(404);
    expect(body).toMatchObject({
      code: 'PLIM_API_NOT_FOUND',
      detail: expect.stringContaining('GET /api/v1/nothing is no'),
    });
    await api().get('/api/v1/services').query({ colour: 'red' }).expect(400);
    await api().get('/api/v1/services/support-bot/interactions').query({ limit: '0' }).expect(400);
    await api().get('/api/v1/services/support-bot/interactions').query({ cursor: 'x' }).expect(400);
  });
});
