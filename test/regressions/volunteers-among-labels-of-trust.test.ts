import { expect, it } from 'vitest';
import { Catalog } from '../../src/catalog/catalog.ts';
import { compileObjectives } from '../../src/catalog/objectives.ts';
import { PlanBook } from '../../src/catalog/plan-book.ts';
import { Dictionary } from '../../src/model/dictionary.ts';
import { evaluationKey, labelKey, serviceKey } from '../../src/model/names.ts';
import { objective, service } from '../server/world.ts';

const bot = service('bot', {
  trust: { components: ['satisfaction', 'reliance', 'safety', 'calibration'], confidence: 'self' },
});
const objectives = [
  objective('relied', { service: 'bot', measure: { type: 'trust', component: 'reliance' }, target: 0.6 }),
  objective('calibrated', { service: 'bot', measure: { type: 'trust', component: 'calibration' }, target: 0.9 }),
];
const dictionary = new Dictionary();
const resource = dictionary.code(serviceKey({ name: 'bot', namespace: '', environment: '' }));
dictionary.code(evaluationKey({ name: 'self', evaluator: 'model', version: '' }));
const random = dictionary.code(labelKey({ name: 'correct', source: 'audit', sampling: 'random' }));
const voluntary = dictionary.code(labelKey({ name: 'correct', source: 'users', sampling: 'voluntary' }));
const plans = new PlanBook(dictionary, new Catalog([bot]), objectives);

const compiled = (labelsAtRandom: readonly number[]) =>
  compileObjectives({
    objectives,
    services: [bot],
    falseIncidentsPer30Days: 1,
    dictionary,
    plans,
    evaluatorsOf: () => [],
    labelsAtRandomOf: () => labelsAtRandom,
  });

/** Reliance and calibration counted labels of any kind together. */
it('labels of each kind of sampling are counted apart', () => {
  const { joints } = plans.planOf(resource);
  expect(joints!.reliances.map(({ labels }) => labels)).toEqual([[random], [voluntary]]);
  expect(joints!.confidences.map(({ labels }) => labels)).toEqual([[random], [voluntary]]);
  const codes = [...joints!.reliances.map(({ code }) => code), ...joints!.confidences.flatMap((one) => one.bins)];
  expect(new Set(codes).size).toBe(codes.length);
});

it('those drawn at random count as soon as there are any, until then those of volunteers, which is said', () => {
  const methods = (labelsAtRandom: readonly number[]) =>
    compiled(labelsAtRandom).map(({ method, variant }) => [method, variant]);
  expect(methods([])).toEqual([
    ['voluntary_labels', 'voluntary'],
    ['voluntary_labels', 'voluntary'],
  ]);
  expect(methods([random])).toEqual([
    ['labels', undefined],
    ['labels', undefined],
  ]);
  const [before, after] = [compiled([])[0]!, compiled([random])[0]!];
  expect(before.fingerprint).not.toBe(after.fingerprint);
  expect(before.codes).not.toEqual(after.codes);
});
