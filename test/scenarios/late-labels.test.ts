import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EstimateJson } from '../../src/model/estimate.ts';
import { alarmThreshold, detectorParams, initialState, step } from '../../src/objectives/e-detector.ts';
import { type Exchange, exchange, objective, random, service, World } from '../server/world.ts';
import { incidentsOf } from './traffic.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const START = Date.parse('2026-11-01T00:00:00Z');
const LAUNCH = START + 10 * DAY;
const TARGET = 0.92;

interface Rated {
  readonly exchange: Exchange;
  /** When it was said, ms. */
  readonly at: number;
  readonly bad: boolean;
}

/** Evenly spread answers that people rate, displeased ones sooner (median an hour) than pleased ones (six). */
function rated(next: () => number, from: number, to: number, perHour: number, badShare: number): Rated[] {
  const all: Rated[] = [];
  for (let at = from; at < to; at += HOUR / perHour) {
    const bad = next() < badShare;
    const delay = (-Math.log1p(-next()) * (bad ? HOUR : 6 * HOUR)) / Math.LN2;
    const end = Math.round(at);
    all.push({ exchange: exchange('bot', end), at: Math.round(end + delay), bad });
  }
  return all;
}

const worldOfRatings = (): Promise<World> =>
  World.start({
    now: START,
    services: [service('bot', { criticality: 1 })],
    objectives: [objective('liked', { service: 'bot', measure: { type: 'satisfaction' }, target: TARGET })],
  });

async function say(world: World, ratings: readonly Rated[]): Promise<void> {
  for (let i = 0; i < ratings.length; i += 4000)
    await world.post('/feedback', {
      feedback: ratings.slice(i, i + 4000).map(({ exchange: { traceId }, at, bad }) => ({
        traceId,
        kind: 'thumbs',
        value: bad ? 'down' : 'up',
        at: new Date(at).toISOString(),
      })),
    });
}

async function judge(world: World, at: number): Promise<void> {
  world.now = at + 20_000;
  expect(await world.plimsoll.tick()).not.toBeNull();
}

/** The month of a version before, then what `ratings` says, hour by hour as it becomes known. */
class Launch {
  readonly world: World;
  #waiting: Rated[] = [];

  constructor(world: World) {
    this.world = world;
  }

  async begin(history: readonly Rated[]): Promise<void> {
    this.world.now = LAUNCH;
    await this.world.spans(history.map((one) => one.exchange));
    await say(
      this.world,
      history.filter(({ at }) => at < LAUNCH),
    );
    this.#waiting = history.filter(({ at }) => at >= LAUNCH);
    await judge(this.world, LAUNCH);
  }

  async hours(from: number, to: number, ratings: readonly Rated[]): Promise<void> {
    this.#waiting.push(...ratings);
    for (let hour = from; hour < to; hour += HOUR) {
      const end = hour + HOUR;
      this.world.now = end;
      const answered = ratings.map((one) => one.exchange).filter((one) => one.end >= hour && one.end < end);
      await this.world.spans(answered);
      await say(
        this.world,
        this.#waiting.filter(({ at }) => at < end),
      );
      this.#waiting = this.#waiting.filter(({ at }) => at >= end);
      await judge(this.world, end);
    }
  }
}

/** Whether a detector that knows nothing of delays would have alarmed on these ratings, as they came. */
function wouldAlarmNaively(ratings: readonly Rated[], until: number): boolean {
  const params = detectorParams({ q0: 1 - TARGET, threshold: alarmThreshold(1, 1) });
  const state = initialState(params, 1);
  const byMinute = Map.groupBy(
    ratings.filter(({ at }) => at < until),
    ({ at }) => Math.floor(at / MINUTE),
  );
  return [...byMinute]
    .sort(([a], [b]) => a - b)
    .some(([minute, some]) => step(params, state, minute, some.length, some.filter(({ bad }) => bad).length) !== null);
}

