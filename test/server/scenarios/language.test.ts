import { describe, expect, it } from 'vitest';
import { formatProblems } from '../../../src/server/config/problem.ts';
import { parseScenarios } from '../../../src/server/scenarios/parse.ts';

/** The messages for the lines of one scenario. */
const wrong = (...lines: readonly string[]): string[] => {
  const result = parseScenarios('s.txt', ['scenario s', ...lines].join('\n'));
  return result.ok ? [] : formatProblems(result.problems).split('\n');
};
const AVAILABILITY = 'objective availability 99.9%';
const read = (...lines: readonly string[]) => {
  const result = parseScenarios('s.txt', ['scenario s', ...lines].join('\n'));
  if (!result.ok) throw new Error(formatProblems(result.problems));
  return result.scenarios[0]!;
};

describe('what a scenario says', () => {
  it('traffic of minutes, with what they bring', () => {
    const { traffic } = read(
      'objective a: availability 99.9%',
      'objective l: latency within 4s 95%',
      'objective e: evaluation groundedness >= 0.7 90%',
      'objective s: satisfaction 80%',
      'objective c: label correct 97%',
      'minutes 0..2h 1_000 ok 3 failed as timeout 20 slow 5 ok in 800ms, arrives 2h late',
      'minute 7 40 scored 0.9 after 10m 3 labelled false 5 thumbs up after 1h 2 rated 4 stars, sampled 1 in 4  # a comment',
    );
    expect(traffic[0]).toMatchObject({ from: 0, to: 120, arrives: { lateMinutes: 120 }, weight: 1 });
    expect(traffic[0]!.items).toEqual([
      { type: 'answers', count: 1000, durationMs: 500, failure: null },
      { type: 'answers', count: 3, durationMs: 500, failure: 'timeout' },
      { type: 'answers', count: 20, durationMs: 8000, failure: null },
      { type: 'answers', count: 5, durationMs: 800, failure: null },
    ]);
    expect(traffic[1]).toMatchObject({ from: 7, to: 7, weight: 4 });
    expect(traffic[1]!.items).toMatchObject([
      { count: 40, afterMinutes: 10, rating: { type: 'evaluation', name: 'groundedness', score: 0.9 } },
      { count: 3, afterMinutes: 0, rating: { type: 'label', name: 'correct', value: false } },
      { count: 5, afterMinutes: 60, rating: { type: 'feedback', kind: 'thumbs', value: 'up' } },
      { count: 2, rating: { type: 'feedback', kind: 'stars', value: 4 } },
    ]);
  });

  it('objectives in words, as in a file, and what they leave out', () => {
    const { objectives } = read(
      'objective availability 99.9% over 30d, page at 14.4x over 60m and 5m',
      'objective quick: latency 4s 95% of shop over month, by both, no page, kind XLA',
      'objective inline: {measure: {type: availability, exclude: [client]}, target: 0.995, alert: {page: false}}',
    );
    expect(objectives[0]).toMatchObject({
      name: 'availability',
      service: 'service',
      target: { share: 0.999 },
      window: { type: 'rolling', ms: 30 * 86_400_000 },
      alert: { detector: 'burn_rate', page: true },
    });
    expect(objectives[1]).toMatchObject({
      name: 'quick',
      service: 'shop',
      kind: 'XLA',
      measure: { thresholdMs: 4000 },
      window: { type: 'calendar', unit: 'month' },
      alert: { detector: 'both', page: false },
    });
    expect(objectives[2]).toMatchObject({ measure: { exclude: ['client'] }, target: { share: 0.995 } });
  });

  it('several ticks in one line', () => {
    const { expectations } = read(
      AVAILABILITY,
      'tick 57 met   tick 1h breached, opens incident  ticks 2..4 no incident',
    );
    expect(expectations.map(({ from, to, wants }) => [from, to, wants.map(({ text }) => text)])).toEqual([
      [57, 57, ['met']],
      [60, 60, ['breached', 'opens incident']],
      [2, 4, ['no incident']],
    ]);
  });
});

