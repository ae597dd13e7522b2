// What the OTLP/HTTP door takes with nothing behind it: requests of 512 spans over 16 connections, sent from a thread.
//   node bench/otlp-http.ts [seconds] [identity|gzip]
import { Agent, request } from 'node:http';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { gzipSync } from 'node:zlib';
import { NOTHING_DECLARED } from '../collectors/dialects/declared.ts';
import { dialects } from '../collectors/dialects/index.ts';
import { OtlpHttpServer, TraceDecoder } from '../collectors/otlp/index.ts';
import { Dictionary } from '../src/model/dictionary.ts';
import { otlpBody } from './otlp-bodies.ts';

const SPANS = 512;
const CONNECTIONS = 16;

interface Load {
  readonly port: number;
  readonly seconds: number;
  readonly encoding: string;
}

/** Sends request after request until time is up; resolves with how long each took, in ms. */
async function send({ port, seconds, encoding }: Load): Promise<number[]> {
  const plain = Array.from({ length: 16 }, () => otlpBody({ spans: SPANS, content: 0, now: Date.now() }));
  const bodies = encoding === 'gzip' ? plain.map((body) => gzipSync(body)) : plain;
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const headers = { 'content-type': 'application/x-protobuf', 'content-encoding': encoding };
  const took: number[] = [];
  const one = (body: Buffer) =>
    new Promise<void>((resolve, reject) => {
      const call = request({ port, method: 'POST', path: '/v1/traces', headers, agent }, (response) => {
        if (response.statusCode !== 200) reject(new Error(`HTTP ${response.statusCode}`));
        response.resume().on('end', resolve);
      });
      call.on('error', reject).end(body);
    });
  const until = performance.now() + seconds * 1000;
  const stream = async () => {
    while (performance.now() < until) {
      const start = performance.now();
      await one(bodies[took.length % bodies.length]!);
      took.push(performance.now() - start);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, stream));
  agent.destroy();
  return took;
}

async function measure(seconds: number, encoding: string): Promise<void> {
  const decoder = new TraceDecoder({ dialects, dictionary: new Dictionary(), declared: NOTHING_DECLARED });
  const server = new OtlpHttpServer({
    sink: {
      submit: async ({ count }) => ({ stored: count, duplicates: 0 }),
      evaluate: async (all) => ({ stored: all.length, duplicate: 0, failed: 0 }),
      countCalls: async (all) => ({ stored: all.length, duplicates: 0 }),
    },
    decoder: () => decoder,
    clock: () => Date.now(),
    retention: () => 45 * 86_400_000,
    counters: {
      answered() {},
      received() {},
      taken() {},
      rejected() {},
      signals() {},
      abandoned() {},
      limited() {},
    },
    report: console.error,
  });
  const { port } = await server.listen(0, '127.0.0.1');
  const idle = performance.eventLoopUtilization();
  const took = await new Promise<number[]>((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: { port, seconds, encoding } satisfies Load });
    worker.on('message', resolve).on('error', reject);
  });
  const { utilization } = performance.eventLoopUtilization(idle);
  await server.close(1000);
  took.sort((a, b) => a - b);
  const spans = (took.length * SPANS) / seconds;
  const at = (share: number) => took[Math.floor(took.length * share)]!.toFixed(1);
  console.log(
    `${encoding}: ${Math.round(spans / 1000)}k spans/s, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, door thread busy ${Math.round(utilization * 100)} %, ` +
      `RSS ${Math.round(process.memoryUsage().rss / 1e6)} MB`,
  );
}

if (isMainThread) {
  const [seconds = '10', encoding = 'identity'] = process.argv.slice(2);
  await measure(Number(seconds), encoding);
} else parentPort!.postMessage(await send(workerData as Load));
