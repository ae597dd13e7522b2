import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hostOf, sliceOverlap } from '../../src/incidents/correlation.ts';
import type { GuiltySlice, SuspectChange } from '../../src/model/incident.ts';
import { millisOfMinute } from '../../src/model/time.ts';
import { incidentWith } from '../incidents.ts';
import { changesOf, Followed, promise, type Signal } from './followed.ts';

const AT = 30_000_000;

const slice = (name: string, explanatoryPower = 0.9): GuiltySlice => ({
  name,
  dimension: name.split('=')[0]!,
  value: name.split('=')[1]!,
  explanatoryPower,
  n: 100,
  bad: 50,
  share: 0.5,
  baselineShare: 0.01,
});
const change = (more: Partial<SuspectChange> = {}): SuspectChange => ({
  id: 'CHG-1',
  type: 'prompt',
  before: '7',
  after: '8',
  at: millisOfMinute(AT - 10),
  origin: 'declared',
  ...more,
});

const run = async (signals: readonly Signal[], ...more: ConstructorParameters<typeof Followed>) => {
  const followed = new Followed(...more);
  await followed.tick(signals.flatMap(changesOf), AT + 10_000);
  return followed.incidents;
};
const broken = (objective: string, alarm: number, resolved: number | null = null): Signal => ({
  objective,
  alarm: AT + alarm,
  resolved: resolved === null ? null : AT + resolved,
});

describe('a breach joins', () => {
  const up = promise('up');
  const fast = promise('fast', { category: 'ai.availability.latency' });
  const grounded = promise('grounded', { category: 'ai.hallucination.ungrounded' });
  const cheap = promise('cheap', { category: 'ai.cost.budget_burn' });
  const safe = promise('safe', { category: 'ai.privacy.pii_output' });

  it('the incident of its family, and another family opens its own', async () => {
    const incidents = await run([broken('up', 0), broken('fast', 40), broken('grounded', 50)], [up, fast, grounded]);
    expect(incidents.map(({ breaches }) => breaches.map(({ objective }) => objective))).toEqual([
      ['up', 'fast'],
      ['grounded'],
    ]);
  });

  it('one that was found within a quarter of an hour and has recovered since: that is opened again', async () => {
    const soon = await run([broken('up', 0, 10), broken('fast', 14)], [up, fast]);
    expect(soon).toMatchObject([{ state: 'in_progress', breaches: [{ objective: 'up' }, { objective: 'fast' }] }]);
    expect(await run([broken('up', 0, 10), broken('fast', 17)], [up, fast])).toMatchObject([
      { state: 'resolved' },
      { state: 'new' },
    ]);
  });

  it('the incident of the same change, also of another family', async () => {
    const found = () => ({ changes: [change()] });
    expect(await run([broken('grounded', 0), broken('cheap', 20)], [grounded, cheap], { found })).toHaveLength(1);
    const other = ({ name }: { name: string }) => ({ changes: [change({ id: `CHG-${name}` })] });
    expect(await run([broken('grounded', 0), broken('cheap', 20)], [grounded, cheap], { found: other })).toHaveLength(
      2,
    );
  });

  it('that of a change within the watch window, when its guiltiest slice is the new version', async () => {
    const found = ({ name }: { name: string }) =>
      name === 'grounded' ? { changes: [change()] } : { slices: [slice('prompt_version=8')] };
    const late = (minutes: number) =>
      run([broken('grounded', 0), broken('cheap', minutes)], [grounded, cheap], { found });
    expect(await late(23 * 60)).toHaveLength(1);
    expect(await late(25 * 60)).toHaveLength(2);
  });

  it('that of the same guilty slice', async () => {
    const found = ({ name }: { name: string }) => ({
      slices: [
        slice('tenant=acme', name === 'cheap' ? 0.7 : 0.9),
        ...(name === 'cheap' ? [slice('agent=a', 0.1)] : []),
      ],
    });
    expect(await run([broken('grounded', 0), broken('cheap', 20)], [grounded, cheap], { found })).toHaveLength(1);
  });

  it('never privacy into availability, whatever the change: they are linked, both ways', async () => {
    const found = () => ({ changes: [change()], slices: [slice('prompt_version=8')] });
    for (const signals of [
      [broken('up', 0), broken('safe', 5)],
      [broken('safe', 0), broken('up', 5)],
    ])
      expect(await run(signals, [up, safe], { found })).toMatchObject([
        { id: 'INC-1', related: ['INC-2'], breaches: { length: 1 } },
        { id: 'INC-2', related: ['INC-1'], breaches: { length: 1 } },
      ]);
  });

  it('never across support groups: they are linked', async () => {
    const groups = ({ name }: { name: string }) => (name === 'up' ? 'platform' : 'speech');
    expect(await run([broken('up', 0), broken('fast', 5)], [up, fast], { groups })).toMatchObject([
      { supportGroup: 'platform', related: ['INC-2'] },
      { supportGroup: 'speech', related: ['INC-1'] },
    ]);
  });

  it('not what a person has ended', () => {
    const ended = incidentWith({
      state: 'resolved',
      closeCode: 'solution_provided',
      timeline: [{ at: 0, by: { kind: 'user', id: 'dana' }, event: 'resolved', text: 'done' }],
    });
    const { service, environment, supportGroup, category, startedAt, detectedAt, slices, changes } = ended;
    const same = { service, environment, supportGroup, category, startedAt, detectedAt, slices, changes };
    expect(hostOf([ended], same).host).toBeNull();
    expect(hostOf([{ ...ended, state: 'new' }], same).host?.id).toBe(ended.id);
  });
});

