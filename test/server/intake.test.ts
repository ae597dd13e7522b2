import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Writer } from '../../src/store/writer.ts';
import { World } from './world.ts';

let world: World;
beforeEach(async () => {
  world = await World.start();
});
afterEach(async () => {
  vi.restoreAllMocks();
  await world.end();
});

/** Sends that many scores in one log request, each of a trace of its own. @returns the status of the answer */
async function sendScores(count: number): Promise<number> {
  const logRecords = Array.from({ length: count }, (_, i) => ({
    traceId: (i + 1).toString(16).padStart(32, '0'),
    eventName: 'gen_ai.evaluation.result',
    attributes: [
      { key: 'gen_ai.evaluation.name', value: { stringValue: 'tone' } },
      { key: 'gen_ai.evaluation.score.value', value: { doubleValue: 0.5 } },
    ],
  }));
  const { status } = await fetch(`${world.plimsoll.addresses.otlpHttp}/v1/logs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] }),
  });
  return status;
}

it('evaluations of many requests do not pile up before the store: who comes while too many wait comes again', async () => {
  const { write } = Writer.prototype;
  const { promise: isOpen, resolve: open } = Promise.withResolvers<void>();
  const { promise: isHeld, resolve: hold } = Promise.withResolvers<void>();
  vi.spyOn(Writer.prototype, 'write').mockImplementation(async function (this: Writer, ...[item, rows]) {
    // What Plimsoll writes of itself goes on.
    if (item.type === 'ratings') {
      hold();
      await isOpen;
    }
    return write.call(this, item, rows);
  });
  const many = sendScores(65_536);
  await isHeld;
  expect(await sendScores(3)).toBe(503);
  open();
  expect(await many).toBe(200);
  expect(await sendScores(3)).toBe(200);
  const page = await (await fetch(`${world.plimsoll.addresses.http}/metrics`)).text();
  expect(page).toContain('{source="otlp_http",signal="evaluation",result="stored"} 65536');
  expect(page).toContain('{source="otlp_http",signal="evaluation",result="duplicate"} 3');
});

it('streams of calls that have run for days are written a few at a time: others are not kept waiting for all of them', async () => {
  const parts: number[] = [];
  const { write } = Writer.prototype;
  vi.spyOn(Writer.prototype, 'write').mockImplementation(function (this: Writer, ...[item, rows]) {
    if (item.type === 'calls') parts.push(new Set(item.points.map(({ service }) => service)).size);
    return write.call(this, item, rows);
  });
  const nanos = (ms: number): string => `${ms}000000`;
  const dataPoints = [1, 2].map((i) => ({
    startTimeUnixNano: nanos(world.now - 30 * 86_400_000 + i),
    timeUnixNano: nanos(world.now - 1000),
    count: '100000',
  }));
  const metrics = [{ name: 'gen_ai.client.operation.duration', histogram: { aggregationTemporality: 2, dataPoints } }];
  const resourceMetrics = Array.from({ length: 50 }, (_, i) => ({
    resource: { attributes: [{ key: 'service.name', value: { stringValue: `bot-${i}` } }] },
    scopeMetrics: [{ scope: { name: 'lib' }, metrics }],
  }));
  const { status } = await fetch(`${world.plimsoll.addresses.otlpHttp}/v1/metrics`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceMetrics }),
  });
  expect(status).toBe(200);
  // 65,536 minutes, of which each has 2,881.
  expect(parts).toEqual([22, 22, 6]);
  const page = await (await fetch(`${world.plimsoll.addresses.http}/metrics`)).text();
  expect(page).toContain('{source="otlp_http",signal="metric_point",result="stored"} 100');
});
