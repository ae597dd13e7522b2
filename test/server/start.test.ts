import { readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { Plimsoll } from '../../src/server/plimsoll.ts';
import { openForReading } from '../../src/store/sqlite/database.ts';
import { exchange, World } from './world.ts';

it('a start that fails at its doors leaves the store to the next one', async () => {
  const world = await World.start();
  await world.plimsoll.stop();
  const taken = createServer();
  const port = await new Promise<number>((resolve) =>
    taken.listen(0, '127.0.0.1', () => resolve((taken.address() as { port: number }).port)),
  );
  const { deployment } = world.configuration;
  const start = Plimsoll.start({
    configuration: {
      ...world.configuration,
      deployment: { ...deployment, listen: { ...deployment.listen, otlpHttp: { host: '127.0.0.1', port } } },
    },
    clock: () => world.now,
    log: pino({ level: 'silent' }),
    secret: async () => '',
    onFatal: (error) => {
      throw error;
    },
    manualTicks: true,
  });
  await expect(start).rejects.toThrow('EADDRINUSE');
  taken.close();
  await world.boot();
  await world.end();
});

it('a stop in order leaves an embedded store in one file', async () => {
  const world = await World.start({ engine: 'sqlite' });
  await world.spans([exchange('bot', world.now)]);
  await world.plimsoll.stop();
  expect(readdirSync(world.folder).filter((name) => /-(wal|shm)$/.test(name))).toEqual([]);
  const db = openForReading(world.file);
  expect(db.prepare('select count(*) as n from part').get()).toEqual({ n: 1 });
  db.close();
  await world.boot();
  await world.end();
});
