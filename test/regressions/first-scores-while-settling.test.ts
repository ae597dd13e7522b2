import { DatabaseSync } from 'node:sqlite';
import { expect, it, vi } from 'vitest';
import { incidentsOf, Traffic } from '../scenarios/traffic.ts';
import { objective, service, World } from '../server/world.ts';

const START = Date.parse('2026-11-18T00:00:00Z');

// Which evaluators there are was read before the settlement: the first scores of one, when they were committed in between, had
// their minutes judged by an objective that did not know it yet, and never again.
it('the first scores of an evaluator are judged, though they are committed while a tick begins', async () => {
  const world = await World.start({
    now: START,
    services: [service('bot', { evaluations: { groundedness: { pass: 0.7 } } })],
    objectives: [
      objective('grounded', { service: 'bot', measure: { type: 'accuracy', evaluation: 'groundedness' }, target: 0.9 }),
    ],
  });
  const store = new DatabaseSync(world.file, { timeout: 30_000 });
  try {
    const traffic = new Traffic(world, 'bot', START);
    const bad = await traffic.pass(30);
    await traffic.pass(60);
    await traffic.judge();
    // Another process has the store locked: what comes in waits for it, and the settlement behind that.
    store.exec('begin immediate');
    const rated = world.rate(bad.map((one) => ({ exchange: one, score: 0.1 })));
    await vi.waitFor(async () => {
      const metrics = await (await fetch(`${world.plimsoll.addresses.http}/metrics`)).text();
      expect(metrics).not.toMatch(/^plimsoll_ingest_queue_bytes 0$/m);
    });
    const judged = world.plimsoll.tick();
    store.exec('commit');
    await Promise.all([rated, judged]);
    await traffic.judge();
    expect(await incidentsOf(world)).toMatchObject([{ objectives: ['grounded'] }]);
  } finally {
    store.close();
    await world.end();
  }
});
