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
