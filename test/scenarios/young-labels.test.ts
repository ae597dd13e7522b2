import { afterAll, beforeAll, expect, it } from 'vitest';
import { wilson } from '../../src/measures/wilson.ts';
import { type Exchange, exchange, objective, random, service, World } from '../server/world.ts';
import { incidentsOf } from './traffic.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const START = Date.parse('2026-11-01T00:00:00Z');
const LAUNCH = START + 10 * DAY;
const BROKEN = LAUNCH + HOUR;

interface Rated {
  readonly exchange: Exchange;
  /** When it was said, ms. */
  readonly at: number;
  readonly bad: boolean;
}

const next = random(5);

/** Answers that people rate, displeased ones sooner (median an hour) than pleased ones (six). */
function rated(from: number, to: number, perHour: number, how: (end: number) => Partial<Exchange>): Rated[] {
  const all: Rated[] = [];
  for (let at = from; at < to; at += HOUR / perHour) {
    const end = Math.round(at);
    const kind = how(end);
    const bad = next() < (kind.model === 'b' && end >= BROKEN ? 0.8 : 0.05);
    const delay = (-Math.log1p(-next()) * (bad ? HOUR : 6 * HOUR)) / Math.LN2;
    all.push({ exchange: exchange('bot', end, kind), at: Math.round(end + delay), bad });
  }
  return all;
}

const model = (): string => (next() < 0.1 ? 'b' : 'a');
const history = rated(START, LAUNCH, 40, () => ({ model: model(), promptVersion: '7' }));
/** From its launch on half of the answers have the new prompt; model b breaks an hour later, whatever the prompt. */
const since = rated(LAUNCH, LAUNCH + 4 * HOUR, 2400, () => ({
  model: model(),
  promptVersion: next() < 0.5 ? '8' : '7',
}));

let world: World;
beforeAll(async () => {
  world = await World.start({
    now: START,
    services: [service('bot', { criticality: 1 })],
    objectives: [objective('liked', { service: 'bot', measure: { type: 'satisfaction' }, target: 0.92 })],
  });
  world.now = LAUNCH;
  await world.spans(history.map((one) => one.exchange));
});
afterAll(() => world.end());

async function say(ratings: readonly Rated[]): Promise<void> {
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

it('a new prompt whose ratings are young is not named for that: the model that broke is', async () => {
  const all = [...history, ...since];
  let said = LAUNCH;
  await say(history.filter(({ at }) => at < LAUNCH));
  world.now = LAUNCH + 20_000;
  expect(await world.plimsoll.tick()).not.toBeNull();
  let found = await incidentsOf(world);
  for (let now = LAUNCH + 10 * MINUTE; now <= LAUNCH + 4 * HOUR && found.length === 0; now += 10 * MINUTE) {
    world.now = now;
    await world.spans(since.map((one) => one.exchange).filter(({ end }) => end >= now - 10 * MINUTE && end < now));
    await say(all.filter(({ at, exchange: { end } }) => at >= said && at < now && end < now));
    said = now;
    world.now = now + 20_000;
    expect(await world.plimsoll.tick()).not.toBeNull();
    found = await incidentsOf(world);
  }
  const [incident] = found;
  expect(incident).toMatchObject({ state: 'new', objectives: ['liked'] });
  // Read as they came, the ratings of the new prompt would have been worse than those of the month before, with the model that is well, too.
  const young = since.filter(({ exchange: one, at }) => one.promptVersion === '8' && one.model === 'a' && at < said);
  expect(wilson(young.filter(({ bad }) => bad).length, young.length).low).toBeGreaterThan(0.1);
  // Beside the model there may be the parts of the new prompt and of the old one that have it; neither prompt as such.
  expect(incident!.slices[0]!.name).toBe('response_model=b');
  for (const { name } of incident!.slices) expect(name).toContain('response_model=b');
  const [slice] = incident!.slices;
  expect(slice!.baselineShare).toBeLessThan(0.09);
  // Of those that have come more are bad than of all that will.
  expect(slice!.share).toBeLessThan(slice!.bad / slice!.n);
  expect(incident!.description).toMatch(
    /response_model=b: \d+ of \d+ bad so far \(when all have come \d+ % bad, [\d.]+ % before\), explains/,
  );
});
