import supertest from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { World } from './world.ts';

const APP = 'https://app.example.com';
const ASK = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' };

describe('pages of other origins', () => {
  let open: World;
  let shut: World;
  beforeAll(async () => {
    open = await World.start({ spec: { listen: { ...ports, cors: [APP, 'http://localhost:5173'] } } });
    shut = await World.start();
  });
  afterAll(() => Promise.all([open.end(), shut.end()]));
  const ports = { http: '127.0.0.1:0', otlpHttp: '127.0.0.1:0', otlpGrpc: '127.0.0.1:0' };
  const api = (world: World) => supertest(world.plimsoll.addresses.http);

  it('may send feedback when they are listed, and may read the answer, refusals too', async () => {
    const asked = await api(open)
      .options('/api/v1/feedback')
      .set({ origin: APP, ...ASK })
      .expect(204);
    expect(asked.headers).toMatchObject({
      'access-control-allow-origin': APP,
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': 'content-type, authorization',
      vary: 'Origin',
    });
    expect(asked.headers).not.toHaveProperty('access-control-allow-credentials');
    const sent = { feedback: [{ kind: 'thumbs', value: 'up', traceId: '7'.repeat(32) }] };
    for (const [body, status] of [
      [sent, 200],
      [[], 400],
    ] as const) {
      const { headers } = await api(open).post('/api/v1/feedback').set({ origin: APP }).send(body).expect(status);
      expect(headers).toMatchObject({
        'access-control-allow-origin': APP,
        'access-control-expose-headers': 'Retry-After',
      });
    }
  });

  it.each(['https://evil.example.com', 'http://app.example.com', `${APP}:8443`, 'null'])(
    '%s may not',
    async (origin) => {
      const asked = await api(open)
        .options('/api/v1/feedback')
        .set({ origin, ...ASK });
      expect(asked.headers).not.toHaveProperty('access-control-allow-origin');
    },
  );

  it.each(['/evaluations', '/changes', '/services', '/incidents', '/openapi.json'])(
    '%s is for none of them',
    async (path) => {
      const asked = await api(open)
        .options(`/api/v1${path}`)
        .set({ origin: APP, ...ASK });
      const read = await api(open).get(`/api/v1${path}`).set({ origin: APP });
      for (const { headers } of [asked, read]) expect(headers).not.toHaveProperty('access-control-allow-origin');
    },
  );

  it.each(['cross-site', 'same-site'])('without asking, a page of a %s origin does nothing', async (site) => {
    for (const path of ['/incidents/INC-1/acknowledge', '/settle', '/feedback', '/changes'])
      for (const origin of ['https://evil.example.com', 'null'])
        await api(open)
          .post(`/api/v1${path}`)
          .set({ origin, 'sec-fetch-site': site, 'content-type': 'text/plain' })
          .expect(403)
          .expect(({ body }) => expect(body).toMatchObject({ code: 'PLIM_API_FOREIGN_PAGE' }));
  });

  it('the console, listed pages, people and programs are no such pages', async () => {
    const settle = (headers: Record<string, string>) => api(open).post('/api/v1/settle').set(headers).expect(200);
    await settle({ 'sec-fetch-site': 'same-origin', origin: open.plimsoll.addresses.http });
    await settle({ 'sec-fetch-site': 'none' });
    await settle({});
    const listed = { origin: APP, 'sec-fetch-site': 'cross-site' };
    await api(open).post('/api/v1/feedback').set(listed).send({ feedback: [] }).expect(200);
    await api(open).post('/api/v1/settle').set(listed).expect(403);
    await api(open).get('/api/v1/services').set({ 'sec-fetch-site': 'cross-site' }).expect(200);
  });

  it('without a list none may', async () => {
    const asked = await api(shut)
      .options('/api/v1/feedback')
      .set({ origin: APP, ...ASK });
    expect(asked.headers).not.toHaveProperty('access-control-allow-origin');
    expect(asked.headers).not.toHaveProperty('vary');
  });
});
