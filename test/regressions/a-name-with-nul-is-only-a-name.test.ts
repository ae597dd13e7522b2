import { afterAll, beforeAll, expect, it } from 'vitest';
import { exchange, World } from '../server/world.ts';

let world: World;
beforeAll(async () => {
  world = await World.start();
});
afterAll(() => world.end());

// Composite names of the dictionary are parted by NUL: a model that was named like one of them, and half of it, made every batch
// of a new service fail, and the next start.
it.each(['resource\u0000x', 'service\u0000x', 'evaluation\u0000x', 'label\u0000x', 'resource\u0000a\u0000b\u0000c'])(
  'a model named %j is stored, and services that come after it too',
  async (model) => {
    const odd = exchange('bot', world.now - 60_000, { model });
    const next = exchange(`bot after ${model.replaceAll('\u0000', ' ')}`, world.now - 60_000);
    await world.spans([odd, next]);
    await world.restart();
    for (const { traceId } of [odd, next]) {
      const { interactions } = await world.get<{ interactions: unknown[] }>(`/interactions/${traceId}`);
      expect(interactions).toHaveLength(1);
    }
    const { services } = await world.get<{ services: { name: string }[] }>('/services');
    expect(services.map(({ name }) => name)).not.toContain('a');
  },
);
