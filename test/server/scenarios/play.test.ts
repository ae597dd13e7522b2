import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileObjectives } from '../../../src/catalog/objectives.ts';
import { foundBy } from '../../../src/server/backtest/compare.ts';
import { runOver } from '../../../src/server/backtest/run.ts';
import { formatProblems } from '../../../src/server/config/problem.ts';
import { parseScenarios } from '../../../src/server/scenarios/parse.ts';
import { type Played, play } from '../../../src/server/scenarios/play.ts';
import type { Scenario } from '../../../src/server/scenarios/scenario.ts';
import { ScenarioTallies } from '../../../src/server/scenarios/tallies.ts';
import { failuresOf } from '../../../src/server/scenarios/verdicts.ts';

function scenarioOf(text: string): Scenario {
  const result = parseScenarios('s.txt', `scenario s\n${text}`);
  if (!result.ok) throw new Error(formatProblems(result.problems));
  return result.scenarios[0]!;
}
const played = (text: string): Promise<Played> => play(scenarioOf(text));

describe('what became of it', () => {
  it('is told with what there was instead, and when it did happen', async () => {
    const story = await played(`
      objective availability 99.9%
      minutes 0..54 1000 ok
      minutes 55..90 700 ok 300 failed
      tick 57 opens incident
      ticks 57..60 opens incident, since 70
      tick 70 met, no incident, priority P5, 2 incidents so far
      ticks 1..70 no incident
      tick 80 resolves incident`);
    const [early, ...others] = failuresOf(story);
    const found = /^nothing happened; it does in tick (\d+)$/.exec(early!.found);
    expect(early).toMatchObject({ line: 6, tick: 57, expected: 'opens incident' });
    const opened = Number(found![1]);
    expect(opened).toBeGreaterThan(57);
    expect(opened).toBeLessThan(61);
    expect(others.map(({ line, tick, expected, found: what }) => `${line} ${tick} ${expected}: ${what}`)).toEqual([
      `7 ${opened} since 70: INC-1 began in minute 55`,
      '8 70 met: it was breached',
      `8 70 no incident: INC-1 was open, since tick ${opened}`,
      expect.stringMatching(/^8 70 priority P5: INC-1 had P[1-4]$/),
      '8 70 2 incidents so far: there were 1',
      `9 ${opened} no incident: INC-1 was open, since tick ${opened}`,
      '10 80 resolves incident: nothing happened; it never does; it was breached',
    ]);
  });

  it('mean scores, drift and composites are judged like all else', async () => {
    const story = await played(`
      objective relevant: {measure: {type: relevance, evaluation: relevance}, target: 0.8}
      objective up: availability 50%
      objective moved: {measure: {type: drift, feature: duration}}
      objective scores: {measure: {type: drift, feature: relevance}}
      objective all: {measure: {type: composite, of: [relevant, up], rule: worst}, target: 0.7}
      minutes 0..10199 4 ok in 1s 4 scored 0.9
      minutes 10200..10300 4 ok in 8s 4 scored 0.3
      tick 10000 moved: insufficient evidence
      tick 10199 relevant: met
      tick 10199 moved: met
      tick 10199 all: met
      ticks 1..10199 no incident
      ticks 10200..10300 relevant: opens incident
      ticks 10200..10300 scores: joins incident
      ticks 10200..10300 moved: opens incident
      tick 10300 moved: breached`);
    expect(failuresOf(story).map(({ line, expected, found }) => `${line} ${expected}: ${found}`)).toEqual([]);
  });

  it('burn-rate rules of mean scores are about what is lost, to a fraction of an answer', async () => {
    const story = await played(`
      objective relevant: {measure: {type: relevance, evaluation: relevance}, target: 0.99, alert: {detector: both}}
      minutes 0..300 7 ok 7 scored 0.9973
      minutes 301..360 7 ok 7 scored 0.517
      ticks 1..301 no incident
      ticks 302..360 opens incident, since 299..303
      tick 360 breached`);
    expect(failuresOf(story)).toEqual([]);
  });

  it.each([
    ['{measure: {type: drift, feature: output_tokens}}', 'drift of output_tokens, which the traffic'],
    ['{measure: {type: drift, feature: response_model}}', 'drift of response_model, which the traffic'],
    [
      '{measure: {type: composite, of: [b, c], rule: worst}, target: 0.9}',
      'made of b, which is no objective of a line before',
    ],
  ])('what traffic can not tell is refused: %s', (spec, message) => {
    expect(() => scenarioOf(`objective a: ${spec}\nminutes 0..1 1 ok`)).toThrow(message);
  });

  it('a budget of false incidents that no test could keep is refused, with the nearest one', () => {
    expect(() => scenarioOf('false incidents 1000000 in 30d\nobjective availability 99%\nminute 0 1 ok')).toThrow(
      /s\.txt:2:.*so many that availability would be alarmed at .*write 43\.2 or less/,
    );
  });

  it('late data open an incident about the past', async () => {
    const story = await played(`
      objective availability 99%
      minutes 0..59 20 ok
      minutes 60..67 20 failed, arrives at 130
      minutes 68..140 20 ok
      ticks 1..129 no incident
      tick 130 opens incident, found late, since 59..61`);
    expect(failuresOf(story)).toEqual([]);
  });

  it('labels count when they come, in the estimate when they are about', async () => {
    const story = await played(`
      objective right: label correct 90%
      minutes 0..300 10 ok 10 labelled true after 1h
      minutes 301..330 10 ok 10 labelled false after 1h
      ticks 301..361 no incident
      ticks 362..380 opens incident
      tick 380 breached`);
    expect(failuresOf(story)).toEqual([]);
  });
});

