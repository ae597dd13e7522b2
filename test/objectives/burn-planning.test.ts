import { describe, expect, it } from 'vitest';
import { healthyBurnIncidents, minutesToFire } from '../../src/objectives/burn-planning.ts';
import { burnTiers } from '../../src/objectives/burn-rate.ts';
import { startBurnWatch, watchBurn } from '../../src/objectives/burn-watch.ts';
import { EventStream } from '../../src/objectives/event-stream.ts';
import { BURN_MEMORY_MINUTES } from '../../src/objectives/objective-watch.ts';
import { random } from '../random.ts';

const MONTH = 30 * 1440;
const EVENTS = 100_000;

/** Minutes until the real rules fire: a clean past, then a burn without end. */
function fired(windowMinutes: number, q0: number, burn: number, within: number): number | null {
  const params = { tiers: burnTiers(windowMinutes / 1440), q0 };
  const state = startBurnWatch();
  const stream = new EventStream(BURN_MEMORY_MINUTES);
  for (let minute = 0; minute < BURN_MEMORY_MINUTES + within; minute++) {
    const bad = minute < BURN_MEMORY_MINUTES ? 0 : Math.round(EVENTS * Math.min(1, burn * q0));
    stream.setMinute(minute, { n: EVENTS, bad });
    if (watchBurn(params, state, stream).length > 0) return minute - BURN_MEMORY_MINUTES + 1;
  }
  return null;
}

describe('when burn-rate rules fire', () => {
  it.each([
    ['an outage of 99.9 %', MONTH, 0.001, 1000],
    ['an outage of 95 %, which the first tier sees late', MONTH, 0.05, 20],
    ['an outage of 80 %, which no paging tier sees', MONTH, 0.2, 5],
    ['a tenfold burn', MONTH, 0.01, 10],
    ['a twofold burn', 28 * 1440, 0.01, 2],
    ['a burn of an objective over a week', 7 * 1440, 0.01, 4],
  ])('%s: as planned', (_what, windowMinutes, q0, burn) => {
    const planned = minutesToFire(windowMinutes, q0, burn)!;
    const real = fired(windowMinutes, q0, burn, 4400)!;
    // Windows of a day and more lose their tail by whole hours; rates are compared with a whole number of bad events.
    expect(Math.abs(real - planned)).toBeLessThanOrEqual(planned > 360 ? 61 : 1);
  });

  it('a burn below every threshold is never found', () => {
    expect(minutesToFire(92 * 1440, 0.02, 2)).toBeNull();
    expect(fired(92 * 1440, 0.02, 2, 5000)).toBeNull();
  });
});

describe('how often burn-rate rules would be wrong about a healthy service', () => {
  const incidents = (q0: number, eventsPerMinute: number, seed = 1): number =>
    healthyBurnIncidents({ windowMinutes: MONTH, q0, eventsPerMinute, minutes: MONTH, random: random(seed) });

  it('about twenty times a month at one event a minute and 99.9 %', () => {
    const months = [1, 2, 3, 4].map((seed) => incidents(0.001, 1, seed));
    const mean = months.reduce((sum, count) => sum + count, 0) / months.length;
    expect(mean).toBeGreaterThan(12);
    expect(mean).toBeLessThan(26);
  });

  it('never where there is much traffic', () => {
    expect(incidents(0.01, 500)).toBe(0);
  });

  it('the same seed gives the same number', () => {
    expect(incidents(0.001, 0.3, 7)).toBe(incidents(0.001, 0.3, 7));
  });
});
