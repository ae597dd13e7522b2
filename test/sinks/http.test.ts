import { readFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { Allowed, isGlobalUnicast } from '../../src/sinks/addresses.ts';
import { createHttp, RESPONSE_MAX_BYTES, refusalOf } from '../../src/sinks/http.ts';

const open: Server[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) {
    if ('closeAllConnections' in server) (server.closeAllConnections as () => void)();
    await new Promise((resolve) => server.close(resolve));
  }
});
async function listening(server: Server): Promise<number> {
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}
const serve = (listener: RequestListener): Promise<number> => listening(createServer(listener));
const post = (url: string) => ({
  method: 'POST' as const,
  url,
  headers: { 'content-type': 'text/plain' },
  body: 'hello',
});
const loopback = createHttp({ allow: ['127.0.0.0/8'], totalMs: 30_000 });
/** For servers that never answer, or never to the end. */
const impatient = createHttp({ allow: ['127.0.0.0/8'], totalMs: 2_000 });

describe('which addresses are public', () => {
  it.each([
    ['93.184.216.34', true],
    ['2606:2800:220:1:248:1893:25c8:1946', true],
    ['0.0.0.0', false],
    ['10.1.2.3', false],
    ['100.64.0.1', false],
    ['127.0.0.1', false],
    ['169.254.169.254', false],
    ['172.31.255.255', false],
    ['172.32.0.0', true],
    ['192.168.1.1', false],
    ['198.19.0.1', false],
    ['224.0.0.1', false],
    ['255.255.255.255', false],
    ['::', false],
    ['::1', false],
    ['::127.0.0.1', false],
    ['::ffff:93.184.216.34', false],
    ['::ffff:127.0.0.1', false],
    ['64:ff9b::7f00:1', false],
    ['64:ff9b:1::7f00:1', false],
    ['2002:7f00:1::', false],
    ['2001:0:4136:e378::1', false],
    ['2001:db8::1', false],
    ['fc00::1', false],
    ['fe80::1', false],
    ['ff02::1', false],
    ['not an address', false],
  ])('%s: %s', (address, is) => {
    expect(isGlobalUnicast(address)).toBe(is);
  });
});

describe('an address of the configuration', () => {
  it.each([
    'https://127.0.0.1/x',
    'https://0x7f.1/',
    'https://2130706433/',
    'https://0177.0.0.1/',
    'https://127.1/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[64:ff9b::7f00:1]/',
    'https://[2002:7f00:1::]/',
    'https://169.254.169.254/latest/meta-data',
    'https://１２７.０.０.１/',
  ])('%s is refused, however it is written', (url) => {
    expect(refusalOf(url, [])).toMatch(/not a public address: list the host or its range in egress\.allow/);
  });

  it('is taken when it is https and public, or listed', () => {
    expect(refusalOf('https://hooks.example.com/x?y', [])).toBeNull();
    expect(refusalOf('https://93.184.216.34/', [])).toBeNull();
    expect(refusalOf('http://127.0.0.1:9093', ['127.0.0.1/32'])).toBeNull();
    expect(refusalOf('http://[::1]:9093', ['::1'])).toBeNull();
    expect(refusalOf('http://[::1]:9093', ['127.0.0.1/8'])).toMatch(/egress\.allow/);
  });

  it('is refused with a scheme, a user or a form that cannot be used', () => {
    expect(refusalOf('ftp://example.com/', [])).toMatch(/ftp:/);
    expect(refusalOf('https://user:hunter2@example.com/', [])).toMatch(/user or a password/);
    expect(refusalOf('https://user:hunter2@example.com/', [])).not.toContain('hunter2');
    expect(refusalOf('not a url', [])).toMatch(/not a URL/);
    expect(refusalOf('http://93.184.216.34/', [])).toMatch(/http is only spoken to hosts in egress\.allow/);
  });
});

it.each([['10.0.0.0/33'], ['::/129'], ['a b'], [''], ['http://host'], ['host:80/x']])(
  'egress.allow refuses %j by name',
  (entry) => {
    expect(() => new Allowed([entry])).toThrow(JSON.stringify(entry));
  },
);

