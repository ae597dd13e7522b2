import { afterEach, expect, it } from 'vitest';
import { Traffic } from '../scenarios/traffic.ts';
import { objective, service, World } from '../server/world.ts';

let world: World;
afterEach(() => world.end());

it.each([
  ['Europe/Berlin', '2026-11-18T23:00:00.000Z'],
  // Half past the hour: hours of UTC don't begin with the day.
  ['Asia/Kolkata', '2026-11-18T18:30:00.000Z'],
])('a day in %s is counted from its first minute, late data included', async (timeZone, midnight) => {
  const start = Date.parse(midnight) - 45 * 60_000;
  world = await World.start({
    now: start,
    services: [service('bot')],
    objectives: [
      objective('up', {
        service: 'bot',
        measure: { type: 'availability' },
        target: 0.9,
        window: { calendar: 'day', timeZone },
      }),
    ],
  });
  const traffic = new Traffic(world, 'bot', start);
  const late = traffic.make(30, { perMinute: 2, failed: 1 });
  await traffic.pass(15, { perMinute: 2, failed: 1 });
  await traffic.judge();
  const read = async () => {
    const { estimate } = await world.get<{ estimate: { n: number; value: number; window: { from: string } } }>(
      '/objectives/up',
    );
    return [estimate.window.from, estimate.n, estimate.value];
  };
  await traffic.pass(60, { perMinute: 2 });
  await traffic.judge();
  expect(await read()).toEqual([midnight, 120, 1]);
  // From six hours on windows are summed by hours.
  await traffic.pass(440, { perMinute: 2 });
  await traffic.judge();
  expect(await read()).toEqual([midnight, 1000, 1]);
  await world.spans(late);
  await traffic.judge();
  expect(await read()).toEqual([midnight, 1000, 1]);
  await world.restart();
  await traffic.judge();
  expect(await read()).toEqual([midnight, 1000, 1]);
});
