import { describe, expect, it } from 'vitest';
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

const NOTHING: Arrivals = {
  at: 0,
  interactions: [],
  models: [],
  calls: [],
  counts: [],
  joined: noRatings(),
  lags: [],
  corrected: { interaction: 0, ...noRatings() },
  deployments: [],
};
const BOT = service('bot', {
  models: [{ provider: 'openai', name: 'gpt-4o-mini', version: 'gpt-4o-mini-2024-07-18' }],
  evaluations: { tone: { scale: [0, 1], good: 'high' } },
});

function newLive(
  table = new SeriesTable(FAMILIES, () => {}),
  onRefused: (family: string) => void = () => {},
): LiveMetrics {
  const catalog = new Catalog([BOT]);
  return new LiveMetrics({ table, dictionary, catalog, objectives: () => [], currencyOf: () => 'USD', onRefused });
}

function pageOf(arrivals: Partial<Arrivals>): string {
  const table = new SeriesTable(FAMILIES, () => {});
  newLive(table).arrived({ ...NOTHING, ...arrivals });
  return Buffer.concat([...table.render()]).toString();
}

const tokens = (of: number, requested: string, answered: string): Arrivals['models'][number] => ({
  service: of,
  requestModel: code(requested),
  responseModel: code(answered),
  counts: [1, 2, 3, 4],
  costNanos: 2.5e9,
  firstToken: { boundsMs: [500], counts: [1, 0], sumMs: 300, slowest: null },
  perOutputToken: { boundsMs: [50], counts: [0, 1], sumMs: 80, slowest: null },
});

