import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import { exchange, World } from './world.ts';

it('is not ready while the store refuses to write, and ready again when it takes what is sent again', async () => {
  const world = await World.start();
  const ready = async (): Promise<{ status: number; body: string }> => {
    const response = await fetch(`${world.plimsoll.addresses.http}/readyz`);
    return { status: response.status, body: await response.text() };
  };
  expect((await ready()).status).toBe(200);
  const batch = [exchange('bot', world.now - 60_000)];
  const other = new DatabaseSync(world.file, { timeout: 30_000 });
  other.exec('alter table part rename to hidden');
  await expect(world.spans(batch)).rejects.toThrow(/^503/);
  const refused = await ready();
  expect(refused.status).toBe(503);
  expect(refused.body).toContain('the store refuses to write');
  other.exec('alter table hidden rename to part');
  other.close();
  await world.spans(batch);
  expect((await ready()).status).toBe(200);
  await world.end();
});
