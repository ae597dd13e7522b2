import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { RatingTable } from '../../src/store/sqlite/ratings.ts';
import { sampleValue } from './metrics/exposition.ts';
import { exchange, service, World } from './world.ts';

const NOW = Date.parse('2026-11-20T12:00:00Z');
const DAY = 86_400_000;
const known = exchange('bot', NOW - 60_000);
const late = exchange('bot', NOW - 30_000);
const traceId = (digit: string): string => digit.repeat(32);

interface Finding {
  readonly kind: string;
}

describe('feedback that finds no interaction', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start({ now: NOW, services: [service('bot', { owner: { name: 'Dana' } })] });
    await world.spans([known]);
    const thumb = { kind: 'thumbs', value: 'up' };
    await world.post('/feedback', {
      feedback: [
        { ...thumb, traceId: known.traceId },
        { ...thumb, traceId: late.traceId },
        { ...thumb, traceId: traceId('a'), service: 'bot' },
        { ...thumb, responseId: 'resp-1', service: 'bot' },
        { ...thumb, id: 'click-1', traceId: traceId('b') },
      ],
    });
    await world.post('/labels', {
      labels: [{ interactionId: 'turn-1', name: 'correct', value: true, source: 'team', service: 'no-such-bot' }],
    });
  });
  afterAll(() => world.end());

  const unmatched = async (path: string): Promise<Finding[]> =>
    (await world.get<{ findings: Finding[] }>(path)).findings.filter(({ kind }) => kind === 'feedback_unmatched');
  async function metrics(): Promise<(name: string, labels: Record<string, string>) => number> {
    const page = await (await fetch(`${world.plimsoll.addresses.http}/metrics`)).text();
    return (name, labels) => sampleValue(page, `plimsoll_ratings_${name}`, labels);
  }

  it('is shown under its trace while it waits, and says that it is not joined', async () => {
    expect((await world.get(`/interactions/${late.traceId}`))['feedback']).toMatchObject([
      { traceId: late.traceId, kind: 'thumbs', value: 'up', joined: false },
    ]);
    expect((await world.get(`/interactions/${known.traceId}`))['feedback']).toMatchObject([{ joined: true }]);
    await world.spans([late]);
    expect((await world.get(`/interactions/${late.traceId}`))['feedback']).toMatchObject([{ joined: true }]);
  });

  it('is counted as waiting, and is no finding yet', async () => {
    const value = await metrics();
    expect(value('joined_total', { signal: 'feedback' })).toBe(2);
    expect(value('unjoined', { signal: 'feedback', state: 'waiting' })).toBe(3);
    expect(value('unjoined', { signal: 'label', state: 'waiting' })).toBe(1);
    expect(value('unjoined', { signal: 'feedback', state: 'unmatched' })).toBe(0);
    expect(await unmatched('/services/bot')).toEqual([]);
    expect(await unmatched('/deployment')).toEqual([]);
  });

  it('after seven days is a finding on the service that it names, with ids and what to do; also after a restart', async () => {
    world.now = NOW + 7 * DAY + 120_000;
    await world.restart();
    expect(await unmatched('/services/bot')).toEqual([
      {
        kind: 'feedback_unmatched',
        since: '2026-11-20T12:00:00.000Z',
        detail: expect.stringMatching(
          /^2 ratings have found no interaction within 7 d, .*with responseId resp-1\. What to do: /,
        ),
        evidence: { count: 2, examples: [{ responseId: 'resp-1' }, { traceId: traceId('a') }] },
      },
    ]);
  });

  it('is a finding on the deployment when it names no service that is known', async () => {
    expect(await unmatched('/deployment')).toMatchObject([
      { evidence: { count: 2, examples: [{ id: 'click-1', traceId: traceId('b') }, { interactionId: 'turn-1' }] } },
    ]);
  });

  it('is counted as unmatched, and waits no more', async () => {
    const value = await metrics();
    expect(value('unjoined', { signal: 'feedback', state: 'waiting' })).toBe(0);
    expect(value('unjoined', { signal: 'feedback', state: 'unmatched' })).toBe(3);
    expect(value('unjoined', { signal: 'label', state: 'unmatched' })).toBe(1);
  });

  it('is let go by a process that goes on running, too', async () => {
    await world.post('/feedback', { feedback: [{ kind: 'stars', value: 1, traceId: traceId('c') }] });
    world.now += 7 * DAY + 3_600_000;
    // The writer lets go of it behind the settlement that a tick asks for: a later tick hears of it.
    const unjoined = async () => {
      await world.plimsoll.tick();
      return (await metrics())('unjoined', { signal: 'feedback', state: 'unmatched' });
    };
    await expect.poll(unjoined).toBe(4);
    expect(await unmatched('/deployment')).toMatchObject([{ evidence: { count: 3 } }]);
  });

  it('names examples of a few services, however many senders make up', async () => {
    const feedback = Array.from({ length: 40 }, (_, i) => ({
      kind: 'thumbs',
      value: 'up',
      traceId: traceId('d'),
      service: `made-up-${i}`,
    }));
    await world.post('/feedback', { feedback });
    world.now += 7 * DAY + 3_600_000;
    const read = vi.spyOn(RatingTable.prototype, 'newestUnjoined');
    expect(await unmatched('/services/bot')).toHaveLength(1);
    expect(await unmatched('/services/bot')).toHaveLength(1);
    expect(read).toHaveBeenCalledTimes(1);
    expect(await unmatched('/deployment')).toMatchObject([
      { evidence: { count: 43, examples: expect.toSatisfy((examples: unknown[]) => examples.length === 5) } },
    ]);
    expect(read.mock.calls.length).toBeLessThan(7);
    read.mockRestore();
  });
});
