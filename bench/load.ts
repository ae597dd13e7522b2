// Sends spans as fast as they are acknowledged, or at an offered rate that is constant (a request is late from when it was due), and says what came of it as one line of JSON.
//   node bench/load.ts OTLP_URL SECONDS [--rate spans/s] [--api URL] [--connections 24] [--spans 512] [--content characters]
import { connect, type Socket } from 'node:net';
import { parseArgs } from 'node:util';
import { type Renewable, renew, renewableBodies } from './otlp-bodies.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rate: { type: 'string', default: '0' },
    api: { type: 'string' },
    connections: { type: 'string', default: '24' },
    spans: { type: 'string', default: '512' },
    content: { type: 'string', default: '0' },
  },
});
const target = new URL(positionals[0]!);
const seconds = Number(positionals[1] ?? 10);
const rate = Number(values.rate);
const connections = Number(values.connections);
const spansEach = Number(values.spans);
/** Requests of a connection's round; traces are split between neighbours of it. */
const ROUND = 4;

const result = { ackedSpans: 0, repeatedSpans: 0, refused: 0, errors: 0, feedback: 0 };
const took: number[] = [];
let counter = Math.floor(Math.random() * 2 ** 32);
const nextId = (): number => {
  counter = (counter + 1) >>> 0;
  return counter;
};

/** Feedback on its way: people do not wait for each other. */
const rating: Promise<void>[] = [];

/** One request over a socket; resolves with the status. */
function send(socket: Socket, body: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const done = (chunk: Buffer): void => {
      answer += chunk.toString('latin1');
      const head = answer.indexOf('\r\n\r\n');
      if (head < 0) return;
      const length = Number(/content-length: (\d+)/i.exec(answer)?.[1] ?? 0);
      if (answer.length < head + 4 + length) return;
      socket.off('data', done).off('error', reject);
      resolve(Number(answer.slice(9, 12)));
    };
    socket.on('data', done).on('error', reject);
    socket.cork();
    socket.write(
      `POST /v1/traces HTTP/1.1\r\nhost: ${target.host}\r\ncontent-type: application/x-protobuf\r\ncontent-length: ${body.length}\r\n\r\n`,
    );
    socket.write(body);
    socket.uncork();
  });
}

/** @param phase  where in the interval between two requests of a connection this one begins, 0 to 1 */
async function stream(round: readonly Renewable[], phase: number, until: number): Promise<void> {
  const socket = connect(Number(target.port), target.hostname);
  socket.setNoDelay(true);
  const intervalMs = rate === 0 ? 0 : (spansEach / rate) * 1000 * connections;
  let due = performance.now() + phase * intervalMs;
  // Rounds of connections end at different times, or all of them would be made new, and rated, in the same moment.
  let at = Math.floor(Math.random() * round.length);
  while (performance.now() < until) {
    const ids = renew(round, Date.now(), nextId);
    for (; at < round.length; at++) {
      const { body, spans } = round[at]!;
      if (intervalMs > 0) {
        const wait = due - performance.now();
        if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
      }
      const from = intervalMs > 0 ? due : performance.now();
      due += intervalMs;
      const status = await send(socket, body);
      if (status === 200) {
        result.ackedSpans += spans;
        took.push(performance.now() - from);
        if (Math.random() < 0.01 && (await send(socket, body)) === 200) result.repeatedSpans += spans;
      } else if (status === 503) result.refused++;
      else result.errors++;
    }
    at = 0;
    if (values.api !== undefined) rating.push(rateSome(values.api, [...ids.values()]));
  }
  socket.destroy();
}

/** Feedback for one trace in twenty. */
async function rateSome(api: string, ids: readonly Buffer[]): Promise<void> {
  const feedback = ids
    .filter(() => Math.random() < 0.05)
    .map((id) => ({ traceId: id.toString('hex'), kind: 'thumbs', value: Math.random() < 0.9 ? 'up' : 'down' }));
  if (feedback.length === 0) return;
  const response = await fetch(`${api}/api/v1/feedback`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ feedback }),
  });
  if (response.ok) result.feedback += feedback.length;
  else result.errors++;
  await response.arrayBuffer();
}

const rounds = Array.from({ length: connections }, () =>
  renewableBodies(ROUND, spansEach, Date.now(), Number(values.content)),
);
// What the first rounds of a sender take that is not warm would be taken for the door's.
for (let times = 0; times < 2; times++) for (const round of rounds) renew(round, Date.now(), nextId);
const began = performance.now();
const cpu = process.cpuUsage();
await Promise.all(rounds.map((round, i) => stream(round, i / connections, began + seconds * 1000)));
const elapsed = (performance.now() - began) / 1000;
const used = process.cpuUsage(cpu);
await Promise.all(rating);
took.sort((a, b) => a - b);
const at = (share: number): number => Math.round((took[Math.floor(took.length * share)] ?? 0) * 10) / 10;
console.log(
  JSON.stringify({
    ...result,
    seconds: elapsed,
    spansPerSecond: Math.round(result.ackedSpans / elapsed),
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    senderCores: Math.round((used.user + used.system) / 1e4 / elapsed) / 100,
  }),
);
