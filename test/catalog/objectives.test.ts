import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Catalog } from '../../src/catalog/catalog.ts';
import { compileObjectives } from '../../src/catalog/objectives.ts';
import { PlanBook } from '../../src/catalog/plan-book.ts';
import { Objective } from '../../src/model/config/objective.ts';
import { Dictionary } from '../../src/model/dictionary.ts';
import { SLICE_VALUES_MAX } from '../../src/tally/plan.ts';
import { objective, service } from '../server/world.ts';

const MINUTES_PER_30_DAYS = 43_200;
const slices = fc.uniqueArray(fc.constantFrom('response_model', 'prompt_version', 'agent', 'operation'));
const promise = fc.record({
  criticality: fc.integer({ min: 1, max: 4 }),
  target: fc.constantFrom(0.5, 0.9, 0.99, 0.999, 0.99999),
  detector: fc.constantFrom('sequential', 'burn_rate', 'both'),
  slices,
});

it('all streams together, every slice that may ever come included, may raise no more false incidents than the deployment', () => {
  fc.assert(
    fc.property(
      fc.array(promise, { minLength: 1, maxLength: 12 }),
      fc.double({ min: 0.01, max: 43, noNaN: true }),
      (promises, falseIncidentsPer30Days) => {
        const services = promises.map(({ criticality }, i) => service(`s${i}`, { criticality }));
        const objectives = promises.map(({ target, detector, slices: dimensions }, i) =>
          objective(`o${i}`, {
            service: `s${i}`,
            measure: { type: 'availability' },
            target,
            alert: { detector, slices: detector === 'burn_rate' ? [] : dimensions },
          }),
        );
        const dictionary = new Dictionary();
        const plans = new PlanBook(dictionary, new Catalog(services), objectives);
        const compiled = compileObjectives({
          objectives,
          services,
          falseIncidentsPer30Days,
          dictionary,
          plans,
          evaluatorsOf: () => [],
          labelsAtRandomOf: () => [],
        });
        let expected = 0;
        for (const { sequential, sliced } of compiled) {
          if (sequential !== null) expected += MINUTES_PER_30_DAYS / sequential.ticket.threshold;
          if (sliced !== undefined)
            expected +=
              (sliced.dimensions.length * SLICE_VALUES_MAX * MINUTES_PER_30_DAYS) / sliced.each.ticket.threshold;
        }
        expect(expected).toBeLessThanOrEqual(falseIncidentsPer30Days * (1 + 1e-9));
      },
    ),
    { numRuns: 100 },
  );
});

/** One promise of availability by slices, and others of every kind beside it. */
function mixture(falseIncidentsPer30Days: number, others: readonly object[]) {
  const bot = service('bot', { evaluations: { groundedness: { pass: 0.7 } }, trust: { confidence: 'self' } });
  const objectives = [{ measure: { type: 'availability' }, target: 0.9, alert: { slices: ['agent'] } }, ...others].map(
    (spec, i) => objective(`o${i}`, { service: 'bot', ...spec }),
  );
  const dictionary = new Dictionary();
  return compileObjectives({
    objectives,
    services: [bot],
    falseIncidentsPer30Days,
    dictionary,
    plans: new PlanBook(dictionary, new Catalog([bot]), objectives),
    evaluatorsOf: () => [],
    labelsAtRandomOf: () => [],
  });
}

