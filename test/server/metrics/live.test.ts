import { expect, it } from 'vitest';
import { Catalog } from '../../../src/catalog/catalog.ts';
import { Dictionary } from '../../../src/model/dictionary.ts';
import { ERROR_CLASSES } from '../../../src/model/error-class.ts';
import { countedKey, evaluationKey, labelKey } from '../../../src/model/names.ts';
import { FAMILIES } from '../../../src/server/metrics/catalogue.ts';
import { LiveMetrics } from '../../../src/server/metrics/live.ts';
import { SeriesTable } from '../../../src/server/metrics/series-table.ts';
import type { Arrivals } from '../../../src/store/arrivals.ts';
import { noRatings } from '../../../src/store/rating.ts';
import * as counters from '../../../src/tally/counters.ts';
import { service } from '../world.ts';
import { sampleValue } from './exposition.ts';

const dictionary = new Dictionary();
const code = (text: string): number => dictionary.code(text);
const bot = code(countedKey({ name: 'bot', environment: '' }));
const stranger = code(countedKey({ name: 'stranger', environment: 'test' }));

function pageOf(arrivals: Partial<Arrivals>): string {
  const table = new SeriesTable(FAMILIES, () => {});
  const catalog = new Catalog([
    service('bot', {
      models: [{ provider: 'openai', name: 'gpt-4o-mini', version: 'gpt-4o-mini-2024-07-18' }],
      evaluations: { tone: { scale: [0, 1], good: 'high' } },
    }),
  ]);
  const live = new LiveMetrics({ table, dictionary, catalog, objectives: () => [] });
  live.arrived({ interactions: [], tokens: [], counts: [], joined: noRatings(), ...arrivals });
  return Buffer.concat([...table.render()]).toString();
}

const tokens = (of: number, requested: string, answered: string): Arrivals['tokens'][number] => ({
  service: of,
  requestModel: code(requested),
  responseModel: code(answered),
  counts: [1, 2, 3, 4],
});

it('a model is one that the service declares, by name or version, else other; of who declares none, as it was asked for', () => {
  const page = pageOf({
    tokens: [
      tokens(bot, 'gpt-4o-mini', ''),
      tokens(bot, 'an alias of a gateway', 'gpt-4o-mini-2024-07-18'),
      tokens(bot, 'gpt-4o-mimi', 'gpt-4o-mimi'),
      tokens(stranger, 'qwen', 'qwen-3'),
    ],
  });
  const of = (labels: Record<string, string>): number =>
    sampleValue(page, 'plimsoll_tokens_total', { token_type: 'reasoning', ...labels });
  expect(of({ service: 'bot', model: 'gpt-4o-mini' })).toBe(8);
  expect(of({ service: 'bot', model: 'other' })).toBe(4);
  expect(of({ service: 'stranger', environment: 'test', model: 'qwen' })).toBe(4);
});

it('operations and outcomes are closed lists', () => {
  const failed = ERROR_CLASSES.map((name) =>
    name === 'timeout' ? 1 : name === 'content' ? 2 : name === 'auth' ? 3 : 0,
  );
  const page = pageOf({
    interactions: [
      { service: bot, operation: code('sing'), failed, boundsMs: [1000], durations: [5, 1], durationNanos: 7e9 },
    ],
  });
  const of = (outcome: string): number =>
    sampleValue(page, 'plimsoll_interactions_total', { operation: 'other', outcome });
  expect(['success', 'timeout', 'content', 'error'].map(of)).toEqual([6, 1, 2, 3]);
});

it('scores without a pass mark are unjudged; labels are told apart by their source', () => {
  const evaluation = code(evaluationKey({ name: 'tone', evaluator: 'judge', version: '1' }));
  const label = code(labelKey({ name: 'correct', source: 'audit', sampling: 'random' }));
  const counts = [
    [counters.scores(evaluation), 3],
    [counters.labels(label), 2],
    [counters.labelsTrue(label), 1],
    [counters.feedback('escalation', true), 4],
  ] as const;
  const page = pageOf({ counts: [{ service: bot, counts }] });
  expect(sampleValue(page, 'plimsoll_evaluations_total', { evaluator: 'judge', result: 'unjudged' })).toBe(3);
  expect(sampleValue(page, 'plimsoll_labels_total', { label_source: 'audit' })).toBe(2);
  expect(sampleValue(page, 'plimsoll_feedback_total', { channel: 'escalation', sentiment: 'negative' })).toBe(4);
});
