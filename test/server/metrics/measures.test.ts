import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Traffic } from '../../scenarios/traffic.ts';
import { objective, service, World } from '../world.ts';

const START = Date.parse('2026-11-18T00:00:00Z');

describe('measures of objectives as metrics', () => {
  let world: World;
  let lines: string[];
  const valuesOf = (metric: string, measure: string, window = '7d'): number[] =>
    lines
      .filter((line) => line.startsWith(`${metric}{`) && line.includes(`measure="${measure}"`))
      .filter((line) => !line.includes('window=') || line.includes(`window="${window}"`))
      .map((line) => Number(line.split(' ').at(-1)));

  beforeAll(async () => {
    const of = (name: string, measure: object, target?: number) =>
      objective(name, {
        service: 'bot',
        measure,
        window: { rolling: '7d' },
        ...(target === undefined ? {} : { target }),
      });
    world = await World.start({
      now: START,
      services: [service('bot', { evaluations: { groundedness: { pass: 0.7 } } })],
      objectives: [
        of('up', { type: 'availability' }, 0.9),
        of('up-but-filtered', { type: 'availability', exclude: ['content'] }, 0.9),
        of('random', { type: 'accuracy', label: 'correct', sampling: 'random' }, 0.7),
        of('volunteers', { type: 'accuracy', label: 'correct', sampling: 'voluntary' }, 0.7),
        of('judged', { type: 'accuracy', label: 'correct', judge: 'groundedness' }, 0.7),
        of('grounded', { type: 'accuracy', evaluation: 'groundedness' }, 0.7),
        of('barely', { type: 'accuracy', evaluation: 'groundedness', pass: '>= 0.1' }, 0.7),
        of('relied', { type: 'trust', component: 'reliance' }, 0.7),
        of('answered', { type: 'satisfaction', responseRate: true }, 0.05),
        of('dear', { type: 'cost', perInteraction: 0.01 }),
        of('day', { type: 'cost', perDay: 5 }),
        of('both', { type: 'composite', of: ['up', 'dear'], rule: 'weighted' }, 0.9),
        of('worse', { type: 'composite', of: ['up', 'grounded'], rule: 'worst' }, 0.9),
      ],
    });
    const traffic = new Traffic(world, 'bot', START);
    const asked = await traffic.pass(20);
    const feedback: object[] = [];
    const labels: object[] = [];
    for (const [i, { traceId, end }] of asked.entries()) {
      const about = { traceId, at: new Date(end + 1000).toISOString() };
      const isRandom = i % 2 === 0;
      labels.push({
        ...about,
        name: 'correct',
        source: 'audit',
        value: isRandom ? i % 20 !== 0 : i % 4 === 1,
        sampling: isRandom ? 'random' : 'voluntary',
      });
      feedback.push({ ...about, kind: 'decision', value: 'accepted' }, { ...about, kind: 'thumbs', value: 'up' });
    }
    await world.post('/labels', { labels });
    await world.post('/feedback', { feedback });
    await world.rate(asked.map((one, i) => ({ exchange: one, score: i % 4 === 0 ? 0.9 : 0.3 })));
    await traffic.judge();
    lines = (await (await fetch(`${world.plimsoll.addresses.http}/metrics`)).text()).split('\n');
  });
  afterAll(() => world.end());

  it('has one series for each way in which something is measured', () => {
    expect(valuesOf('plimsoll_measure_ratio', 'accuracy:correct')).toEqual([0.9]);
    expect(valuesOf('plimsoll_measure_ratio', 'accuracy:correct:voluntary')).toEqual([0.5]);
    expect(valuesOf('plimsoll_measure_ratio', 'accuracy:correct:with groundedness')).toHaveLength(1);
    expect(valuesOf('plimsoll_measure_ratio', 'accuracy:groundedness')).toEqual([0.25]);
    expect(valuesOf('plimsoll_measure_ratio', 'accuracy:groundedness:>= 0.1')).toEqual([1]);
    expect(valuesOf('plimsoll_measure_ratio', 'composite:both')).toEqual([1]);
    expect(valuesOf('plimsoll_measure_ratio', 'composite:worse')).toEqual([0.25]);
    expect(valuesOf('plimsoll_measure_ratio', 'availability:without content')).toEqual([1]);
  });

  it('shows money as no ratio, and the share of answers that cost little enough as one', () => {
    expect(valuesOf('plimsoll_measure_ratio', 'cost:0.01 USD')).toEqual([1]);
    expect(lines.filter((line) => /_ratio\{.*(measure="cost_per_day|objective="day")/.test(line))).toEqual(
      lines.filter((line) => /^plimsoll_measure_(coverage|maturity)_ratio\{.*measure="cost_per_day/.test(line)),
    );
    expect(lines.filter((line) => /^plimsoll_objective_target_ratio\{.*objective="dear"/.test(line))).toHaveLength(1);
  });

  it('says how a judge goes with the labels of people', () => {
    const [line, ...others] = lines.filter((one) => one.startsWith('plimsoll_evaluator_agreement_ratio{'));
    expect(others).toEqual([]);
    expect(line).toContain('objective="judged"');
    const agreement = Number(line!.split(' ').at(-1));
    expect(agreement).toBeGreaterThan(-1);
    expect(agreement).toBeLessThan(1);
  });

  it('says which burn would be found within a day', () => {
    const found = lines.find((one) => /^plimsoll_objective_detectable_burn_rate\{.*objective="up"/.test(one));
    expect(Number(found!.split(' ').at(-1))).toBeGreaterThan(1);
  });

  it('says of an exact sum no interval that it does not have', () => {
    const info = lines.find((line) => /^plimsoll_measure_info\{.*measure="cost_per_day/.test(line));
    expect(info).toContain('confidence="own"');
  });

  it('counts no event as none where it is not known as it comes', () => {
    expect(valuesOf('plimsoll_measure_window_events', 'trust:reliance')).toEqual([200]);
    expect(valuesOf('plimsoll_measure_events_total', 'trust:reliance')).toEqual([]);
    expect(valuesOf('plimsoll_measure_window_events', 'satisfaction:response rate')).toEqual([400]);
    expect(valuesOf('plimsoll_measure_events_total', 'satisfaction:response rate')).toEqual([]);
  });
});