describe('what is not of the language is told with its place and what was expected', () => {
  it.each([
    [[AVAILABILITY, 'minuts 0..9 5 ok'], 's.txt:3:1  expected a statement, found "minuts" (did you mean "minutes"?)'],
    [
      [AVAILABILITY, 'minutes 0..9 5 faild'],
      's.txt:3:16  expected what these were, found "faild" (did you mean "failed"?)',
    ],
    [
      [AVAILABILITY, 'minutes 9..0 5 ok'],
      's.txt:3:9  expected minutes that end after they begin, found "9..0" (write 0..9)',
    ],
    [
      [AVAILABILITY, 'minutes 0..9'],
      's.txt:3:13  expected what happened in these minutes, like 100 ok 3 failed, found nothing',
    ],
    [
      [AVAILABILITY, 'minutes 0..9 5 slow'],
      's.txt:3:20  no objective has a limit of time, so nothing says what slow is, found nothing (write 20 slow in 10s)',
    ],
    [
      [AVAILABILITY, 'minutes 0..9 5 failed as timeot'],
      's.txt:3:26  expected a class of errors, found "timeot" (did you mean "timeout"?)',
    ],
    [[AVAILABILITY, 'minutes 0..9 5 scored 0.3'], 's.txt:3:26  no objective is about an evaluation, found nothing'],
    [
      [AVAILABILITY, 'minutes 0..9 5 ok, arrives at 7'],
      's.txt:3:32  it arrives before it is over: minute 9 is judged in tick 10, found nothing',
    ],
    [
      [AVAILABILITY, 'tick 5 breeched'],
      's.txt:3:8  expected what holds or happens then, found "breeched" (did you mean "breached"?)',
    ],
    [[AVAILABILITY, 'tick five met'], 's.txt:3:6  expected ticks like 58, 55..59 or 0..2d, found "five"'],
    [
      ['objective availabilty 99%'],
      's.txt:2:11  expected a measure, found "availabilty" (did you mean "availability"?)',
    ],
    [['objective availability 0.999'], 's.txt:2:24  expected the share that is promised, like 99.9%, found "0.999"'],
    [['objective availability 30%'], 'target: a target is at least 0.5'],
    [
      ['objective availability 99.9%, page at 14.4x over 60m and 5m'],
      'a window of 28 days has no such tier, found "14.4x" (say the window first (over 30d); its tiers are 13.44x over 60m and 5m;',
    ],
    [
      ['objective a: availability 99%', 'objective b: satisfaction 80%', 'tick 5 met'],
      'expected whose verdict is meant, found "met" (write a: before it)',
    ],
    [['objective x from nowhere.yaml'], "nowhere.yaml can't be used: there is no such file"],
    [[], 's.txt:1:10  this scenario has no objective, found "s" (write objective availability 99.9%)'],
  ])('%j', (lines, message) => {
    const messages = wrong(...lines);
    expect(messages.join('\n')).toContain(message);
    for (const one of messages) expect(one).toMatch(/ {2}\[PLIM_SCENARIO_SYNTAX\]$/);
  });

  it('an objective that can not be read is one mistake, not also none at all', () => {
    expect(wrong('objective availabilty 99%', 'minutes 0..5 1 ok', 'tick 5 met')).toHaveLength(1);
  });

  it('all mistakes at once', () => {
    expect(wrong(AVAILABILITY, 'minutes 0..9 5 faild', 'tick x met', 'nonsense')).toHaveLength(3);
  });

  it('a file without a scenario, and statements before the first', () => {
    expect(parseScenarios('s.txt', '# nothing\n')).toMatchObject({ ok: false });
    const result = parseScenarios('s.txt', 'minutes 0..9 5 ok\n');
    expect(result.ok ? '' : result.problems[0]!.message).toContain('a file begins with "scenario"');
  });
});
