import { expect, it } from 'vitest';
import { FAILURES_MAX } from '../../../src/server/access/failures.ts';
import { AccessLog, ENTRIES_MAX } from '../../../src/server/access/log.ts';
import { World } from '../world.ts';
import { Client } from './client.ts';

const MINUTE = 60_000;
const NOBODY = { kind: 'user', id: 'unknown' } as const;

it('of those who are refused only so many are written down a minute, however many addresses they have; the others are counted', async () => {
  let now = 1_000_000;
  let entries = 0;
  const log = new AccessLog({
    write: async () => {
      entries++;
    },
    now: () => now,
    report: (error) => expect.fail(String(error)),
  });
  for (let i = 0; i < 5_000; i++) {
    now = 1_000_000 + Math.floor((i * MINUTE) / 5_000);
    log.noteOnce(`nobody 2001:db8:${i}::/64`, NOBODY, 'access.refused', { from: `2001:db8:${i}::/64` });
    log.note(NOBODY, 'access.refused', { from: `2001:db8:${i}::/64` });
  }
  expect(entries).toBe(ENTRIES_MAX);
  now += MINUTE;
  log.note(NOBODY, 'access.refused', { from: '10.0.0.1' });
  // How many more there were, and the new one.
  expect(entries).toBe(ENTRIES_MAX + 2);
});

it('how many more were refused is in the audit trail', async () => {
  const world = await World.start();
  try {
    const { token } = await new Client(world).make({ role: 'admin' });
    const { log } = world.plimsoll.access;
    for (let i = 0; i < ENTRIES_MAX + FAILURES_MAX; i++) log.note(NOBODY, 'session.refused', { from: `10.0.0.${i}` });
    const refused = await new Client(world, token).audit('access.refused');
    expect(refused).toEqual([
      {
        actor: 'system:plimsoll',
        data: { reason: 'more than are written down', count: FAILURES_MAX, since: new Date(world.now).toISOString() },
      },
    ]);
  } finally {
    await world.end();
  }
});
