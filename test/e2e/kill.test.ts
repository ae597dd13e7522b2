import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, expect, it } from 'vitest';
import { hexOfId } from '../../src/model/ids.ts';
import { PartTable } from '../../src/store/sqlite/parts.ts';
import { verifyStore } from '../../src/store/sqlite/verify.ts';
import { random } from '../server/world.ts';
import { type Served, serve } from './process.ts';

const KILLS = 20;
const folder = mkdtempSync(join(tmpdir(), 'plimsoll-kill-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

writeFileSync(
  join(folder, 'plimsoll.yaml'),
  `apiVersion: plimsoll/v1
kind: Deployment
metadata: {name: kill}
spec:
  listen: {http: 127.0.0.1:0, otlpHttp: 127.0.0.1:0}
  store: {url: "sqlite:./store.db"}
  judge: {every: 500ms, grace: 0s}
---
apiVersion: plimsoll/v1
kind: Service
metadata: {name: bot}
spec: {evaluations: {groundedness: {scale: [0, 1], pass: 0.7}}}
---
apiVersion: plimsoll/v1
kind: Objective
metadata: {name: bot-groundedness}
spec: {service: bot, measure: {type: accuracy, evaluation: groundedness}, target: 0.9}
---
apiVersion: plimsoll/v1
kind: Objective
metadata: {name: bot-availability}
spec: {service: bot, measure: {type: availability}, target: 0.99}
`,
);

const chance = random(20);
const hex = (bytes: number): string => randomBytes(bytes).toString('hex');

interface Trace {
  readonly traceId: string;
  readonly spans: readonly Record<string, unknown>[];
}

const text = (key: string, value: string): object => ({ key, value: { stringValue: value } });

/** A trace of an HTTP entry, an agent and two model calls; ends within the last minutes. */
function trace(): Trace {
  const traceId = hex(16);
  const end = Date.now() - Math.floor(chance() * 180_000);
  const ids = [hex(8), hex(8), hex(8), hex(8)];
  const span = (i: number, parent: number | null, kind: number, attributes: object[]): Record<string, unknown> => ({
    traceId,
    spanId: ids[i],
    ...(parent === null ? {} : { parentSpanId: ids[parent] }),
    name: `span ${i}`,
    kind,
    startTimeUnixNano: `${end - 2000 + i * 100}000000`,
    endTimeUnixNano: `${end - i * 50}000000`,
    attributes,
    status: chance() < 0.05 ? { code: 2 } : {},
    flags: 257,
  });
  const model = [text('gen_ai.operation.name', 'chat'), text('gen_ai.response.model', chance() < 0.5 ? 'a' : 'b')];
  return {
    traceId,
    spans: [
      span(0, null, 2, [text('http.request.method', 'POST')]),
      span(1, 0, 1, [text('gen_ai.operation.name', 'invoke_agent')]),
      span(2, 1, 3, model),
      span(3, 1, 3, model),
    ],
  };
}

const bodyOf = (spans: readonly Record<string, unknown>[]): string =>
  JSON.stringify({
    resourceSpans: [
      { resource: { attributes: [text('service.name', 'bot')] }, scopeSpans: [{ scope: { name: 's' }, spans }] },
    ],
  });

const post = (url: string, body: string): Promise<Response> =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
    signal: AbortSignal.timeout(20_000),
  });

/** What was acknowledged, over all lives of the server. */
const acked = { spans: new Set<string>(), ratings: new Set<string>() };

/** Sends until the server is gone. Each trace is split over two batches; some batches are sent twice. */
async function load(server: Served, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    const traces = Array.from({ length: 20 }, trace);
    const first = traces.flatMap(({ spans }) => spans.filter((_, i) => i % 2 === 0));
    const second = traces.flatMap(({ spans }) => spans.filter((_, i) => i % 2 === 1));
    const early = traces.filter(() => chance() < 0.3);
    const late = traces.filter((one) => !early.includes(one) && chance() < 0.5);
    await rate(server, early);
    for (const batch of chance() < 0.2 ? [first, second, first] : [first, second]) {
      const response = await post(`${server.otlpHttp}/v1/traces`, bodyOf(batch));
      if (response.status === 200) {
        expect(await response.json()).toEqual({});
        for (const span of batch) acked.spans.add(`${span['traceId']} ${span['spanId']}`);
      } else expect(response.status).toBe(503);
    }
    await rate(server, late);
  }
}

async function rate(server: Served, traces: readonly Trace[]): Promise<void> {
  if (traces.length === 0) return;
  const evaluations = traces.map(({ traceId }) => ({
    id: `rating of ${traceId}`,
    traceId,
    name: 'groundedness',
    score: chance() < 0.2 ? 0.3 : 0.9,
    evaluator: 'judge',
  }));
  const response = await post(`${server.http}/api/v1/evaluations`, JSON.stringify({ evaluations }));
  if (response.status !== 200) return;
  expect(((await response.json()) as { rejected: unknown[] }).rejected).toEqual([]);
  for (const { id } of evaluations) acked.ratings.add(id);
}

it(`killed ${KILLS} times in the middle of a load, it holds every acknowledged signal once, and verify is clean`, async () => {
  for (let life = 0; life < KILLS; life++) {
    const server = await serve(folder);
    let over = false;
    const senders = [1, 2, 3].map(() => load(server, () => over).catch(() => {}));
    // At a moment of its own in each life: while it recovers, in the first commits, in the middle of settling and judging.
    const until = performance.now() + 40 + chance() * 900;
    while (performance.now() < until) await new Promise((resolve) => setImmediate(resolve));
    server.program.child.kill('SIGKILL');
    over = true;
    await server.program.exited;
    await Promise.all(senders);
  }
  const last = await serve(folder);
  expect((await fetch(`${last.http}/readyz`)).status).toBe(200);
  expect((await post(`${last.http}/api/v1/settle`, '{}')).status).toBe(200);
  expect(await last.program.stop()).toBe(0);

  const db = new DatabaseSync(join(folder, 'store.db'), { readOnly: true });
  const stored = new Map<string, number>();
  for (const part of new PartTable(db).after(0))
    for (const { span } of part) {
      const key = `${hexOfId(span.traceId)} ${hexOfId(span.spanId)}`;
      stored.set(key, (stored.get(key) ?? 0) + 1);
    }
  const ratings = new Map(
    (
      db.prepare('select identity, count(*) as n from rating group by identity').all() as {
        identity: string;
        n: number;
      }[]
    ).map(({ identity, n }) => [JSON.parse(identity)[1] as string, n]),
  );
  db.close();
  expect(acked.spans.size).toBeGreaterThan(1000);
  expect(acked.ratings.size).toBeGreaterThan(100);
  expect([...acked.spans].filter((key) => stored.get(key) !== 1)).toEqual([]);
  expect([...stored.values()].filter((n) => n !== 1)).toEqual([]);
  expect([...acked.ratings].filter((id) => ratings.get(id) !== 1)).toEqual([]);
  const { compared, differences, unsettled } = verifyStore(join(folder, 'store.db'));
  expect(differences).toEqual([]);
  expect(unsettled).toBe(0);
  expect(compared).toBeGreaterThan(10);
}, 600_000);
