import { expect, it } from 'vitest';
import { ENGINES, service, World } from '../server/world.ts';

// An empty list of resources was `in ()`, which PostgreSQL does not read: the list of all services failed.
it.each(ENGINES)('a service that no telemetry has named is listed, and shown (%s)', async (engine) => {
  const world = await World.start({ engine, services: [service('quiet')] });
  try {
    const { services } = await world.get<{ services: { name: string }[] }>('/services');
    expect(services.map(({ name }) => name)).toEqual(['quiet']);
    expect(await world.get('/services/quiet')).toMatchObject({ declared: true });
  } finally {
    await world.end();
  }
});
