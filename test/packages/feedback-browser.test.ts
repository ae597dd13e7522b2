import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { exchange, World } from '../server/world.ts';
import { bundleOf } from './bundle.ts';

const CHROMIUM = '/usr/bin/chromium';
const ENTRY = resolve(import.meta.dirname, '../../packages/feedback/src/index.ts');
if (!existsSync(CHROMIUM))
  console.warn(`SKIPPED: tests of @plimsoll/feedback in a browser, which need ${CHROMIUM} (npm run test:setup)`);

/** The application: a page that loads the client and offers a thumb. */
const pageOf = (plimsoll: string): string => `<!doctype html><title>App</title>
<button>up</button><output></output>
<script type="module">
  import { createFeedback } from '/feedback.js';
  const feedback = createFeedback({ url: '${plimsoll}', random: () => 0 });
  const show = (text) => { document.querySelector('output').textContent = text; };
  document.querySelector('button').onclick = () => {
    const traceId = new URL(location).searchParams.get('trace');
    feedback.thumbs({ traceId }, 'up').then(show, (error) => show('failed: ' + error.message));
    if (location.hash === '#leave') location.href = '/elsewhere';
  };
</script>`;

async function serve(handle: Parameters<typeof createServer>[1]): Promise<{ server: Server; url: string }> {
  const server = createServer(handle);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

describe.skipIf(!existsSync(CHROMIUM))('@plimsoll/feedback in a browser', () => {
  let browser: Browser;
  let world: World;
  let app: { server: Server; url: string };
  /** In front of Plimsoll: fails as often as it is told to, then lets requests through. */
  let gate: { server: Server; url: string };
  const failures: ('hang up' | number)[] = [];

  beforeAll(async () => {
    const code = await bundleOf(ENTRY);
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
    app = await serve((request, response) => {
      if (request.url === '/feedback.js') response.setHeader('content-type', 'text/javascript').end(code);
      else if (request.url === '/elsewhere') response.end('elsewhere');
      else response.setHeader('content-type', 'text/html').end(pageOf(gate.url));
    });
    const ports = { http: '127.0.0.1:0', otlpHttp: '127.0.0.1:0', otlpGrpc: '127.0.0.1:0' };
    world = await World.start({ now: Date.now(), spec: { listen: { ...ports, cors: [app.url] } } });
    gate = await serve(async (request, response) => {
      const failure = request.method === 'POST' ? failures.shift() : undefined;
      if (failure === 'hang up') return void request.socket.destroy();
      if (failure !== undefined)
        return void response.writeHead(failure, { 'access-control-allow-origin': app.url }).end();
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      const answer = await fetch(world.plimsoll.addresses.http + request.url, {
        method: request.method!,
        headers: request.headers as Record<string, string>,
        ...(chunks.length > 0 && { body: Buffer.concat(chunks) }),
      });
      response
        .writeHead(answer.status, Object.fromEntries(answer.headers))
        .end(Buffer.from(await answer.arrayBuffer()));
    });
  });
  afterAll(async () => {
    await browser.close();
    for (const { server } of [app, gate]) {
      server.closeAllConnections();
      server.close();
    }
    await world.end();
  });

  async function answered(): Promise<string> {
    world.now = Date.now();
    const one = exchange('bot', world.now - 5_000);
    await world.spans([one]);
    return one.traceId;
  }
  const thumbs = async (traceId: string): Promise<number> =>
    (await world.get<{ feedback: unknown[] }>(`/interactions/${traceId}`)).feedback.length;
  async function click(address: string): Promise<Page> {
    const page = await browser.newPage();
    await page.goto(address);
    await page.getByRole('button').click();
    return page;
  }
  const output = (page: Page): Promise<unknown> => page.evaluate("document.querySelector('output').textContent");

  it('a thumb arrives from a page of a listed origin, once, though the server fails first', async () => {
    const traceId = await answered();
    failures.push(503, 'hang up', 502);
    const page = await click(`${app.url}/?trace=${traceId}`);
    await vi.waitFor(async () => expect(await output(page)).toBe('accepted'));
    expect(failures).toEqual([]);
    expect(await thumbs(traceId)).toBe(1);
    await page.close();
  });

  it('a click just before the page is left is not lost', async () => {
    const traceId = await answered();
    const page = await click(`${app.url}/?trace=${traceId}#leave`);
    await page.waitForURL('**/elsewhere');
    await vi.waitFor(async () => expect(await thumbs(traceId)).toBe(1));
    await page.close();
  });

  it('a page of another origin sends nothing, and is told', async () => {
    const traceId = await answered();
    const page = await click(`${app.url.replace('127.0.0.1', 'localhost')}/?trace=${traceId}`);
    await vi.waitFor(async () => expect(await output(page)).toMatch(/^failed: Plimsoll was not reached/));
    expect(await thumbs(traceId)).toBe(0);
    await page.close();
  });
});