it('the same with objectives of every kind: a report takes nothing, a drift detector its share', () => {
  const kinds = [
    { measure: { type: 'latency', threshold: '4s' }, target: 0.9 },
    { measure: { type: 'accuracy', label: 'correct' }, target: 0.9, alert: { detector: 'burn_rate' } },
    { measure: { type: 'accuracy', label: 'correct', judge: 'groundedness' }, target: 0.9 },
    { measure: { type: 'accuracy', label: 'correct', confidence: 'self' }, target: 0.9 },
    { measure: { type: 'accuracy', evaluation: 'groundedness' }, target: 0.9, alert: { detector: 'both' } },
    { measure: { type: 'relevance', evaluation: 'groundedness' }, target: 0.8 },
    { measure: { type: 'satisfaction', responseRate: true }, target: 0.1 },
    { measure: { type: 'trust' }, target: 0.7 },
    { measure: { type: 'trust', component: 'calibration' }, target: 0.7 },
    { measure: { type: 'trust', component: 'safety' }, target: 0.7 },
    { measure: { type: 'cost', perDay: 5 } },
    { measure: { type: 'cost', perInteraction: 0.01 }, target: 0.9 },
    { measure: { type: 'drift', feature: 'output_tokens' } },
    { measure: { type: 'parity', of: 'o0', dimension: 'agent', limit: 0.1 } },
    { measure: { type: 'composite', of: ['o0', 'o1'], rule: 'worst' }, target: 0.9 },
  ];
  fc.assert(
    fc.property(fc.subarray(kinds.slice(1)), fc.constantFrom(0.01, 0.1, 1, 40), (others, falseIncidents) => {
      let expected = 0;
      for (const { judgedBy, sequential, sliced, drift, guarantee } of mixture(falseIncidents, [
        kinds[0]!,
        ...others,
      ])) {
        if (judgedBy === 'report')
          expect([sequential, sliced, drift, guarantee]).toEqual([null, undefined, undefined, null]);
        if (sequential !== null) expected += MINUTES_PER_30_DAYS / sequential.ticket.threshold;
        if (drift !== undefined) expected += MINUTES_PER_30_DAYS / drift.threshold;
        if (sliced !== undefined) expected += (SLICE_VALUES_MAX * MINUTES_PER_30_DAYS) / sliced.each.ticket.threshold;
      }
      expect(expected).toBeLessThanOrEqual(falseIncidents * (1 + 1e-9));
      expect(expected).toBeGreaterThan(falseIncidents * (1 - 1e-9));
    }),
  );
});

it.each([
  [{ measure: { type: 'satisfaction' }, alert: { slices: ['agent'] } }, 'has no detectors of slices'],
  [{ measure: { type: 'accuracy', label: 'correct' }, alert: { slices: ['agent'] } }, 'has no detectors of slices'],
  [{ measure: { type: 'relevance', evaluation: 'r' }, alert: { slices: ['agent'] } }, 'has no detectors of slices'],
  [
    { measure: { type: 'cost', perDay: 5 }, target: undefined, alert: { slices: ['agent'] } },
    'has no detectors of slices',
  ],
  [
    { measure: { type: 'availability' }, alert: { slices: ['agent'], detector: 'burn_rate' } },
    'by the sequential test',
  ],
  [{ measure: { type: 'availability' }, alert: { slices: ['error_class'] } }, 'how an interaction ended'],
])('what no slice can be watched of is refused when it is read', (spec, message) => {
  const { success, error } = Objective.safeParse({
    apiVersion: 'plimsoll/v1',
    kind: 'Objective',
    metadata: { name: 'o' },
    spec: { service: 's', target: 0.9, ...spec },
  });
  expect(success).toBe(false);
  expect(error!.issues.map((issue) => issue.message).join()).toContain(message);
});

it.each([
  { type: 'availability' },
  { type: 'latency', threshold: '2s' },
  { type: 'time_to_first_token', threshold: '1s' },
  { type: 'cost', perInteraction: 0.02 },
  { type: 'guardrail' },
])('slices of $type can be watched: it is known when an interaction ends', (measure) => {
  const { success, error } = Objective.safeParse({
    apiVersion: 'plimsoll/v1',
    kind: 'Objective',
    metadata: { name: 'o' },
    spec: { service: 's', target: 0.9, measure, alert: { slices: ['agent'] } },
  });
  expect(error?.issues).toBeUndefined();
  expect(success).toBe(true);
});