it('a model is one that the service declares, by name or version, else other; of who declares none, as it was asked for', () => {
  const page = pageOf({
    models: [
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

it('money of a model, when its first token came, and how long each token took', () => {
  const page = pageOf({ models: [tokens(bot, 'gpt-4o-mini', '')] });
  expect(sampleValue(page, 'plimsoll_cost_usd_total', { model: 'gpt-4o-mini' })).toBe(2.5);
  const first = 'plimsoll_time_to_first_token_seconds';
  expect(sampleValue(page, `${first}_bucket`, { model: 'gpt-4o-mini', le: '0.5' })).toBe(1);
  expect(sampleValue(page, `${first}_sum`)).toBe(0.3);
  expect(sampleValue(page, 'plimsoll_time_per_output_token_seconds_bucket', { le: '0.05' })).toBe(0);
  expect(sampleValue(page, 'plimsoll_time_per_output_token_seconds_count')).toBe(1);
});

it('calls by what was called, with every outcome from 0', () => {
  const failed = ERROR_CLASSES.map((name) => (name === 'timeout' ? 2 : 0));
  const durations = { boundsMs: [1000], counts: [3, 1], sumMs: 2200, slowest: null };
  const call = { service: bot, kind: 'model', provider: code('openai'), name: code('gpt-4o-mini'), failed, durations };
  const page = pageOf({ calls: [call] });
  const of = { service: 'bot', dependency_kind: 'model', dependency: 'openai/gpt-4o-mini' };
  const outcome = (name: string): number => sampleValue(page, 'plimsoll_calls_total', { ...of, outcome: name });
  expect(['success', 'timeout', 'error', 'content'].map(outcome)).toEqual([4, 2, 0, 0]);
  expect(sampleValue(page, 'plimsoll_call_duration_seconds_bucket', { ...of, le: '1' })).toBe(3);
  expect(sampleValue(page, 'plimsoll_call_duration_seconds_sum', of)).toBe(2.2);
});

it('what guardrails decided', () => {
  const page = pageOf({
    counts: [
      {
        service: bot,
        counts: [
          [counters.GUARDED, 5],
          [counters.BLOCKED, 2],
        ],
      },
    ],
  });
  const of = (decision: string): number => sampleValue(page, 'plimsoll_guardrail_decisions_total', { decision });
  expect(['passed', 'blocked'].map(of)).toEqual([3, 2]);
});

it('operations and outcomes are closed lists', () => {
  const failed = ERROR_CLASSES.map((name) =>
    name === 'timeout' ? 1 : name === 'content' ? 2 : name === 'auth' ? 3 : 0,
  );
  const page = pageOf({
    interactions: [
      {
        service: bot,
        operation: code('sing'),
        failed,
        durations: { boundsMs: [1000], counts: [5, 1], sumMs: 7000, slowest: null },
        failedTrace: null,
      },
    ],
  });
  const of = (outcome: string): number =>
    sampleValue(page, 'plimsoll_interactions_total', { operation: 'other', outcome });
  expect(['success', 'timeout', 'content', 'error'].map(of)).toEqual([6, 1, 2, 3]);
});

it('of a thousand services each has room for what happens, whatever never has', () => {
  const refused: string[] = [];
  const table = new SeriesTable(FAMILIES, (family) => void refused.push(family));
  const names = Array.from({ length: 1000 }, (_, i) => `bot-${i}`);
  const catalog = new Catalog(names.map((name) => service(name)));
  const sources = { table, dictionary, catalog, objectives: () => [], currencyOf: () => 'USD' };
  const live = new LiveMetrics({ ...sources, onRefused: (family) => void refused.push(family) });
  const last = code(countedKey({ name: 'bot-999', environment: '' }));
  live.arrived({ ...NOTHING, counts: [{ service: last, counts: [[counters.feedback('thumbs', 'up'), 2]] }] });
  live.change({ service: 'bot-999', environment: '' }, 'prompt');
  live.incident({ service: 'bot-999', environment: '' }, 'critical', 'opened');
  const page = Buffer.concat([...table.render()]).toString();
  const of = { service: 'bot-999' };
  expect(sampleValue(page, 'plimsoll_feedback_total', { ...of, channel: 'thumbs', sentiment: 'positive' })).toBe(2);
  expect(sampleValue(page, 'plimsoll_changes_total', { ...of, change_type: 'prompt' })).toBe(1);
  expect(sampleValue(page, 'plimsoll_incidents_opened_total', { ...of, severity: 'critical' })).toBe(1);
  expect(refused).toEqual([]);
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

it('how late things came, what was corrected of what was counted, and nothing of either before', () => {
  const lag = { boundsMs: [1000, 60_000], counts: [2, 0, 1], sumMs: 90_000, slowest: null };
  const page = pageOf({
    lags: [{ signal: 'label', durations: lag }],
    corrected: { ...NOTHING.corrected, interaction: 3 },
  });
  expect(sampleValue(page, 'plimsoll_ingest_lag_seconds_bucket', { signal: 'label', le: '1' })).toBe(2);
  expect(sampleValue(page, 'plimsoll_ingest_lag_seconds_count', { signal: 'label' })).toBe(3);
  expect(sampleValue(page, 'plimsoll_ingest_lag_seconds_sum', { signal: 'label' })).toBe(90);
  expect(sampleValue(page, 'plimsoll_ingest_corrections_total', { signal: 'interaction' })).toBe(3);
  expect(sampleValue(page, 'plimsoll_ingest_corrections_total', { signal: 'label' })).toBe(0);
});

describe('what answers', () => {
  const HOUR = 3_600_000;
  const ran = (of: number, model: string, prompt: string, build = ''): Arrivals['deployments'][number] => ({
    service: of,
    requestModel: code('gpt-4o-mini'),
    responseModel: code(model),
    promptVersion: code(prompt),
    serviceVersion: code(build),
  });
  const shown = (live: LiveMetrics, now: number): string[] =>
    Array.from(live.deployments(now), (one) =>
      [one.service, one.model, one.model_version, one.prompt_version, one.build].join(' '),
    ).sort();

  it('is each combination that answered within the hour, and not what did before', () => {
    const live = newLive();
    const one = 'gpt-4o-mini-2024-07-18';
    live.arrived({ ...NOTHING, at: 1000, deployments: [ran(bot, one, '6', 'a1b2'), ran(stranger, 'qwen-3', '')] });
    live.arrived({ ...NOTHING, at: HOUR, deployments: [ran(bot, one, '7', 'a1b2')] });
    expect(shown(live, HOUR)).toEqual([
      `bot gpt-4o-mini ${one} 6 a1b2`,
      `bot gpt-4o-mini ${one} 7 a1b2`,
      'stranger gpt-4o-mini qwen-3  ',
    ]);
    expect(shown(live, HOUR + 1000)).toEqual([`bot gpt-4o-mini ${one} 7 a1b2`]);
  });

  it('of a service twenty at most, the last ones: it is said when more are running', () => {
    const refused: string[] = [];
    const live = newLive(undefined, (family) => void refused.push(family));
    for (let i = 0; i < 20; i++) live.arrived({ ...NOTHING, at: i, deployments: [ran(bot, 'gpt-4o-mini', `p${i}`)] });
    expect(refused).toEqual([]);
    live.arrived({ ...NOTHING, at: 20, deployments: [ran(bot, 'gpt-4o-mini', 'p0'), ran(bot, 'gpt-4o-mini', 'p20')] });
    expect(refused).toEqual(['plimsoll_deployment_info']);
    expect(shown(live, 20)).toHaveLength(20);
    expect(shown(live, 20).join()).toMatch(/ p0 .* p20 /);
    expect(shown(live, 20).join()).not.toContain(' p1 ');
  });
});
