import { describe, expect, it } from 'vitest';
import { type Incident, isOpen } from '../../src/model/incident.ts';
import { brokenPromises, ITOP, JIRA, SERVICENOW, simulateTickets, WEATHERS } from './tickets.ts';

/** One seed of choice: `PLIMSOLL_SEED=7 vitest run test/simulation/tickets`. */
const SEEDS = process.env['PLIMSOLL_SEED'] === undefined ? [1] : [Number(process.env['PLIMSOLL_SEED'])];
const INCIDENTS = 60;

describe.each(SEEDS)('a day of incidents for ticket tools, seed %d', { concurrent: false }, async (seed) => {
  const world = await simulateTickets(seed, INCIDENTS);
  const correlated = (id: string): string => `plimsoll-sim-${id}`;
  const ids = [...world.incidents.keys()];
  const wanted = <T>(of: (incident: Incident) => T): [string, T][] =>
    [...world.incidents.values()].map((incident): [string, T] => [correlated(incident.id), of(incident)]).toSorted();

  it('broke no promise', () => {
    expect(brokenPromises(world)).toEqual([]);
  });

  it('was bad, and left nothing waiting and nothing dead', () => {
    expect(ids).toHaveLength(INCIDENTS);
    expect([...world.seen].toSorted()).toEqual([...WEATHERS].toSorted());
    const kinds = new Set(world.events.map((event) => (event.type === 'attempt' ? event.outcome.kind : event.type)));
    for (const kind of ['ok', 'retry', 'unknown', 'superseded', 'breaker'] as const) expect(kinds).toContain(kind);
    expect(world.store.rows.filter((row) => row.state === 'pending' || row.state === 'dead')).toEqual([]);
  });

  it.each(['table', 'imports'] as const)('left one record an incident in its final state: ServiceNow, %s', (mode) => {
    const rows = world[mode].rows.map((row): [string, string] => [row['correlation_id']!, row['state']!]);
    expect(rows.toSorted()).toEqual(wanted(({ state }) => SERVICENOW[state]));
  });

  it('left one issue an incident in its final status: Jira', () => {
    const found = world.jira.issues.map(({ fields, status }): [string, string] => [
      (fields['labels'] as string[])[1]!,
      status,
    ]);
    expect(found.map(([id]) => id).toSorted()).toEqual(ids.map(correlated).toSorted());
    for (const [id, status] of found)
      expect(JIRA[world.incidents.get(id.replace('plimsoll-sim-', ''))!.state]).toContain(status);
  });

  it('left one ticket an incident in its final status: iTop', () => {
    const found = world.itop.tickets.map(({ fields, status }): [string, string] => [
      /\((plimsoll-[^)]*)\)/.exec(String(fields['description']))![1]!,
      status,
    ]);
    expect(found.toSorted()).toEqual(wanted(({ state }) => ITOP[state]));
  });

  it('left one annotation an incident, with its end: Grafana', () => {
    const found = world.grafana.annotations.map(({ tags }) => tags[2]!);
    expect(found.toSorted()).toEqual(ids.map(correlated).toSorted());
    for (const { tags, timeEnd } of world.grafana.annotations) {
      const incident = world.incidents.get(tags[2]!.replace('plimsoll-sim-', ''))!;
      if (!isOpen(incident)) expect([incident.id, timeEnd]).toEqual([incident.id, incident.resolvedAt]);
    }
  });

  it('said each message once in each tool', () => {
    const twice = (notes: readonly string[]): string[] => notes.filter((note, i) => notes.indexOf(note) !== i);
    const deliveries = world.jira.issues.flatMap(({ comments }) =>
      comments.map(
        ({ properties }) => (properties.find(({ key }) => key === 'plimsoll')!.value as { delivery: string }).delivery,
      ),
    );
    const marks = world.itop.tickets.flatMap(({ log }) => log.map((note) => /\((plimsoll-[^)]*)\)$/.exec(note)![1]!));
    expect([twice(deliveries), twice(marks)]).toEqual([[], []]);
  });
});
