import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import { exchange, objective, service, World } from '../server/world.ts';

// When what a changed objective needs stored could not be written, memory had it all the same and nothing was tried again.
it('an objective whose change could not be written changes at the next tick', async () => {
  const world = await World.start({
    services: [service('bot', { evaluations: { groundedness: { scale: [0, 1], good: 'high', pass: 0.7 } } })],
    objectives: [
      objective('bot-groundedness', {
        service: 'bot',
        measure: { type: 'accuracy', evaluation: 'groundedness' },
        target: 0.9,
      }),
    ],
  });
  const fingerprint = async (): Promise<string> =>
    (await world.plimsoll.records.selectFrom('objective_state').select('fingerprint').executeTakeFirstOrThrow())
      .fingerprint;
  try {
    const before = await fingerprint();
    const one = exchange('bot', world.now);
    await world.spans([one]);
    await world.rate([{ exchange: one, score: 1, laterMs: 0 }]);
    world.now += 120_000;
    const db = new DatabaseSync(world.file, { timeout: 30_000 });
    db.exec("create trigger no_change before update on objective_state begin select raise(abort, 'no room'); end");
    expect(await world.plimsoll.tick()).toBeNull();
    expect(await fingerprint()).toBe(before);
    db.exec('drop trigger no_change');
    db.close();
    expect(await world.plimsoll.tick()).not.toBeNull();
    expect(await fingerprint()).not.toBe(before);
    const { estimate } = await world.get<{ estimate: { n: number } }>('/objectives/bot-groundedness');
    expect(estimate.n).toBe(1);
  } finally {
    await world.end();
  }
});
