import { afterEach, describe, expect, it } from 'vitest';
import { legalMoves } from '../../src/incidents/lifecycle.ts';
import { priorityOf } from '../../src/incidents/priority.ts';
import type { IncidentJson, IncidentState } from '../../src/model/incident.ts';
import { random } from '../random.ts';
import { Traffic } from '../scenarios/traffic.ts';
import { ENGINES, objective, service, World } from './world.ts';

const START = Date.parse('2026-11-18T00:00:00Z');

/** What people ask for at the same moment as the judge judges. */
const MOVES: readonly (readonly [string, object])[] = [
  ['acknowledge', {}],
  ['assign', { to: 'ada' }],
  ['hold', { reason: 'awaiting_vendor' }],
  ['resume', {}],
  ['resolve', { notes: 'done' }],
  ['reopen', { reason: 'not done' }],
  ['prioritize', { impact: 1, urgency: 1, reason: 'it is all of us' }],
  ['prioritize', { priority: 4, reason: 'it is a pilot' }],
  ['categorize', { category: 'ai.availability.capacity', reason: 'the quota' }],
  ['classify', { harm: 'hazard', art349: 'none', seriousCandidate: true, reason: 'might have', person: 'Ada' }],
  ['classify', { harm: 'hazard', art349: 'none', reason: 'has not', person: 'Ada' }],
  ['mitigate', {}],
  ['aware', { person: 'Ada' }],
  ['note', { text: 'seen' }],
];

/** What the timeline calls each of them. */
const EVENTS: Readonly<Record<string, string>> = {
  acknowledge: 'acknowledged',
  assign: 'assigned',
  hold: 'held',
  resume: 'resumed',
  resolve: 'resolved',
  reopen: 'reopened',
  prioritize: 'prioritized',
  categorize: 'categorized',
  classify: 'classified',
  mitigate: 'mitigated',
  aware: 'aware',
  note: 'note',
};

/** The state that a log of a record leads to; throws where an entry was not possible. */
function replayed(timeline: IncidentJson['timeline']): IncidentState {
  let state: IncidentState = 'new';
  for (const { event } of timeline) {
    const move = Object.keys(EVENTS).find((name) => EVENTS[name] === event);
    if (move === undefined) continue;
    expect(legalMoves(state), `${event} in ${state}`).toContain(move);
    if ((event === 'acknowledged' || event === 'assigned') && state === 'new') state = 'in_progress';
    else if (event === 'held') state = 'on_hold';
    else if (event === 'resumed' || event === 'reopened') state = 'in_progress';
    else if (event === 'resolved') state = 'resolved';
  }
  return state;
}

describe.each(ENGINES)('people move an incident while it is judged (%s)', (engine) => {
  const worlds: World[] = [];
  afterEach(async () => {
    for (const world of worlds.splice(0).reverse()) await world.end();
  });

  it('each move happens once or is refused, and none undoes another', async () => {
    const world = await World.start({
      engine,
      now: START,
      services: [service('bot')],
      objectives: [
        objective('up', { service: 'bot', measure: { type: 'availability' }, target: 0.99 }),
        objective('fast', { service: 'bot', measure: { type: 'latency', threshold: '4s' }, target: 0.95 }),
      ],
    });
    worlds.push(world);
    // On a shared store people come in through another process than the one that judges.
    const desks = [world];
    if (engine === 'postgres') {
      const other = await world.replica();
      worlds.push(other);
      desks.push(other);
    }
    const traffic = new Traffic(world, 'bot', START);
    await traffic.live(6, { failed: 10 });
    const draw = random(11);
    const done: Record<string, number> = {};
    for (let round = 0; round < 16; round++) {
      // Broken, slow too, well again: breaches join, recover and come back while people act.
      const how = round % 8 < 3 ? { failed: 15, slow: 5 } : round % 8 === 3 ? { slow: 19 } : {};
      await traffic.pass(round % 8 < 4 ? 3 : 40, how);
      for (const desk of desks) desk.now = world.now;
      const asks = Array.from({ length: 3 }, () => MOVES[Math.floor(draw() * MOVES.length)]!);
      const [, ...answers] = await Promise.all([
        traffic.judge(),
        ...asks.map(async ([name, body], i) => {
          const desk = desks[(round + i) % desks.length]!;
          const answer = await fetch(`${desk.api}/incidents/INC-1/${name}`, {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify(body),
          });
          return { name, status: answer.status, said: (await answer.json()) as IncidentJson & { legal?: string[] } };
        }),
      ]);
      for (const { name, status, said } of answers) {
        expect([200, 409], JSON.stringify(said)).toContain(status);
        if (status === 409) expect(said.legal).not.toContain(name);
        else done[EVENTS[name]!] = (done[EVENTS[name]!] ?? 0) + 1;
      }
      const incident = await world.get<IncidentJson>('/incidents/INC-1');
      const { timeline, override, impact, urgency, state } = incident;
      expect(replayed(timeline)).toBe(state);
      const byPeople = timeline.filter(({ by }) => by.kind !== 'system');
      const counted = Map.groupBy(byPeople, ({ event }) => event);
      expect(Object.fromEntries([...counted].map(([event, some]) => [event, some.length]))).toEqual(done);
      const times = timeline.map(({ at }) => at);
      expect(times).toEqual(times.toSorted());
      expect(incident.ackedAt).toBe(byPeople[0]?.at ?? null);
      expect(incident.priority).toBe(override?.priority ?? priorityOf(impact, urgency));
      const last = timeline.findLast(({ event }) => event === 'prioritized');
      expect(override?.at ?? null).toBe(last?.at ?? null);
      if (timeline.some(({ event }) => event === 'categorized'))
        expect(incident.category).toBe('ai.availability.capacity');
      expect(incident.resolvedAt === null).toBe(state !== 'resolved');
    }
    expect(Object.values(done).reduce((sum, one) => sum + one, 0)).toBeGreaterThan(12);
    const { entries } = await world.get<{
      entries: { actor: { kind: string }; data: { id?: string; event?: string } }[];
    }>('/audit?limit=1000');
    const audited = entries.filter(({ actor, data }) => actor.kind !== 'system' && data.id === 'INC-1');
    const events = Map.groupBy(audited, ({ data }) => data.event!);
    expect(Object.fromEntries([...events].map(([event, some]) => [event, some.length]))).toEqual(done);
  });
});
