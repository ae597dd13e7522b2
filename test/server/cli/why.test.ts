import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { storedObjectives } from '../../../src/server/cli/traffic.ts';
import { whyCommand } from '../../../src/server/cli/why.ts';
import { whyText } from '../../../src/server/why/text.ts';
import { type Why, whyOf } from '../../../src/server/why/why.ts';
import { openReader } from '../../../src/store/sqlite/reader.ts';
import { Traffic } from '../../scenarios/traffic.ts';
import { objective, service, World } from '../world.ts';

const START = Date.parse('2026-11-18T00:00:00Z');
const MINUTE = 60_000;

describe('why did it not page?', () => {
  let world: World;
  let now: number;
  beforeAll(async () => {
    world = await World.start({
      now: START,
      services: [service('bot'), service('quiet')],
      objectives: [
        objective('up', { service: 'bot', measure: { type: 'availability' }, target: 0.99, alert: { page: false } }),
        objective('burn', {
          service: 'bot',
          measure: { type: 'availability' },
          target: 0.99,
          alert: { detector: 'burn_rate' },
        }),
        objective('moved', { service: 'bot', measure: { type: 'drift', feature: 'duration' } }),
        objective('both', {
          service: 'bot',
          measure: { type: 'composite', of: ['up', 'burn'], rule: 'worst' },
          target: 0.9,
        }),
        objective('silent', { service: 'quiet', measure: { type: 'availability' }, target: 0.99 }),
      ],
    });
    const traffic = new Traffic(world, 'bot', START);
    await traffic.pass(300);
    await traffic.judge();
    // A minute that is bad, but not bad enough; later an outage; then silence.
    await traffic.live(1, { failed: 6 });
    await traffic.live(59);
    await traffic.live(12, { failed: 20 });
    await traffic.live(60);
    await traffic.silence(90);
    now = world.now;
    await world.plimsoll.stop();
  });
  afterAll(() => world.end());

  const why = (name: string, minute: number, later = now): Why => {
    const reader = openReader(world.file);
    try {
      const one = storedObjectives(world.configuration, reader).find((found) => found.name === name)!;
      return whyOf({ reader, objective: one, at: START + minute * MINUTE, now: later, graceMs: 15_000 });
    } finally {
      reader.close();
    }
  };
  const textOf = (name: string, minute: number, later = now): string =>
    whyText(why(name, minute, later), { sinks: [], graceMs: 15_000 })
      .join('\n')
      .replaceAll(/\s+/g, ' ');

  it('because drift has no baseline yet, or because others open the incidents', () => {
    expect(textOf('moved', 300)).toMatch(
      /^moved: drift of bot; as of .* Nothing can be found yet: the baseline is being taken: day 1 of at least 7, \d+ of 20000 events\./,
    );
    expect(textOf('both', 300)).toMatch(
      /It is reported only, and never breached: incidents are opened by the detectors of up, burn; ask about those\.$/,
    );
  });

  it('because the evidence was not enough: how far it came, and what was missing', () => {
    const one = why('up', 300);
    expect(one).toMatchObject({ isBreached: false, isJudged: true, incident: null, lastMinutes: { n: 100, bad: 6 } });
    expect(one.evidence!.now).toBeGreaterThan(0.1);
    expect(one.evidence!.now).toBeLessThan(1);
    expect(one.evidence!.peakMinute).toBe(START / MINUTE + 300);
    const text = textOf('up', 300);
    expect(text).toMatch(
      /What was missing: time\. If the last 5 minutes go on \(6x what is allowed\), the alarm comes in about \d+ min\./,
    );
    expect(text).toMatch(/It was not breached: the evidence had come \d+ % of the way to an alarm\./);
    expect(text).toContain('last 5 minutes 100 6 6x 5 of 5');
    expect(text).toContain('that needs 1,000 minutes with 20 bad events in the days before, it has');
    expect(why('up', 350).evidence!.peak).toBe(one.evidence!.now);
    expect(textOf('up', 350)).toMatch(/The most in the day before was \d+ %, at 2026-11-18 05:00\./);
    expect(textOf('up', 290)).toContain('What was missing: bad events. In the last hour 0 % were bad, 1 % may be.');
  });

  it('because nobody is to be woken by it: the incident is there all the same', () => {
    const one = why('up', 371);
    expect(one).toMatchObject({ isBreached: true, incident: { id: 'INC-1' } });
    const text = textOf('up', 371);
    expect(text).toContain('It was breached.');
    expect(text).toMatch(/INC-1 \(new, P\d\) is of that time: began 2026-11-18 \d\d:\d\d, found/);
    expect(textOf('burn', 300)).toContain('At the time asked about it had not been found yet');
    expect(text).toContain('No sink is configured: nobody is told of incidents.');
  });

  it('because another objective had opened the incident already', () => {
    const text = `${textOf('up', 371)} ${textOf('burn', 371)}`;
    expect(text).toMatch(/It was opened by (up|burn); this objective joined it/);
  });

  it('because its burn-rate tiers were not reached in both windows', () => {
    const one = why('burn', 300);
    expect(one.evidence).toBeNull();
    expect(one.tiers).toHaveLength(4);
    const text = textOf('burn', 300);
    expect(text).toContain('no burn-rate tier fired in both its windows');
    expect(text).toMatch(/burn-rate tier fires above long window short window 1 13x/);
  });

  it('because nothing came: silence is no evidence', () => {
    expect(textOf('silent', 300)).toContain('nothing was counted in the day before');
    expect(textOf('up', 520)).toMatch(/Nothing was counted for 1 h 2\d min: silence is no evidence/);
  });

  it('because the minute was not judged yet', () => {
    expect(why('up', 360, START + 361 * MINUTE + 5000).minute).toBe(START / MINUTE + 359);
    expect(textOf('up', 360, START + 361 * MINUTE + 5000)).toContain(
      '2026-11-18 06:00 is not judged yet: a minute is judged 15 s after its end (judge.grace).',
    );
  });

  it('lines fit into 100 columns', () => {
    for (const name of ['up', 'burn', 'silent'])
      for (const minute of [300, 371, 520])
        for (const line of whyText(why(name, minute), { sinks: ['ops'], graceMs: 15_000 }))
          expect(line.length).toBeLessThanOrEqual(100);
  });

  it('a service is all of its objectives; an unknown name is told the nearest', () => {
    const [out, err] = [vi.spyOn(console, 'log'), vi.spyOn(console, 'error')].map((spy) =>
      spy.mockImplementation(() => {}),
    );
    const ask = (name: string, json: boolean): number =>
      whyCommand({ configuration: world.configuration, name, at: START + 300 * MINUTE, now, json });
    expect(ask('bot', true)).toBe(0);
    expect(JSON.parse(String(out!.mock.calls[0]![0])).objectives).toMatchObject([
      { objective: 'up', isBreached: false, judgedThrough: '2026-11-18T05:01:00.000Z' },
      { objective: 'burn', evidence: null },
      { objective: 'moved', evidence: { now: 0, page: null } },
      { objective: 'both', evidence: null },
    ]);
    expect(ask('bpt', false)).toBe(2);
    expect(String(err!.mock.calls[0]![0])).toMatch(/did you mean "bot"\?.*PLIM_CHECK_UNKNOWN_NAME/);
    vi.restoreAllMocks();
  });
});
