import { describe, expect, it } from 'vitest';
import { isOpen } from '../../src/model/incident.ts';
import { brokenPromises, severityOf, simulate } from './delivery.ts';

/** One seed of choice: `PLIMSOLL_SEED=7 vitest run test/simulation/delivery`. */
const SEEDS = process.env['PLIMSOLL_SEED'] === undefined ? [1, 2] : [Number(process.env['PLIMSOLL_SEED'])];
const INCIDENTS = 300;

describe.each(SEEDS)('a day of 300 incidents in bad weather, seed %d', { concurrent: false }, async (seed) => {
  const world = await simulate(seed, INCIDENTS);
  const ids = [...world.incidents.keys()];
  const rowsOf = (sink: string, id: string) =>
    world.store.rows.filter((row) => row.sink === sink && row.incident === id).sort((a, b) => a.seq - b.seq);

  it('was bad', () => {
    expect(world.incidents.size).toBe(INCIDENTS);
    expect(world.kills).toBeGreaterThan(5);
    for (const [weather, requests] of world.weather) expect([weather, requests > 0]).toEqual([weather, true]);
    expect(world.weather.size).toBeGreaterThanOrEqual(7);
    const kinds = world.events.map((event) => (event.type === 'attempt' ? event.outcome.kind : event.type));
    for (const kind of ['ok', 'retry', 'unknown', 'superseded', 'breaker']) expect(kinds).toContain(kind);
  });

  it('broke no promise on the way', () => {
    expect(world.complaints).toEqual([]);
    expect(brokenPromises(world)).toEqual([]);
  });

  it('left nothing waiting and nothing dead', () => {
    expect(world.store.rows.filter((row) => row.state === 'pending' || row.state === 'dead')).toEqual([]);
  });

  it('told the webhook each transition, in order, under one id and with one body', () => {
    const bodies = new Map<string, string>();
    const seen = new Map<string, number>();
    for (const { id, incident, seq, body } of world.webhook) {
      expect(bodies.get(id) ?? body).toBe(body);
      if (bodies.has(id)) continue;
      bodies.set(id, body);
      expect([incident, seq]).toEqual([incident, (seen.get(incident) ?? 0) + 1]);
      seen.set(incident, seq);
    }
    expect(seen).toEqual(new Map(ids.map((id) => [id, world.lastSeq.get(id)!])));
  });

  it('left Alertmanager with exactly what is open, in both instances', () => {
    const open = new Map(
      [...world.incidents]
        .filter(([, incident]) => isOpen(incident))
        .map(([id, incident]) => [id, severityOf(incident)]),
    );
    expect(open.size).toBeGreaterThan(10);
    for (const firing of world.firing) expect(firing).toEqual(open);
  });

  it('left one ticket for each incident, in its final state', () => {
    expect(world.ticketsMadeTwice).toEqual([]);
    for (const [id, incident] of world.incidents)
      expect([id, world.tickets.get(id)!.state]).toEqual([id, incident.state]);
  });

  it('told the chat the end of all that it told the beginning of, and nothing of what was over before', () => {
    for (const id of ids) {
      const heard = world.chat.filter(({ incident }) => incident === id);
      const over = !isOpen(world.incidents.get(id)!);
      const last = heard.at(-1);
      if (last === undefined) {
        expect([id, over]).toEqual([id, true]);
        expect(rowsOf('talk', id).every((row) => row.state === 'superseded')).toBe(true);
      } else expect([id, ['resolved', 'closed'].includes(last.transition)]).toEqual([id, over]);
      expect(heard.map(({ seq }) => seq)).toEqual(heard.map(({ seq }) => seq).toSorted((a, b) => a - b));
    }
    expect(ids.some((id) => !world.chat.some(({ incident }) => incident === id))).toBe(true);
  });
});

it('a seed replays: the same day, the same events', async () => {
  const [one, two] = [await simulate(99, 40), await simulate(99, 40)];
  expect(one.events.length).toBeGreaterThan(200);
  expect(two.events).toEqual(one.events);
  expect(two.webhook).toEqual(one.webhook);
});
