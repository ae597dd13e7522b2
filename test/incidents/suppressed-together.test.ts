import { expect, it } from 'vitest';
import { hushed, reassess } from '../../src/incidents/hush.ts';
import { move } from '../../src/incidents/lifecycle.ts';
import { consequenceOf } from '../../src/incidents/reported.ts';
import type { SuppressionSources } from '../../src/incidents/suppression.ts';
import type { Incident } from '../../src/model/incident.ts';
import { millisOfMinute } from '../../src/model/time.ts';
import { incidentWith } from '../incidents.ts';
import { changesOf, Followed, promise } from './followed.ts';

/** What keeps people from being told, and what else happens to an incident meanwhile. */
const T = 29_000_000;
const sourcesOf = ({ book }: Followed): SuppressionSources => ({
  silences: [],
  windowsOf: () => [],
  byId: (id) => book.byId(id),
});

/** A service and its upstream, which break in the same tick. */
async function outage(): Promise<{ followed: Followed; of: (service: string) => Incident; tell: () => void }> {
  const followed = new Followed([promise('up'), promise('gateway-up', { service: 'gateway' })], {
    upstreams: (service) => (service === 'bot' ? ['gateway'] : []),
  });
  let told = 0;
  const tell = (): void => {
    const written = followed.written.slice(told);
    told = followed.written.length;
    hushed(written, followed.book, sourcesOf(followed), millisOfMinute(T));
  };
  await followed.tick(
    ['up', 'gateway-up'].flatMap((objective) => changesOf({ objective, alarm: T, resolved: null })),
    T,
  );
  tell();
  return { followed, of: (name) => followed.incidents.find(({ service }) => service === name)!, tell };
}
const recovered = (objective: string, minute: number) =>
  changesOf({ objective, alarm: T, resolved: minute }).filter(({ change }) => change.type === 'ended');

it('a dependent found in the tick of its upstream has told nobody; still broken after it, it is told once', async () => {
  const { followed, of, tell } = await outage();
  expect(of('bot')).toMatchObject({ parent: of('gateway').id, withheld: 'opening' });
  await followed.tick(recovered('gateway-up', T + 20), T + 20);
  tell();
  expect(of('bot')).toMatchObject({ state: 'new', suppressedBy: [], withheld: null });
  expect(of('bot').timeline.at(-1)!.event).toBe('disclosed');
  reassess(followed.book, sourcesOf(followed), millisOfMinute(T + 21));
  expect(of('bot').timeline.filter(({ event }) => event === 'disclosed')).toHaveLength(1);
});

it('both over in one tick: the dependent was never told', async () => {
  const { followed, of, tell } = await outage();
  await followed.tick([...recovered('gateway-up', T + 20), ...recovered('up', T + 20)], T + 20);
  tell();
  expect(of('bot')).toMatchObject({ state: 'resolved', withheld: 'opening' });
});

it('its upstream cancelled by a person, it is told', async () => {
  const { followed, of } = await outage();
  const done = move(of('gateway'), { type: 'cancel', reason: 'a test' }, { kind: 'user', id: 'ada' }, 1);
  if (!done.illegal) followed.book.put(done.incident);
  reassess(followed.book, sourcesOf(followed), millisOfMinute(T + 2));
  expect(of('bot').timeline.at(-1)!.event).toBe('disclosed');
});

it('what may be a serious incident is not hidden by a silence of Alertmanager, nor by one of before it was known', () => {
  const now = incidentWith().openedAt;
  const report = { sink: 'am', tool: 'Alertmanager (am)', by: { kind: 'sink', id: 'am' }, at: null } as const;
  const act = {
    type: 'silence',
    silences: [{ id: 's', by: 'ada', comment: 'known', until: now + 3_600_000 }],
  } as const;
  const candidate = incidentWith({ flags: ['serious_candidate'] });
  expect(consequenceOf(candidate, act, report, now).kind).toBe('nothing');
  const done = consequenceOf(incidentWith(), act, report, now);
  if (done.kind !== 'reassessed') throw new Error(done.kind);
  expect(done.incident.suppressedBy).toHaveLength(1);
  const followed = new Followed([]);
  followed.book.put({ ...done.incident, withheld: 'news', flags: ['serious_candidate'] });
  reassess(followed.book, sourcesOf(followed), now);
  expect(followed.incidents[0]).toMatchObject({ suppressedBy: [], withheld: null });
  expect(consequenceOf(followed.incidents[0]!, act, report, now).kind).toBe('nothing');
});
