import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Catalog } from '../../../src/catalog/catalog.ts';
import { ExplainTap, type TailedExplanation } from '../../../src/server/explain/tap.ts';
import { requestOf } from '../../collectors/otlp/requests.ts';
import { WINDOW } from '../../collectors/otlp/samples.ts';
import { World } from '../world.ts';

/** A tap whose pauses end when a test says so. */
class Bench {
  readonly waiting: (() => void)[] = [];
  readonly faults: unknown[] = [];
  readonly tap = new ExplainTap({
    catalog: new Catalog([]),
    schedule: (_ms, run) => {
      this.waiting.push(run);
      return () => {
        this.waiting.length = 0;
      };
    },
    report: (error) => this.faults.push(error),
  });
  readonly #server: Server = createServer((request, response) => {
    const service = new URL(request.url!, 'http://x').searchParams.get('service');
    this.tap.listen(response, { limit: 10, ...(service !== null && { service }) });
    this.responses.push(response);
  });
  readonly responses: ServerResponse[] = [];

  async open(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  async listen(query = ''): Promise<Listener> {
    const { port } = this.#server.address() as AddressInfo;
    const [stream] = (await once(get(`http://127.0.0.1:${port}/${query}`), 'response')) as [IncomingMessage];
    return new Listener(stream);
  }

  offer(model: string, resource = {}, rest: { bytes?: number } = {}): void {
    const attributes = {
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': model,
      x: 'x'.repeat(rest.bytes ?? 1),
    };
    const protobuf = requestOf([{ attributes }], { 'service.name': 'bot', ...resource });
    this.tap.offer({ protobuf, window: WINDOW, rejected: [] });
    // The door's memory is used again.
    protobuf.fill(0);
  }

  pass(): void {
    for (const run of this.waiting.splice(0)) run();
  }

  close(): void {
    this.tap.close();
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

class Listener {
  readonly #stream: IncomingMessage;
  readonly #lines: AsyncIterator<string>;

  constructor(stream: IncomingMessage) {
    this.#stream = stream;
    this.#lines = linesOf(stream);
  }

  async next(): Promise<TailedExplanation> {
    for (;;) {
      const { value, done } = await this.#lines.next();
      if (done === true) throw new Error('the stream has ended');
      if (value.startsWith('data: ')) return JSON.parse(value.slice('data: '.length));
    }
  }

  leave(): void {
    this.#stream.destroy();
  }
}

async function* linesOf(stream: IncomingMessage): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of stream.setEncoding('utf8')) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop()!;
    yield* lines;
  }
}

const modelOf = ({ aiSpans }: TailedExplanation): unknown =>
  aiSpans[0]!.fields.find(({ field }) => field === 'requestModel')!.value;

let bench: Bench;
beforeEach(async () => {
  bench = new Bench();
  await bench.open();
});
afterEach(() => bench.close());

it('while nobody listens nothing is held', () => {
  bench.offer('gpt-4o');
  expect(bench.waiting).toEqual([]);
});

it('explains one request at a time, and counts those that went by', async () => {
  const listener = await bench.listen();
  for (const model of ['a', 'b', 'c']) bench.offer(model);
  bench.pass();
  const first = await listener.next();
  expect([modelOf(first), first.passedOver]).toEqual(['a', 2]);
  bench.offer('d');
  bench.pass();
  const second = await listener.next();
  expect([modelOf(second), second.passedOver]).toEqual(['d', 0]);
});

it('a large request goes by', async () => {
  const listener = await bench.listen();
  bench.offer('large', {}, { bytes: 300_000 });
  bench.offer('small');
  bench.pass();
  const explanation = await listener.next();
  expect([modelOf(explanation), explanation.passedOver]).toEqual(['small', 1]);
});

it('each listener hears of the service that it asked for', async () => {
  const all = await bench.listen();
  const shop = await bench.listen('?service=shop');
  bench.offer('a');
  bench.pass();
  bench.offer('b', { 'service.name': 'shop' });
  bench.pass();
  expect(modelOf(await all.next())).toBe('a');
  expect(modelOf(await shop.next())).toBe('b');
});

it('when the last listener has gone nothing is held any more', async () => {
  const listener = await bench.listen();
  bench.offer('a');
  expect(bench.waiting.length).toBe(1);
  const closed = once(bench.responses[0]!, 'close');
  listener.leave();
  await closed;
  expect(bench.waiting).toEqual([]);
  bench.offer('b');
  expect([bench.waiting, bench.faults]).toEqual([[], []]);
});

it('the API lets a few listen, and no more', async () => {
  const world = await World.start();
  const streams = [];
  for (let i = 0; i < 4; i++) streams.push(await fetch(`${world.api}/explain?limit=1`));
  expect(streams.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  await expect(world.get('/explain')).rejects.toThrow('PLIM_EXPLAIN_LISTENERS');
  await expect(world.get('/explain?limit=0')).rejects.toThrow('limit');
  await world.end();
});