const OBJECTIVES = ['', ', by burn rate', ', by both'];
const stretches = fc.array(
  fc.record({
    minutes: fc.integer({ min: 1, max: 150 }),
    ok: fc.constantFrom(0, 1, 5, 50),
    failed: fc.constantFrom(0, 0, 0, 1, 10),
  }),
  { minLength: 1, maxLength: 8 },
);

/** The incidents of a scenario, as they were opened minute by minute, and as a run over all its minutes finds them. */
async function liveAndRunOver(scenario: Scenario, at: number) {
  const { standings } = await play(scenario);
  const live = standings.get(at)!.incidents.map(({ startedAt, detectedAt, resolvedAt, priority }) => ({
    startedAt,
    detectedAt,
    resolvedAt,
    priority,
  }));
  const tallies = new ScenarioTallies(scenario);
  for (const one of scenario.traffic)
    for (let minute = one.from; minute <= one.to; minute++)
      for (const item of one.items) if (item.count > 0) tallies.count(one, item, scenario.start + minute);
  const objectives = compileObjectives({
    ...scenario,
    dictionary: tallies.dictionary,
    plans: tallies.plans,
    evaluatorsOf: () => [],
    labelsAtRandomOf: () => [],
  });
  const [run] = await runOver({
    source: tallies,
    objectives,
    services: scenario.services,
    from: scenario.start,
    to: scenario.start + at - 1,
    reportFrom: scenario.start,
    graceMs: 15_000,
  });
  const found = foundBy(run!, 0).map(({ startedAt, detectedAt, resolvedAt, priority }) => ({
    startedAt,
    detectedAt,
    resolvedAt,
    priority,
  }));
  return { standings, live, found };
}

it('history run over at once gives the incidents that were opened minute by minute', async () => {
  await fc.assert(
    fc.asyncProperty(stretches, fc.constantFrom(...OBJECTIVES), async (list, how) => {
      let at = 0;
      const lines = list.map(({ minutes, ok, failed }) => {
        const line = `minutes ${at}..${at + minutes - 1} ${ok} ok ${failed} failed`;
        at += minutes;
        return line;
      });
      const scenario = scenarioOf(`objective availability 98%${how}\n${lines.join('\n')}\ntick ${at} no incident`);
      const { live, found } = await liveAndRunOver(scenario, at);
      expect(found).toEqual(live);
    }),
    { numRuns: 40 },
  );
});

// The window of the slower tier reaches back behind the beginning of the incident that it reopens.
it('says the same beginning of a breach by burn rate that comes back', async () => {
  const scenario = scenarioOf(`objective availability 98%, by burn rate
    minutes 0..55 50 ok 0 failed
    minutes 56..112 0 ok 1 failed
    minutes 113..124 50 ok 0 failed
    minutes 125..137 0 ok 1 failed
    tick 138 no incident`);
  const { live, found } = await liveAndRunOver(scenario, 138);
  expect(found).toEqual(live);
});

it('so it does of labels that come hours late, once it is known how late they come', async () => {
  const scenario = scenarioOf(`
    objective label correct 90% over 7d
    minutes 0..14399 9 labelled true after 2h
    minutes 0..14399 9 labelled true after 8h
    minutes 0..14399 1 labelled false after 10h
    minutes 14400..15839 4 labelled true after 2h
    minutes 14400..15839 4 labelled false after 2h
    tick 16000 incident open`);
  const { standings, live, found } = await liveAndRunOver(scenario, 16_000);
  expect(live).toHaveLength(1);
  expect(found).toEqual(live);
  const { estimate } = standings.get(16_000)!.incidents[0]!.breaches[0]!.evidence;
  expect(estimate.adjusted).toBeDefined();
});
