import { afterEach, expect, it } from 'vitest';
import type { IncidentJson } from '../../src/model/incident.ts';
import { incidentsOf } from '../scenarios/traffic.ts';
import { type Exchange, exchange, objective, random, service, World } from '../server/world.ts';

const START = Date.parse('2026-11-18T00:00:00Z');
const MINUTE = 60_000;

const worlds: World[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.end();
});

const start = async (): Promise<World> => {
  const world = await World.start({
    now: START,
    services: [service('bot', { evaluations: { groundedness: { pass: 0.7 } } })],
    objectives: [
      objective('up', { service: 'bot', measure: { type: 'availability' }, target: 0.98, alert: { detector: 'both' } }),
      objective('fast', { service: 'bot', measure: { type: 'latency', threshold: '4s' }, target: 0.9 }),
      objective('grounded', { service: 'bot', measure: { type: 'accuracy', evaluation: 'groundedness' }, target: 0.9 }),
      objective('liked', { service: 'bot', measure: { type: 'satisfaction' }, target: 0.8 }),
    ],
    spec: { sinks: [{ name: 'ops', type: 'webhook', url: 'https://ops.example.com/in', secret: 'env:OPS' }] },
  });
  worlds.push(world);
  return world;
};

/** What happens in one minute, the same in every world. */
interface Happening {
  readonly spans: Exchange[];
  readonly scores: { exchange: Exchange; score: number; laterMs: number }[];
  readonly thumbs: object[];
  readonly move: { readonly name: string; readonly body: object } | null;
  readonly restart: boolean;
}

function* life(seed: number, minutes: number): Generator<Happening> {
  const dice = random(seed);
  let bad = 0;
  let phase = 0;
  let held: Exchange[] = [];
  for (let i = 0; i < minutes; i++) {
    if (phase-- <= 0) {
      phase = 5 + Math.floor(dice() * 40);
      bad = dice() < 0.45 ? 0.3 + dice() * 0.7 : 0.01;
    }
    const silent = dice() < 0.1;
    const asked = Array.from({ length: silent ? 0 : 8 }, (_one, k) =>
      exchange('bot', START + i * MINUTE + 12_000 + k * 5000, {
        failed: dice() < bad / 2,
        durationMs: dice() < bad / 2 ? 9000 : 700,
        promptVersion: bad > 0.1 ? '8' : '7',
      }),
    );
    // Some spans come late, all at once.
    const late = dice() < 0.1 ? asked : [];
    const now = dice() < 0.05 ? held : [];
    held = now.length > 0 ? [...late] : [...held, ...late];
    const moves = [
      { name: 'acknowledge', body: {} },
      { name: 'hold', body: { reason: 'awaiting_vendor' } },
      { name: 'resolve', body: { notes: 'done' } },
      { name: 'reopen', body: { reason: 'no' } },
      { name: 'note', body: { text: 'hm' } },
    ];
    yield {
      spans: [...asked.filter((one) => !late.includes(one)), ...now],
      scores: asked.map((one) => ({ exchange: one, score: dice() < bad ? 0.2 : 0.9, laterMs: dice() * 200_000 })),
      thumbs: asked.slice(0, 4).map((one) => ({
        traceId: one.traceId,
        kind: 'thumbs',
        value: dice() < bad ? 'down' : 'up',
        at: new Date(one.end + dice() * 900_000).toISOString(),
      })),
      move: dice() < 0.04 ? moves[Math.floor(dice() * moves.length)]! : null,
      restart: dice() < 0.07,
    };
  }
}

/** What must be true of a promise and its records, minute by minute. */
async function check(world: World, when: string): Promise<void> {
  const incidents = await incidentsOf(world);
  const { objectives } = await world.get<{ objectives: { name: string; verdict: string }[] }>('/objectives');
  for (const { name, verdict } of objectives) {
    const told = incidents.filter((one) =>
      one.breaches.some((breach) => breach.objective === name && breach.recoveredAt === null),
    );
    // A broken promise is on a record that is open, or that a person has ended; a kept one is on none as broken.
    expect([when, name, verdict === 'breached' ? told.length > 0 : told.length === 0]).toEqual([when, name, true]);
  }
  for (const one of incidents) {
    const isOpen = ['new', 'in_progress', 'on_hold'].includes(one.state);
    const last = one.timeline.findLast(({ event }) => ['opened', 'reopened', 'resolved'].includes(event))!;
    if (isOpen && one.breaches.every((breach) => breach.recoveredAt !== null))
      expect([when, one.id, last.event, last.by.kind]).toEqual([when, one.id, 'reopened', 'user']);
    if (one.state === 'resolved' && one.breaches.some((breach) => breach.recoveredAt === null))
      expect([when, one.id, last.event, last.by.kind]).toEqual([when, one.id, 'resolved', 'user']);
    expect([one.id, isOpen]).toEqual([one.id, one.resolvedAt === null && one.closedAt === null]);
    expect(Date.parse(one.startedAt)).toBeLessThanOrEqual(Date.parse(one.detectedAt));
  }
}

it.each([4])('the same life gives the same incidents, restarted in between or not (seed %i)', async (seed) => {
  const [steady, restarted] = [await start(), await start()];
  let at = START;
  let restarts = 0;
  for (const { spans, scores, thumbs, move, restart } of life(seed, 150)) {
    at += MINUTE;
    for (const world of [steady, restarted]) {
      world.now = at + 20_000;
      if (spans.length > 0) await world.spans(spans);
      if (scores.length > 0) await world.rate(scores);
      if (thumbs.length > 0) await world.post('/feedback', { feedback: thumbs });
      if (restart && world === restarted) {
        await world.restart();
        restarts++;
      }
      expect(await world.plimsoll.tick()).not.toBeNull();
      if (world === steady) await check(world, new Date(at).toISOString());
      const [newest] = await incidentsOf(world);
      if (move !== null && newest !== undefined)
        await world.post(`/incidents/${newest.id}/${move.name}`, move.body).catch((error: Error) => {
          // What is not possible in its state changes nothing, in both.
          if (!error.message.includes('PLIM_INCIDENT_ILLEGAL_MOVE')) throw error;
        });
    }
  }
  expect(restarts).toBeGreaterThan(3);
  const lives: IncidentJson[][] = [await incidentsOf(steady), await incidentsOf(restarted)];
  expect(lives[0]!.length).toBeGreaterThan(0);
  expect(lives[1]).toEqual(lives[0]);
  for (const { id, timeline } of lives[0]!) {
    expect(timeline.filter(({ event }) => event === 'opened')).toHaveLength(1);
    const of = async (world: World): Promise<{ transition: string; seq: number }[]> =>
      (await world.get<{ deliveries: { transition: string; seq: number }[] }>(`/incidents/${id}`)).deliveries.map(
        ({ transition, seq }) => ({ transition, seq }),
      );
    expect(await of(restarted)).toEqual(await of(steady));
  }
});
