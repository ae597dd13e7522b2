import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import { Poller } from '../../src/server/inbound/poller.ts';
import type { Poll } from '../../src/sinks/inbound.ts';
import { defineSink } from '../../src/sinks/sink.ts';
import { Failed } from '../../src/sinks/steps.ts';
import type { SqlText } from '../../src/store/items.ts';
import { World } from './world.ts';

it('is asked by whoever leads, every so often, and less and less often while it fails; where it was is kept', async () => {
  const world = await World.start({ engine: 'sqlite' });
  // Its own writer is at work as well.
  const db = new DatabaseSync(world.file, { timeout: 30_000 });
  let now = 0;
  let leads = true;
  let fails = false;
  const cursors: unknown[] = [];
  const poll: Poll<unknown> = {
    everyMs: () => 60_000,
    look: async (cursor) => {
      cursors.push(cursor);
      if (fails) throw new Failed({ kind: 'retry', reason: 'answered 503' });
      return { events: [], cursor: { at: now } };
    },
  };
  const sink = defineSink<unknown>({
    name: 'tool',
    summary: '',
    class: 'record',
    deliver: async () => ({ kind: 'ok' }),
    inbound: { tool: 'Tool', poll },
  });
  const results: string[] = [];
  const poller = new Poller({
    records: world.plimsoll.records,
    inbox: { keep: () => [], wake: () => {} },
    write: async (statements) => {
      for (const { sql, parameters } of statements as SqlText[]) db.prepare(sql).run(...(parameters as string[]));
    },
    sinks: () => [{ name: 'tool', sink, options: {} }],
    ways: () => ({
      http: async () => ({ kind: 'forbidden', reason: '' }),
      mail: async () => ({ kind: 'forbidden', reason: '' }),
    }),
    secret: async () => '',
    deployment: 'test',
    consoleUrl: () => '',
    now: () => now,
    random: () => 0.999,
    schedule: () => () => {},
    leads: () => leads,
    onPolled: (_sink, result, reason) => results.push(`${result} ${reason ?? ''}`.trim()),
    warn: () => {},
  });
  await poller.round();
  await poller.round();
  expect(cursors).toEqual([null]);
  now = 60_000;
  await poller.round();
  expect(cursors).toEqual([null, { at: 0 }]);
  leads = false;
  now = 120_000;
  await poller.round();
  expect(cursors).toHaveLength(2);
  leads = true;
  fails = true;
  for (; now < 4 * 3_600_000; now += 10_000) await poller.round();
  // A tool that fails for hours is asked every quarter of an hour, and where it was stays.
  expect(cursors.length).toBeLessThan(30);
  expect(new Set(cursors.slice(2).map((cursor) => JSON.stringify(cursor)))).toEqual(new Set(['{"at":60000}']));
  expect(results.slice(0, 3)).toEqual(['ok', 'ok', 'failed answered 503']);
  await poller.stop();
  db.close();
  await world.end();
});