describe('a healthy version is opened to everybody, and those it displeases say so first', () => {
  const next = random(21);
  const history = rated(next, START, LAUNCH, 30, 0.05);
  const healthy = rated(next, LAUNCH, LAUNCH + 10 * HOUR, 600, 0.05);
  const broken = rated(next, LAUNCH + 10 * HOUR, LAUNCH + 14 * HOUR, 600, 0.4);
  let world: World;
  let launch: Launch;

  beforeAll(async () => {
    world = await worldOfRatings();
    launch = new Launch(world);
    await launch.begin(history);
  });
  afterAll(() => world.end());

  it('opens no incident, where a plain reading of what came would have opened one', async () => {
    await launch.hours(
      LAUNCH,
      LAUNCH + 3 * HOUR,
      healthy.filter(({ exchange: { end } }) => end < LAUNCH + 3 * HOUR),
    );
    expect(wouldAlarmNaively([...history.filter(({ at }) => at >= LAUNCH), ...healthy], LAUNCH + 3 * HOUR)).toBe(true);
    expect(await incidentsOf(world)).toEqual([]);
  });

  it('the newest hours say that they are too young, and what they come to when that is corrected for', async () => {
    const from = new Date(LAUNCH).toISOString();
    const to = new Date(LAUNCH + 3 * HOUR).toISOString();
    const { measures } = await world.get<{
      measures: { measure: string; points: { estimate: EstimateJson }[]; response?: { claims: string[] } }[];
    }>(`/services/bot/measures?from=${from}&to=${to}&step=1h`);
    const { points, response } = measures.find(({ measure }) => measure === 'satisfaction')!;
    const [oldest] = points;
    expect(oldest!.estimate.value).toBeLessThan(TARGET);
    expect(oldest!.estimate.maturity).toBeGreaterThan(0.15);
    expect(oldest!.estimate.maturity).toBeLessThan(0.5);
    expect(oldest!.estimate.adjusted!.value).toBeGreaterThan(TARGET);
    expect(oldest!.estimate.note).toMatch(/^too young: \d+ % of the ratings expected have come; corrected for those/);
    expect(response!.claims[0]).toMatch(/^among those who answered, \d+ % of all: /);
    const { estimate } = await world.get<{ estimate: EstimateJson }>('/objectives/liked');
    expect(estimate.coverage).toBeGreaterThan(0.5);
    expect(estimate.maturity).toBeGreaterThan(0.5);
    expect(estimate.adjusted!.low).toBeLessThan(0.95);
    expect(estimate.adjusted!.high).toBeGreaterThan(0.95);
  });

  it('stays quiet while the pleased ones catch up', async () => {
    await launch.hours(
      LAUNCH + 3 * HOUR,
      LAUNCH + 10 * HOUR,
      healthy.filter(({ exchange: { end } }) => end >= LAUNCH + 3 * HOUR),
    );
    expect(await incidentsOf(world)).toEqual([]);
  });

  it('a version that displeases is found within hours, and its incident says what it rests on', async () => {
    await launch.hours(LAUNCH + 10 * HOUR, LAUNCH + 14 * HOUR, broken);
    const [incident, ...others] = await incidentsOf(world);
    expect(others).toEqual([]);
    expect(incident).toMatchObject({ state: 'new', objectives: ['liked'] });
    expect(Date.parse(incident!.startedAt)).toBeGreaterThan(LAUNCH + 9 * HOUR);
    expect(incident!.description).toMatch(
      /Since it began \d+ of \d+ were bad, [\d.]+ times .* the \d+ that are allowed by now/,
    );
  });

  it('a restart changes nothing, and every tally is the fold of its rows', async () => {
    const before = await world.get<{ estimate: EstimateJson; detector: object }>('/objectives/liked');
    await world.restart();
    await judge(world, LAUNCH + 14 * HOUR);
    const after = await world.get<{ estimate: EstimateJson; detector: object }>('/objectives/liked');
    expect([after.estimate, after.detector]).toEqual([before.estimate, before.detector]);
    const { compared, differing } = world.verify();
    expect(compared).toBeGreaterThan(200);
    expect(differing).toBe(0);
  });
});

it('in whatever order ratings are sent, detectors stand where they would if all had come in time', async () => {
  const next = random(8);
  const all = rated(next, START, LAUNCH, 20, 0.08);
  const states = async (send: (world: World) => Promise<void>): Promise<unknown[]> => {
    const world = await worldOfRatings();
    world.now = LAUNCH;
    await world.spans(all.map((one) => one.exchange));
    await send(world);
    await judge(world, LAUNCH);
    const db = new DatabaseSync(`${world.folder}/store.db`, { readOnly: true });
    const rows = db.prepare('select minute, hex(state) as state from checkpoint order by minute').all();
    db.close();
    await world.end();
    return rows;
  };
  const known = all.filter(({ at }) => at < LAUNCH);
  const inTime = await states((world) =>
    say(
      world,
      known.toSorted((a, b) => a.at - b.at),
    ),
  );
  const anyhow = await states(async (world) => {
    const mixed = known.map((one) => ({ one, place: next() })).toSorted((a, b) => a.place - b.place);
    const parts = [0.3, 0.6, 1].map((end) => Math.floor(end * mixed.length));
    let from = 0;
    for (const to of parts) {
      await say(
        world,
        mixed.slice(from, to).map(({ one }) => one),
      );
      await judge(world, LAUNCH);
      from = to;
    }
  });
  expect(inTime.length).toBeGreaterThan(40);
  expect(anyhow).toEqual(inTime);
});
