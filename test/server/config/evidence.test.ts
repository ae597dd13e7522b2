import { expect, it } from 'vitest';
import { checkEvidence } from '../../../src/server/config/evidence-checks.ts';
import { objective, service } from '../world.ts';

const problems = (evidence: string[], measure: object, target: number | undefined = 0.9) =>
  checkEvidence(objective('promise', { service: 'assistant', measure, ...(target && { target }) }), [
    service('assistant', { evidence }),
  ]);

it.each([
  [['telemetry'], { type: 'satisfaction' }],
  [['probe'], { type: 'latency', threshold: '2s' }],
  [['status', 'probe'], { type: 'accuracy', label: 'correct' }],
])('%o supports %o', (evidence, measure) => {
  expect(problems(evidence, measure)).toEqual([]);
});

it.each([
  [
    ['status', 'reports'],
    { type: 'availability' },
    /availability can't be measured.*assistant is status, reports/,
    /telemetry.*probe/,
  ],
  [
    ['probe'],
    { type: 'satisfaction' },
    /satisfaction can't be measured/,
    /it would take telemetry \(its own spans\): add/,
  ],
  [['probe'], { type: 'relevance', reask: true }, /relevance/, /telemetry/],
])('%o does not support %o', (evidence, measure, message, hint) => {
  expect(problems(evidence, measure)).toEqual([
    {
      path: ['spec', 'measure'],
      message: expect.stringMatching(message),
      hint: expect.stringMatching(hint),
      code: 'PLIM_CONFIG_NO_EVIDENCE',
    },
  ]);
});

it('a service that says nothing has telemetry', () => {
  expect(service('bot').evidence).toEqual(['telemetry']);
});
