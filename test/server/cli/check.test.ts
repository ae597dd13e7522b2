import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isBudgeted } from '../../../src/objectives/objective.ts';
import { promiseText, withoutBudgetText } from '../../../src/server/cli/check.ts';
import { detectionOf, detectionText, lengthText } from '../../../src/server/cli/detection.ts';
import { trafficOf } from '../../../src/server/cli/traffic.ts';
import { deployment, exchange, objective, service, World } from '../world.ts';

const bot = service('bot', { evaluations: { groundedness: { pass: 0.7 } } });
const availability = { service: 'bot', measure: { type: 'availability' }, target: 0.99 };
const OBJECTIVES = [
  objective('sequential', availability),
  objective('both', { ...availability, alert: { detector: 'both' } }),
  objective('rules', { ...availability, alert: { detector: 'burn_rate' } }),
  objective('grounded', { service: 'bot', measure: { type: 'accuracy', evaluation: 'groundedness' }, target: 0.95 }),
  objective('unrated', { service: 'bot', measure: { type: 'satisfaction' }, target: 0.8 }),
];

describe('what has no budget', () => {
  it('says what decides, or whose detectors open incidents', () => {
    const objectives = [
      ...OBJECTIVES,
      objective('drifting', { service: 'bot', measure: { type: 'drift', feature: 'duration' } }),
      objective('all', {
        service: 'bot',
        measure: { type: 'composite', of: ['sequential', 'unrated'], rule: 'worst' },
        target: 0.9,
      }),
    ];
    const configuration = { deployment: deployment('/no/such/store.db'), services: [bot], objectives };
    const lines = trafficOf(configuration)
      .objectives.filter((one) => !isBudgeted(one))
      .map(withoutBudgetText);
    expect(lines).toEqual([
      expect.stringMatching(
        /^decided by the drift detector, once its baseline .* is there; at most one false alarm in \d+ days/,
      ),
      'reported only: incidents are opened by the detectors of sequential, unrated',
    ]);
  });
});

describe('what is promised without a target in the file', () => {
  const objectives = [
    ...OBJECTIVES,
    objective('cheap', { service: 'bot', measure: { type: 'cost', perInteraction: 0.01 } }),
    objective('day', { service: 'bot', measure: { type: 'cost', perDay: 5 } }),
    objective('even', {
      service: 'bot',
      measure: { type: 'parity', of: 'sequential', dimension: 'agent', limit: 0.05 },
    }),
    objective('still', { service: 'bot', measure: { type: 'drift', feature: 'duration' } }),
    objective('answered', { service: 'bot', measure: { type: 'satisfaction', responseRate: true }, target: 0.05 }),
  ];
  const configuration = { deployment: deployment('/no/such/store.db'), services: [bot], objectives };
  const judged = new Map(trafficOf(configuration).objectives.map((one) => [one.name, one]));

  it('is said: the share that holds when none is written, or the limit', () => {
    const texts = ['cheap', 'day', 'even', 'still'].map((name) => promiseText(judged.get(name)!));
    expect(texts).toEqual(['0.99', 'at most 5 USD', 'at most 0.05', 'no target']);
  });

  it('is seen to be broken a day later where answers are waited for a day', () => {
    const answered = judged.get('answered')!;
    const { sequential, burnRate } = detectionOf(answered as Parameters<typeof detectionOf>[0], undefined);
    expect(sequential!.outage).toBeGreaterThan(1440);
    expect(burnRate.outage).toBeGreaterThan(1440);
  });
});

describe('what can be detected without any traffic', () => {
  const configuration = { deployment: deployment('/no/such/store.db'), services: [bot], objectives: OBJECTIVES };
  const { objectives, eventsPerMinute, fault } = trafficOf(configuration);
  const linesOf = (name: string): string[] => {
    const one = objectives.filter(isBudgeted).find((found) => found.name === name)!;
    return detectionText(one, detectionOf(one, eventsPerMinute.get(name)));
  };

  it('is said for ten interactions a minute, and that these are supposed', () => {
    expect(fault).toBeNull();
    expect(linesOf('sequential')[0]).toBe(
      'decided by the sequential test; at 10 rated interactions a minute, which is supposed: none were seen yet:',
    );
  });

  it('names an outage, a 10x and a 2x burn, beside what burn-rate rules would do', () => {
    const time = '(?:\\d+ (?:d|h|min) ?)+';
    const [, test, rules] = linesOf('sequential');
    expect(test).toMatch(
      new RegExp(
        `^ {2}sequential test: an outage in about 3 min, a 10x burn in about ${time}, a 2x burn in about ${time}; at most one false alarm in \\d+ days`,
      ),
    );
    expect(rules).toMatch(/^ {2}burn-rate rules would do: an outage in about 9 min, a 10x burn in about 3 h 22 min, /);
    expect(rules).toMatch(/false incidents? in 30 days of a service at half of its budget$/);
  });

  it('says which rules decide, and that burn-rate rules have no bound', () => {
    expect(linesOf('both')[0]).toMatch(/^decided by the sequential test and burn-rate rules;/);
    expect(linesOf('rules')[0]).toMatch(/^decided by burn-rate rules, outside of the budget of false incidents;/);
    expect(linesOf('rules')).toHaveLength(2);
  });

  it('leaves out burns that would be more than an outage', () => {
    expect(linesOf('unrated').join('\n')).not.toContain('10x');
  });
});

describe('what can be detected at the traffic seen', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start({ services: [bot], objectives: OBJECTIVES });
    const hour = world.now;
    // Four interactions a minute for three hours; every fourth is scored.
    const exchanges = Array.from({ length: 720 }, (_, i) => exchange('bot', hour + i * 15_000));
    world.now = hour + 3 * 3_600_000;
    await world.spans(exchanges);
    await world.rate(exchanges.filter((_, i) => i % 4 === 0).map((one) => ({ exchange: one, score: 0.9 })));
    await world.plimsoll.stop();
  });
  afterAll(() => world.end());

  it('each objective has the rate of what its own detector sees', () => {
    const { eventsPerMinute, fault } = trafficOf(world.configuration);
    expect(fault).toBeNull();
    expect(eventsPerMinute.get('sequential')).toBeCloseTo(4, 1);
    expect(eventsPerMinute.get('grounded')).toBeCloseTo(1, 1);
    expect(eventsPerMinute.has('unrated')).toBe(false);
  });

  it('less traffic takes longer', () => {
    const { objectives, eventsPerMinute } = trafficOf(world.configuration);
    const one = objectives.filter(isBudgeted).find(({ name }) => name === 'sequential')!;
    const seen = detectionOf(one, eventsPerMinute.get('sequential'));
    expect(seen.isSeen).toBe(true);
    expect(seen.sequential!.twofold!).toBeGreaterThan(detectionOf(one, 40).sequential!.twofold!);
    expect(detectionText(one, seen)[0]).toContain('at 4 rated interactions a minute, as seen in the last week:');
  });
});

it.each([
  [3, '3 min'],
  [72, '1 h 12 min'],
  [120, '2 h'],
  [3120, '2 d 4 h'],
  [1450, '1 d'],
])('%i minutes are %s', (minutes, expected) => {
  expect(lengthText(minutes)).toBe(expected);
});
