import { afterEach, expect, it } from 'vitest';
import { Traffic } from '../scenarios/traffic.ts';
import { objective, service, World } from './world.ts';

const START = Date.parse('2026-11-01T00:00:00Z');
const DAY = 86_400_000;
let world: World;
afterEach(() => world.end());

interface FindingBody {
  readonly kind: string;
  readonly detail: string;
  readonly evidence: Record<string, unknown>;
}

/** Nine of ten answers are right and labelled; the judge thinks so of that many of ten. */
async function day(at: number, scored: number): Promise<void> {
  const traffic = new Traffic(world, 'bot', at);
  const made = await traffic.pass(10);
  const said = made.map(({ traceId, end }, i) => ({ i: i % 10, traceId, at: new Date(end + 1000).toISOString() }));
  await world.post('/labels', {
    labels: said.map(({ i, ...one }) => ({
      ...one,
      name: 'correct',
      value: i < 9,
      source: 'audit',
      sampling: 'random',
    })),
  });
  await world.post('/evaluations', {
    evaluations: said.map(({ i, ...one }) => ({ ...one, name: 'judge', evaluator: 'llm', score: i < scored ? 1 : 0 })),
  });
  await traffic.judge();
}

it('a judge that has become stricter is a finding of each model version, and one that has not is none', async () => {
  world = await World.start({
    now: START,
    services: [service('bot', { evaluations: { judge: {} } })],
    objectives: [
      objective('right', {
        service: 'bot',
        measure: { type: 'accuracy', label: 'correct', judge: 'judge' },
        target: 0.8,
      }),
    ],
  });
  const found = async (): Promise<FindingBody[]> =>
    (await world.get<{ findings: FindingBody[] }>('/services/bot')).findings.filter(
      ({ kind }) => kind === 'judge_drift',
    );
  await day(START, 9);
  await day(START + 12 * DAY, 9);
  expect(await found()).toEqual([]);
  await day(START + 13 * DAY, 5);
  const [finding, ...others] = await found();
  expect(others).toEqual([]);
  expect(finding!.evidence).toMatchObject({
    objective: 'right',
    judge: 'judge',
    model: 'gpt-4o-mini-2024-07-18',
    now: { n: 400, bias: expect.closeTo(0.2, 9) },
    before: { n: 200, bias: expect.closeTo(0, 9) },
  });
  expect(finding!.detail).toContain('evaluatorVersion');
});
