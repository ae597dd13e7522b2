import { requireOpenShare } from '../model/numbers.ts';
import { MINUTES_PER_DAY } from '../model/time.ts';
import { burnTiers, isUnreachable } from './burn-rate.ts';
import { startBurnWatch, watchBurn } from './burn-watch.ts';
import { EventStream } from './event-stream.ts';
import { BURN_MEMORY_MINUTES } from './objective-watch.ts';

/**
 * Minutes until the burn-rate rules fire on a burn that begins after a time without bad events: a tier's long window holds a
 * burn of `burn * t / long` after t minutes. null when no tier ever fires.
 * @param burn  above 1; a burn that would make more than every event bad counts as a total outage
 */
export function minutesToFire(windowMinutes: number, q0: number, burn: number): number | null {
  requireOpenShare('q0', q0);
  if (!(burn > 0)) throw new RangeError(`burn is ${burn}, it is above 0`);
  const felt = Math.min(burn, 1 / q0);
  const times = burnTiers(windowMinutes / MINUTES_PER_DAY)
    .filter((tier) => !isUnreachable(tier, q0) && felt > tier.threshold)
    .map((tier) => Math.max(1, Math.ceil((tier.longMinutes * tier.threshold) / felt)));
  return times.length === 0 ? null : Math.min(...times);
}

export interface HealthySettings {
  readonly windowMinutes: number;
  readonly q0: number;
  readonly eventsPerMinute: number;
  readonly minutes: number;
  /** In [0, 1). */
  readonly random: () => number;
}

/**
 * How many incidents the burn-rate rules open for a service that spends half of its budget, evenly: counted by letting the
 * rules judge so many simulated minutes. They have no bound of their own: at one event a minute and 99.9 % it is twenty in
 * thirty days, each of them from a single bad event or two.
 */
export function healthyBurnIncidents({ windowMinutes, q0, eventsPerMinute, minutes, random }: HealthySettings): number {
  const params = { tiers: burnTiers(windowMinutes / MINUTES_PER_DAY), q0 };
  const state = startBurnWatch();
  const stream = new EventStream(BURN_MEMORY_MINUTES);
  const share = q0 / 2;
  let incidents = 0;
  // Windows are full before anything is judged: a short one of a single bad event would burn at any rate.
  for (let minute = 0; minute < BURN_MEMORY_MINUTES + minutes; minute++) {
    const n = Math.floor(eventsPerMinute) + (random() < eventsPerMinute % 1 ? 1 : 0);
    stream.setMinute(minute, { n, bad: hits(random, n, share) });
    if (minute < BURN_MEMORY_MINUTES) continue;
    for (const event of watchBurn(params, state, stream)) if (event.type === 'alarm') incidents++;
  }
  return incidents;
}

/** How many of n independent events happen: the gaps between those that do are geometric. */
function hits(random: () => number, n: number, share: number): number {
  const gap = (): number => Math.floor(Math.log1p(-random()) / Math.log1p(-share));
  let count = 0;
  for (let at = gap(); at < n; at += 1 + gap()) count++;
  return count;
}