describe('a host name', () => {
  const resolved = (...addresses: string[]) =>
    createHttp({
      allow: ['listed.example.com', '10.9.0.0/16'],
      totalMs: 30_000,
      resolve: async () => addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    });

  it.each([
    [['127.0.0.1'], 'https://hooks.example.com/'],
    [['93.184.216.34', '10.0.0.1'], 'https://hooks.example.com/'],
    [['93.184.216.34', '::1'], 'https://hooks.example.com/'],
    [['93.184.216.34'], 'http://hooks.example.com/'],
    [[], 'https://hooks.example.com/'],
  ])('with the addresses %j is refused at %s, and nothing is sent', async (addresses, url) => {
    expect(await resolved(...addresses)(post(url))).toMatchObject({ kind: 'forbidden' });
  });

  it('that the operator lists may be anywhere, and is spoken to by its name', async () => {
    let host = '';
    const port = await serve((request, answer) => {
      host = request.headers.host ?? '';
      answer.end('fine');
    });
    const result = await resolved('127.0.0.1')(post(`http://listed.example.com:${port}/x`));
    expect(result).toMatchObject({ kind: 'answer', status: 200, body: 'fine' });
    expect(host).toBe(`listed.example.com:${port}`);
  });

  it('is looked up once, and that answer is the one connected to', async () => {
    const port = await serve((_, answer) => answer.end());
    let lookups = 0;
    const http = createHttp({
      allow: ['127.0.0.1'],
      resolve: async () => [{ address: lookups++ === 0 ? '127.0.0.1' : '10.0.0.1', family: 4 }],
    });
    expect(await http(post(`http://rebinding.example.com:${port}/`))).toMatchObject({ kind: 'answer' });
    expect(lookups).toBe(1);
  });

  it('that does not exist is no connection, and the reason is a code', async () => {
    const http = createHttp({
      allow: [],
      resolve: () => Promise.reject(Object.assign(new Error('getaddrinfo secret.example.com'), { code: 'ENOTFOUND' })),
    });
    expect(await http(post('https://secret.example.com/'))).toEqual({
      kind: 'not_sent',
      reason: 'no connection (ENOTFOUND)',
    });
  });

  it('is the SNI of a TLS connection to the checked address; a certificate that is not trusted means not sent', async () => {
    const folder = join(import.meta.dirname, '../golden/tls');
    let servername: string | undefined;
    const server = createTlsServer(
      {
        key: readFileSync(join(folder, 'key.pem')),
        cert: readFileSync(join(folder, 'certificate.pem')),
        SNICallback: (name, done) => {
          servername = name;
          done(null);
        },
      },
      (_, answer) => answer.end(),
    );
    const port = await listening(server);
    const http = createHttp({ allow: ['127.0.0.1'], resolve: async () => [{ address: '127.0.0.1', family: 4 }] });
    const result = await http(post(`https://hooks.example.com:${port}/`));
    expect(servername).toBe('hooks.example.com');
    expect(result).toEqual({ kind: 'not_sent', reason: 'no connection (DEPTH_ZERO_SELF_SIGNED_CERT)' });
  });
});

describe('an exchange', () => {
  it('carries method, path, query, headers and body, and brings status, headers and body back', async () => {
    const seen: unknown[] = [];
    const port = await serve(async (request, answer) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      seen.push([request.method, request.url, request.headers['content-type'], Buffer.concat(chunks).toString()]);
      answer.writeHead(201, { Location: '/there', 'X-Two': ['a', 'b'] }).end('{"ok":true}');
    });
    const result = await loopback(post(`http://127.0.0.1:${port}/in?key=1`));
    expect(seen).toEqual([['POST', '/in?key=1', 'text/plain', 'hello']]);
    expect(result).toMatchObject({ kind: 'answer', status: 201, body: '{"ok":true}' });
    expect(result.kind === 'answer' && result.headers).toMatchObject({ location: '/there', 'x-two': 'a, b' });
  });

  it('ends at a redirect', async () => {
    let hits = 0;
    const port = await serve((_, answer) => {
      hits++;
      answer.writeHead(302, { location: 'http://169.254.169.254/' }).end();
    });
    expect(await loopback(post(`http://127.0.0.1:${port}/`))).toMatchObject({ kind: 'answer', status: 302 });
    expect(hits).toBe(1);
  });

  it('reads no more than 64 KB of an endless answer', async () => {
    const port = await serve((_, answer) => {
      answer.on('error', () => {});
      const more = (): void => {
        while (!answer.destroyed && answer.write('x'.repeat(16_384)));
        if (!answer.destroyed) answer.once('drain', more);
      };
      more();
    });
    const result = await createHttp({ allow: ['127.0.0.1'] })(post(`http://127.0.0.1:${port}/`));
    expect(result.kind === 'answer' && result.body.length).toBe(RESPONSE_MAX_BYTES);
  });

  it('takes the status of an answer whose body never ends', async () => {
    const port = await serve((_, answer) => {
      answer.write('begun');
    });
    expect(await impatient(post(`http://127.0.0.1:${port}/`))).toMatchObject({ status: 200, body: 'begun' });
  });

  it('that nobody takes is not sent', async () => {
    const port = await serve(() => {});
    await new Promise((resolve) => open.pop()!.close(resolve));
    expect(await loopback(post(`http://127.0.0.1:${port}/`))).toEqual({
      kind: 'not_sent',
      reason: 'no connection (ECONNREFUSED)',
    });
  });

  it('without an answer in time may have arrived', async () => {
    const port = await serve(() => {});
    expect(await impatient(post(`http://127.0.0.1:${port}/`))).toEqual({
      kind: 'no_answer',
      reason: 'no answer within 2 s',
    });
  });

  it('that breaks off after the request was read may have arrived', async () => {
    const port = await serve((request) => {
      request.resume().on('end', () => request.socket.destroy());
    });
    expect(await loopback(post(`http://127.0.0.1:${port}/`))).toMatchObject({ kind: 'no_answer' });
  });

  it('answered with something that is no HTTP may have arrived', async () => {
    const port = await listening(createTcpServer((socket) => socket.resume().end('220 smtp.example.com ESMTP\r\n')));
    expect(await loopback(post(`http://127.0.0.1:${port}/`))).toMatchObject({ kind: 'no_answer' });
  });

  it('does not use the proxy of the environment', async () => {
    const port = await serve((_, answer) => answer.end('direct'));
    process.env['HTTP_PROXY'] = process.env['http_proxy'] = 'http://127.0.0.1:1';
    try {
      expect(await loopback(post(`http://127.0.0.1:${port}/`))).toMatchObject({ body: 'direct' });
    } finally {
      delete process.env['HTTP_PROXY'];
      delete process.env['http_proxy'];
    }
  });
});