it('what two lists of guilty parts share is theirs alone, the same seen from either, and all of it for the same list', () => {
  const parts = fc
    .uniqueArray(
      fc.tuple(fc.constantFrom('a=1', 'a=2', 'b=1', 'c=1'), fc.double({ min: 0.1, max: 1.2, noNaN: true })),
      {
        selector: ([name]) => name,
        maxLength: 4,
      },
    )
    .map((list) => list.map(([name, power]) => slice(name, power)));
  fc.assert(
    fc.property(parts, parts, (a, b) => {
      const overlap = sliceOverlap(a, b);
      expect(overlap).toBeCloseTo(sliceOverlap(b, a), 12);
      expect(overlap).toBeGreaterThanOrEqual(0);
      expect(overlap).toBeLessThanOrEqual(1);
      expect(sliceOverlap(a, a)).toBe(a.length === 0 ? 0 : 1);
    }),
  );
});

describe('an incident follows from that of its upstream', () => {
  const of = (service: string, more: object = {}) => promise(`${service}-up`, { service, ...more });
  const objectives = ['gateway', 'search', 'chat'].map((name) => of(name));
  const line: Record<string, string[]> = { chat: ['search'], search: ['gateway', 'openai'] };
  const circle: Record<string, string[]> = { ...line, gateway: ['chat'] };
  const parents = async (signals: readonly Signal[], more = objectives, edges = line) => {
    const upstreams = (service: string): string[] => edges[service] ?? [];
    const incidents = await run(signals, more, { upstreams });
    return Object.fromEntries(incidents.map(({ service, parent }) => [service, parent]));
  };

  it('whichever is found first, the nearest that is open', async () => {
    expect(await parents([broken('search-up', 0), broken('chat-up', 4)])).toEqual({ search: null, chat: 'INC-1' });
    expect(await parents([broken('chat-up', 0), broken('search-up', 4)])).toEqual({ chat: 'INC-2', search: null });
    expect(await parents([broken('search-up', 0, 3), broken('chat-up', 4)])).toEqual({ search: null, chat: null });
  });

  it('through services that are well themselves', async () => {
    expect(await parents([broken('gateway-up', 0), broken('chat-up', 4)])).toEqual({ gateway: null, chat: 'INC-1' });
  });

  it('in no circle, where services depend on each other: the first one follows from none', async () => {
    const all = await parents(
      [broken('gateway-up', 0), broken('search-up', 1), broken('chat-up', 2)],
      objectives,
      circle,
    );
    expect(all).toEqual({ gateway: null, search: 'INC-1', chat: 'INC-2' });
    const other = await parents([broken('chat-up', 0), broken('search-up', 4)], objectives, circle);
    expect(other).toEqual({ chat: null, search: 'INC-1' });
  });

  it('in the same environment, and only what follows from an outage', async () => {
    const staging = objectives.with(0, of('gateway', { environment: 'staging' }));
    expect(await parents([broken('gateway-up', 0), broken('search-up', 1)], staging)).toEqual({
      gateway: null,
      search: null,
    });
    const leaking = objectives.with(1, of('search', { category: 'ai.privacy.pii_output' }));
    expect(await parents([broken('gateway-up', 0), broken('search-up', 1)], leaking)).toEqual({
      gateway: null,
      search: null,
    });
    const dear = objectives.with(0, of('gateway', { category: 'ai.cost.budget_burn' }));
    expect(await parents([broken('gateway-up', 0), broken('search-up', 1)], dear)).toEqual({
      gateway: null,
      search: null,
    });
  });
});

