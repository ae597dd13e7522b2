import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isBudgeted } from '../../../src/objectives/objective.ts';
import { promiseText } from '../../../src/server/cli/check.ts';
import { type Detection, detectionOf, lengthText } from '../../../src/server/cli/detection.ts';
import { budgetText, detectionText } from '../../../src/server/cli/detection-text.ts';
import { trafficOf } from '../../../src/server/cli/traffic.ts';
import { withoutBudgetOf, withoutBudgetText } from '../../../src/server/cli/without-budget.ts';
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

const part = { state: 'unknown' } as const;
const settings = { eventsPerMinute: undefined, eventPart: part, falseIncidentsPer30Days: 1 };

describe('what has no budget', () => {
  it('says what decides and what it takes, or whose detectors open incidents', () => {
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
    const seen = { state: null, falseIncidentsPer30Days: 1 };
    const textOf = (eventsPerMinute: number | undefined): string[] =>
      trafficOf(configuration).objectives.flatMap((one) => {
        const without = withoutBudgetOf(one, { ...seen, eventsPerMinute });
        return without === null ? [] : [withoutBudgetText(without).join(' ')];
      });
    expect(textOf(undefined)).toEqual([
      expect.stringMatching(
        /^Its baseline takes 7 days and 20,000 events: none were seen yet\. Decided by the drift detector: .* PSI of about 0\.1 .* It takes \d+ % of the budget of false incidents: at most one false alarm in \d+ days/,
      ),
      'Reported only: incidents are opened by the detectors of sequential, unrated.',
    ]);
    expect(textOf(1)[0]).toContain('At 1 events a minute (as seen in the last week) that is about 13 d');
  });

  it('a drift detector shares the budget of false incidents', () => {
    const drifting = { objective: 'd', decides: 'drift', incidentsBy: null, guarantee: '' } as const;
    const one = { ...drifting, budgetShare: 0.5, eventsPerMinute: null, toleratedPsi: 0.1, baseline: null };
    expect(budgetText(1, [], [one]).join(' ')).toContain('shared by 0 sequential tests and 1 drift detector.');
  });

  it('of scores it is the mean that is told', () => {
    const scored = objective('relevant', {
      service: 'bot',
      measure: { type: 'relevance', evaluation: 'groundedness' },
      target: 0.8,
    });
    const configuration = { deployment: deployment('/no/such/store.db'), services: [bot], objectives: [scored] };
    const one = trafficOf(configuration).objectives.find(isBudgeted)!;
    expect(detectionText(one.q0, detectionOf(one, settings)).join(' ')).toMatch(
      /the mean loss .* The smallest change found within a day: 1\.\dx what is allowed, a mean of 0\.7\d*\./,
    );
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
    const { sequential, burnRate } = detectionOf(answered as Parameters<typeof detectionOf>[0], settings);
    expect(sequential!.outage).toBeGreaterThan(1440);
    expect(burnRate.outage).toBeGreaterThan(1440);
  });
});

