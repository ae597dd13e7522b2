import { describe, expect, test } from 'vitest';
import type { IncidentJson } from '../../src/model/incident.ts';
import { hasPostgres } from '../postgres/server.ts';
import { exchange, objective, random, service, World } from '../server/world.ts';

const START = Date.parse('2026-11-20T00:00:00Z');
const MINUTE = 60_000;
const SEEDS = process.env['PLIMSOLL_SEED'] === undefined ? [1, 2, 3] : [Number(process.env['PLIMSOLL_SEED'])];

/** Good minutes, a breach, and good ones until it is over. */
const STORY = [
  { minutes: 15, failed: false },
  { minutes: 10, failed: true },
  { minutes: 35, failed: false },
];

/** Nobody listens there: rows wait, and can be counted. */
const spec = { sinks: [{ name: 'ops', type: 'webhook', url: 'https://ops.example.com/in', secret: 'env:OPS' }] };

/**
 * Replicas whose leases run out, that fall asleep and wake up as leaders of long ago, that stop and start, while spans go to any of
 * them and people act on any of them.
 */
describe.runIf(hasPostgres)('replicas on a random schedule', () => {
  test.each(SEEDS)('open each incident once and miss none (seed %i)', async (seed) => {
    const next = random(seed);
    const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)]!;
    const first = await World.start({
      engine: 'postgres',
      now: START,
      services: [service('bot')],
      objectives: [objective('up', { service: 'bot', measure: { type: 'availability' }, target: 0.99 })],
      spec,
    });
    const replicas = [first, await first.replica({ spec })];
    try {
      let notes = 0;
      for (const { minutes, failed } of STORY)
        for (let i = 0; i < minutes; i++) {
          const now = replicas[0]!.now + MINUTE;
          for (const one of replicas) one.now = now;
          const made = Array.from({ length: 12 }, (_, k) => exchange('bot', now - 30_000 + k * 100, { failed }));
          await Promise.all([pick(replicas).spans(made.slice(0, 8)), pick(replicas).spans(made.slice(4))]);
          for (const one of replicas) one.now = now + 20_000;
          await disturb(replicas, next);
          // Each judges as far as it believes to lead; which one is first is chance.
          await Promise.all((next() < 0.5 ? replicas : [...replicas].reverse()).map(({ plimsoll }) => plimsoll.tick()));
          for (const one of replicas) one.now = now;
          const [open] = await incidentsOf(pick(replicas));
          if (open !== undefined && next() < 0.3) {
            await pick(replicas).post(`/incidents/${open.id}/note`, { text: `note ${notes}` });
            notes++;
          }
        }
      for (const one of replicas) one.leaseLag = 0;
      await World.pass(20_000, ...replicas);
      for (const one of replicas) one.now += 20_000;
      for (const { plimsoll } of replicas) await plimsoll.tick();

      for (const replica of replicas) {
        const [incident, ...others] = await incidentsOf(replica);
        expect(others).toEqual([]);
        expect(incident).toMatchObject({ id: 'INC-1', state: 'resolved' });
        const events = incident!.timeline.map(({ event }) => event);
        expect(events.filter((event) => event === 'opened')).toHaveLength(1);
        expect(events.filter((event) => event === 'note')).toHaveLength(notes);
      }
      // The incident, and the problem that it has become.
      const told = first.database!.db.prepare('select incident, seq, transition from outbox order by seq').all();
      for (const subject of ['INC-1', 'PRB-1']) {
        const outbox = told.filter(({ incident }) => incident === subject);
        expect(outbox.filter(({ transition }) => transition === 'opened')).toHaveLength(1);
        expect(outbox.map(({ seq }) => seq)).toEqual(outbox.map((_, i) => i + 1));
      }
      expect(told.filter(({ incident }) => incident !== 'INC-1' && incident !== 'PRB-1')).toEqual([]);
      expect(first.verify()).toMatchObject({ differing: 0 });
      // It has changed hands.
      expect(first.database!.db.prepare('select token from leader').get()!['token']).toBeGreaterThan(5);
    } finally {
      for (const replica of [...replicas].reverse()) await replica.end();
    }
  });
});

async function disturb(replicas: readonly World[], next: () => number): Promise<void> {
  const one = replicas[Math.floor(next() * replicas.length)]!;
  const chance = next();
  if (chance < 0.15) one.leaseLag = 15_000;
  else if (chance < 0.4) one.leaseLag = 0;
  else if (chance < 0.45) await one.restart();
  // Time passes, and only some of them ask who leads.
  const asking = replicas.filter(() => next() < 0.6);
  await World.pass(Math.floor(next() * 12_000), ...(asking.length > 0 ? asking : [one]));
}

const incidentsOf = async (world: World): Promise<IncidentJson[]> =>
  (await world.get<{ incidents: IncidentJson[] }>('/incidents')).incidents;