describe('the same signals', () => {
  const SERVICES = ['a', 'b', 'c'];
  const CATEGORIES = [
    'ai.availability.error_rate',
    'ai.hallucination.ungrounded',
    'ai.privacy.pii_output',
    'ai.cost.budget_burn',
  ];
  const objectives = SERVICES.flatMap((service) =>
    CATEGORIES.map((category, i) => promise(`${service}-${i}`, { service, category, kind: i === 1 ? 'XLA' : 'SLO' })),
  );
  const options = {
    upstreams: (service: string): string[] => ({ a: ['b'], b: ['c'], c: ['a'] })[service] ?? [],
    groups: ({ name }: { name: string }) => (name.endsWith('3') ? 'money' : 'platform'),
    found: ({ name }: { name: string }) => ({
      changes: name.startsWith('a') ? [change({ at: millisOfMinute(AT) })] : [],
      slices: name.startsWith('b') ? [slice('tenant=acme')] : [],
    }),
  };

  /** Breaches of some promises, none of which overlaps another of its own. */
  const signals = fc
    .array(
      fc.record({
        objective: fc.constantFrom(...objectives.map(({ name }) => name)),
        gap: fc.integer({ min: 1, max: 90 }),
        length: fc.integer({ min: 1, max: 60 }),
      }),
      { minLength: 1, maxLength: 25 },
    )
    .map((list) => {
      const ends = new Map<string, number>();
      return list.map(({ objective, gap, length }): Signal => {
        const alarm = (ends.get(objective) ?? AT) + gap;
        ends.set(objective, alarm + length);
        return { objective, alarm, resolved: alarm + length };
      });
    });

  it('are grouped the same, in whatever order they come and however many minutes are judged at once', async () => {
    await fc.assert(
      fc.asyncProperty(
        signals.chain((list) => {
          const changes = list.flatMap(changesOf);
          return fc.record({
            changes: fc.constant(changes),
            shuffled: fc.shuffledSubarray(changes, { minLength: changes.length }),
            cuts: fc.array(fc.integer({ min: 1, max: 600 }), { maxLength: 6 }),
          });
        }),
        async ({ changes, shuffled, cuts }) => {
          const last = Math.max(...changes.map((one) => one.change.minute)) + 10;
          const atOnce = new Followed(objectives, options);
          await atOnce.tick(changes, last);
          const inPieces = new Followed(objectives, options);
          let from = 0;
          for (const to of [...new Set(cuts.map((cut) => AT + cut).filter((cut) => cut < last))]
            .sort((a, b) => a - b)
            .concat(last)) {
            await inPieces.tick(
              shuffled.filter((one) => one.change.minute > from && one.change.minute <= to),
              to,
            );
            from = to;
          }
          expect(inPieces.grouping).toEqual(atOnce.grouping);
        },
      ),
      { numRuns: 150 },
    );
  });
});