describe('what can be detected without any traffic', () => {
  const configuration = { deployment: deployment('/no/such/store.db'), services: [bot], objectives: OBJECTIVES };
  const { objectives: all, fault, states } = trafficOf(configuration);
  const objectives = all.filter(isBudgeted);
  const detectionNamed = (name: string, more: object = {}): Detection =>
    detectionOf(objectives.find((found) => found.name === name)!, { ...settings, ...more });
  const linesOf = (name: string, more: object = {}): string[] => {
    const one = objectives.find((found) => found.name === name)!;
    return detectionText(one.q0, detectionNamed(name, more));
  };

  it('is said for ten interactions a minute, and that these are supposed', () => {
    expect(fault).toBeNull();
    expect(states.size).toBe(0);
    expect(linesOf('sequential')[0]).toBe(
      'At 10 rated interactions a minute (supposed: none were seen yet) this is found after about:',
    );
  });

  it('names an outage, a 10x and a 2x burn, beside what burn-rate rules would do', () => {
    const [, head, test, byMinutes, rules] = linesOf('sequential');
    expect(head).toMatch(/^ +an outage +a 10x burn +a 2x burn +false in 30 days$/);
    expect(test).toMatch(/^ {2}sequential test +3 min +\d+ min +(\d+ (d|h|min) ?)+ +at most 0\.\d+$/);
    expect(byMinutes).toMatch(/^ {4}by minutes alone, as now +\d+ min +\d+ min +(\d+ (d|h|min) ?)+ +the same$/);
    expect(rules).toMatch(/^ {2}burn-rate rules, if used +9 min +3 h 22 min +.*(about \d+|none seen) \*$/);
  });

  it('says the smallest change found within a day, and what it takes of the budget of false incidents', () => {
    const text = linesOf('sequential').join(' ');
    expect(text).toMatch(/The smallest change found within a day: 1\.\dx what is allowed, 1\.\d % bad\./);
    expect(text).toMatch(/It takes \d+ % of the budget of false incidents: at most one false alarm in \d+ days/);
    expect(linesOf('sequential', { eventsPerMinute: 0.0001 }).join(' ')).toContain('not even an outage is found');
  });

  it('the shares of the sequential tests are the whole budget', () => {
    const shares = objectives.map(({ name }) => detectionNamed(name).sequential?.budgetShare ?? 0);
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
    expect(
      budgetText(
        1,
        objectives.map(({ name }) => detectionNamed(name)),
      ).join(' '),
    ).toBe(
      'Budget of false incidents: 1 in 30 days for the whole deployment, shared by 4 sequential tests. Burn-rate rules are outside of it: 2 objectives use them.',
    );
  });

  it('says which rules decide, that burn-rate rules have no bound, and which of their tiers can never fire', () => {
    const lines = linesOf('rules').join(' ');
    expect(lines).toContain('Burn-rate rules are outside of the budget of false incidents');
    expect(lines).not.toContain('sequential');
    const lax = detectionOf({ ...objectives.find(({ name }) => name === 'rules')!, q0: 0.1 }, settings);
    expect(lax.burnRate.unreachable).toEqual([{ tier: 1, badShare: expect.closeTo(1.344, 3) }]);
    expect(detectionText(0.1, lax).join(' ')).toContain(
      'Burn-rate tier 1 can never fire: it needs 134 % of the events',
    );
  });

  it.each([
    [{ state: 'on', phi: 1 }, null],
    [{ state: 'new', minutes: 180, bad: 2 }, 'it has 180 minutes with 2.'],
    [{ state: 'overdispersed', phi: 3.2 }, 'bad ones come in bunches (their number varies 3.2x as much'],
    [{ state: 'unknown' }, 'For its first day only the bad shares of minutes count'],
  ] as const)('says when only minutes count: %j', (eventPart, expected) => {
    const text = linesOf('sequential', { eventPart }).join(' ');
    if (expected === null) expect(text).not.toContain('single events');
    else expect(text).toContain(expected);
  });

  it('leaves out burns that would be more than an outage', () => {
    expect(linesOf('unrated').join('\n')).not.toContain('10x');
  });

  it('fits into 100 columns, indented as it is shown', () => {
    for (const { name } of objectives)
      for (const line of linesOf(name, { eventPart: { state: 'overdispersed', phi: 3.2 } }))
        expect(`    ${line}`.length).toBeLessThanOrEqual(100);
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
    const seen = detectionOf(one, { ...settings, eventsPerMinute: eventsPerMinute.get('sequential') });
    const busier = detectionOf(one, { ...settings, eventsPerMinute: 40 });
    expect(seen.isSeen).toBe(true);
    expect(seen.sequential!.twofold!).toBeGreaterThan(busier.sequential!.twofold!);
    expect(seen.sequential!.smallestChange!.burn).toBeGreaterThan(busier.sequential!.smallestChange!.burn);
    expect(detectionText(one.q0, seen)[0]).toContain('At 4 rated interactions a minute (as seen in the last week)');
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
