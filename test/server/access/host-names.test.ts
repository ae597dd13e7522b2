import { request } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { isOwnHost } from '../../../src/server/access/host-names.ts';
import { otlpOf, World } from '../world.ts';
import { Client } from './client.ts';

describe('a name that Plimsoll is asked under', () => {
  it('is no stranger’s when it is an address, has no dot, is private, or is known', () => {
    for (const host of [
      '127.0.0.1:8080',
      'localhost:8080',
      'LOCALHOST',
      '[::1]:8080',
      '10.1.2.3:8080',
      '[fe80::1]',
      'plimsoll:8080',
      'console.localhost',
      'host.docker.internal:4318',
      'plimsoll.monitoring.svc.cluster.local:8080',
      'Plimsoll.Example.com.:8080',
    ])
      expect([host, isOwnHost(host, ['plimsoll.example.com'])]).toEqual([host, true]);
  });

  it('is one that could be a stranger’s otherwise', () => {
    for (const host of [
      'evil.example',
      'evil.example:8080',
      '127.0.0.1.evil.example',
      'localhost.evil.example:8080',
      'evil.example.',
      'plimsoll.example.com.evil.example',
      'xplimsoll.example.com',
      '127.0.0.1@evil.example',
      '127.0.0.1:8080:evil.example',
      '[::1].evil.example',
      '',
      '.',
    ])
      expect([host, isOwnHost(host, ['plimsoll.example.com'])]).toEqual([host, false]);
  });
});

describe('a page whose name has come to mean this machine', () => {
  let world: World;
  afterEach(() => world.end());

  interface Asked {
    readonly door?: 'http' | 'otlpHttp';
    readonly method?: string;
    readonly headers?: Record<string, string>;
    readonly body?: string;
  }
  const ask = (host: string, path: string, { door = 'http', method = 'GET', headers, body }: Asked = {}) =>
    new Promise<[status: number, text: string]>((resolve, reject) => {
      const options = { method, headers: { host, 'content-type': 'application/json', ...headers } };
      request(new URL(path, world.plimsoll.addresses[door]), options, async (response) =>
        resolve([response.statusCode!, (await response.toArray()).map(String).join('')]),
      )
        .on('error', reject)
        .end(body);
    });

  it('reads and changes nothing while nobody has to sign in; by address and by names that are known all is as it was', async () => {
    world = await World.start({
      spec: {
        consoleUrl: 'https://console.example.com',
        listen: {
          http: '127.0.0.1:0',
          otlpHttp: '127.0.0.1:0',
          otlpGrpc: '127.0.0.1:0',
          hosts: ['Plimsoll.example.com'],
        },
      },
    });
    for (const path of ['/api/v1/services', '/api/v1/events', '/metrics', '/api/v1/session']) {
      const [status, text] = await ask('evil.example:8080', path);
      expect([path, status]).toEqual([path, 421]);
      expect(text).toContain('PLIM_ACCESS_HOST');
      expect(text).toContain('spec.listen.hosts');
    }
    const made = await ask('evil.example', '/api/v1/tokens', { method: 'POST', body: '{"role":"admin"}' });
    expect(made[0]).toBe(421);
    for (const host of ['127.0.0.1:8080', 'localhost', '[::1]:8080', 'plimsoll.example.com', 'console.example.com'])
      expect([host, (await ask(host, '/api/v1/services'))[0]]).toEqual([host, 200]);
    for (const path of ['/healthz', '/readyz']) expect((await ask('evil.example', path))[0]).toBe(200);
  });

  it('sends no telemetry; programs do, by whatever name', async () => {
    world = await World.start();
    const sent: Asked = { door: 'otlpHttp', method: 'POST', body: JSON.stringify(otlpOf([])) };
    const page = { ...sent, headers: { origin: 'http://evil.example:4318' } };
    const [status, text] = await ask('evil.example:4318', '/v1/traces', page);
    expect([status, text.includes('PLIM_OTLP_FORBIDDEN')]).toEqual([403, true]);
    expect((await ask('collector.example.com:4318', '/v1/traces', sent))[0]).toBe(200);
    expect((await ask('localhost:4318', '/v1/traces', page))[0]).toBe(200);
  });

  it('that may send feedback is known by its origin', async () => {
    const origin = 'https://app.example.com';
    world = await World.start({
      spec: { listen: { http: '127.0.0.1:0', otlpHttp: '127.0.0.1:0', otlpGrpc: '127.0.0.1:0', cors: [origin] } },
    });
    const sent: Asked = { method: 'POST', body: '{"feedback":[]}' };
    expect((await ask('plimsoll.example.com', '/api/v1/feedback', { ...sent, headers: { origin } }))[0]).toBe(200);
    expect((await ask('plimsoll.example.com', '/api/v1/feedback', sent))[0]).toBe(421);
  });

  it('has neither token nor session where people say who they are: any name will do', async () => {
    world = await World.start();
    const { token } = await new Client(world).make({ role: 'admin' });
    expect((await ask('evil.example', '/api/v1/services'))[0]).toBe(401);
    const headers = { authorization: `Bearer ${token}` };
    expect((await ask('plimsoll.example.com', '/api/v1/services', { headers }))[0]).toBe(200);
  });
});
