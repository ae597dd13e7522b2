import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { minuteOf } from '../../src/model/time.ts';
import { chosenMinutes, withinBudget } from '../../src/server/store-check/store-check.ts';
import { openReader } from '../../src/store/sqlite/reader.ts';
import { Traffic, worldOfBot } from '../scenarios/traffic.ts';
import { sampleValue } from './metrics/exposition.ts';
import type { World } from './world.ts';

const START = Date.parse('2026-11-20T09:00:00Z');

let world: World;
beforeAll(async () => {
  world = await worldOfBot(START, 'sqlite');
});
afterAll(() => world.end());

const page = async (): Promise<string> => (await fetch(`${world.plimsoll.addresses.http}/metrics`)).text();
const shown = async (): Promise<number> => sampleValue(await page(), 'plimsoll_store_verify_success');

it('counts that are what their rows say are so, and one that is gone from the hour before is found', async () => {
  await world.plimsoll.checkStore();
  expect(await page()).not.toMatch(/^plimsoll_store_verify_success /m);
  await new Traffic(world, 'bot', START).pass(60, { perMinute: 1 });
  world.now = START + 61 * 60_000;
  await world.plimsoll.tick();
  await world.plimsoll.checkStore();
  expect(await shown()).toBe(1);
  expect(sampleValue(await page(), 'plimsoll_store_last_verified_timestamp_seconds')).toBe(world.now / 1000);
  const db = new DatabaseSync(world.file, { timeout: 30_000 });
  const looked = chosenMinutes(world.now)[0]!.minute;
  expect(db.prepare('delete from tally where minute = ? and dimension = 0').run(looked).changes).toBeGreaterThan(0);
  db.close();
  await world.plimsoll.checkStore();
  expect(await shown()).toBe(0);
  // Another hour is right: somebody has to look all the same.
  world.now += 120 * 60_000;
  await world.plimsoll.checkStore();
  expect(await shown()).toBe(0);
});

it('what is too much to be read beside the traffic gives way to what is not', () => {
  const minutes = chosenMinutes(START);
  const rowsOf = ({ clock, minute }: (typeof minutes)[number]): number =>
    clock === 1 ? 1 : minute === minutes[0]!.minute ? 500 : 60;
  const chosen = withinBudget(minutes, rowsOf, 200);
  expect(chosen.filter(({ clock }) => clock === 0).map(({ minute }) => minute)).toEqual(
    [2, 4, 6].map((i) => minutes[i]!.minute),
  );
  expect(chosen.reduce((rows, one) => rows + rowsOf(one), 0)).toBeLessThanOrEqual(200);
  expect(withinBudget(minutes, () => 201, 200)).toEqual([]);
  expect(withinBudget(minutes, () => 0, 200)).toEqual(minutes);
});

it('the rows of a minute are those of its spans, and by each clock what was said: each word with the ten of its trace', async () => {
  const minute = minuteOf(START) + 5;
  const rows = (): number[] => {
    const reader = openReader(world.file);
    const found = [0, 1].map((clock) => reader.rowsOf({ clock: clock as 0 | 1, minute }));
    reader.close();
    return found;
  };
  expect(rows()).toEqual([1, 0]);
  const db = new DatabaseSync(world.file, { timeout: 30_000 });
  db.exec(
    `insert into rating (identity, active, type, value, at, commit_minute, event_minute, label_minute) values ('a', 1, 'feedback', '1', 0, 0, ${minute}, ${minute})`,
  );
  db.close();
  expect(rows()).toEqual([11, 10]);
});

it('twelve minutes of the hour that is over, by both clocks, others in the next hour', () => {
  const at = START + 31 * 60_000;
  const first = chosenMinutes(at);
  expect(first).toHaveLength(24);
  for (const { minute } of first) expect(Math.floor(minute / 60)).toBe(minuteOf(at) / 60 - 1 - 31 / 60);
  const turns = [0, 1, 2, 3, 4].map((hours) => chosenMinutes(at + hours * 3_600_000).map(({ minute }) => minute % 60));
  expect(new Set(turns.flat()).size).toBe(60);
});
