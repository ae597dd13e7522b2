import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FAMILIES } from '../../../src/server/metrics/catalogue.ts';
import { exemplarOf } from '../../../src/server/metrics/exemplar.ts';
import { openMetricsOf } from '../../../src/server/metrics/registry-page.ts';
import { SeriesTable } from '../../../src/server/metrics/series-table.ts';
import { BusyWorld } from './busy-world.ts';
import { parseExposition, type Sample } from './exposition.ts';

const OPENMETRICS =
  'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1';
const TRACE = 'abcdefghijklmnop';
const HEX = '6162636465666768696a6b6c6d6e6f70';
const families = FAMILIES.filter(({ name }) =>
  ['plimsoll_interactions_total', 'plimsoll_interaction_duration_seconds', 'plimsoll_objective_target_ratio'].includes(
    name,
  ),
);
const LABELS = { service: 'bot', environment: '', operation: 'chat' };

function tableOf(): SeriesTable {
  const table = new SeriesTable(families, () => {});
  table.add('plimsoll_interactions_total', { ...LABELS, outcome: 'success' }, 7);
  table.add('plimsoll_interactions_total', { ...LABELS, outcome: 'error' }, 2, exemplarOf(TRACE, 1));
  table.observe('plimsoll_interaction_duration_seconds', LABELS, [0.5, 4], [3, 3, 1], 12.5, exemplarOf(TRACE, 9.25));
  table.set('plimsoll_objective_target_ratio', { service: 'bot', environment: '', objective: 'up' }, 0.99);
  return table;
}

const GOLDEN = `# HELP plimsoll_interactions Interactions that came in, by how they ended; of sampled traces as many as were seen.
# TYPE plimsoll_interactions counter
plimsoll_interactions_total{service="bot",environment="",operation="chat",outcome="success"} 7
plimsoll_interactions_total{service="bot",environment="",operation="chat",outcome="error"} 2 # {trace_id="${HEX}"} 1
# HELP plimsoll_interaction_duration_seconds End to end duration of the interactions that came in and did not fail; every latency limit of a service is a bucket.
# TYPE plimsoll_interaction_duration_seconds histogram
plimsoll_interaction_duration_seconds_bucket{service="bot",environment="",operation="chat",le="0.5"} 3
plimsoll_interaction_duration_seconds_bucket{service="bot",environment="",operation="chat",le="4"} 6
plimsoll_interaction_duration_seconds_bucket{service="bot",environment="",operation="chat",le="+Inf"} 7 # {trace_id="${HEX}"} 9.25
plimsoll_interaction_duration_seconds_sum{service="bot",environment="",operation="chat"} 12.5
plimsoll_interaction_duration_seconds_count{service="bot",environment="",operation="chat"} 7
# HELP plimsoll_objective_target_ratio The promised share of good events.
# TYPE plimsoll_objective_target_ratio gauge
plimsoll_objective_target_ratio{service="bot",environment="",objective="up"} 0.99
`;
const textOf = (pieces: Iterable<Buffer>): string => Buffer.concat([...pieces]).toString();

it('OpenMetrics, to the byte: counters by their name, exemplars where they are', () => {
  expect(textOf(tableOf().render('openmetrics'))).toBe(GOLDEN);
});

it('the text format has no exemplars, before and after', () => {
  const table = tableOf();
  const before = textOf(table.render());
  textOf(table.render('openmetrics'));
  expect(textOf(table.render())).toBe(before);
  expect(before).not.toContain(' # {');
  expect(before).toContain('# TYPE plimsoll_interactions_total counter\n');
});

it('what is no trace is no exemplar: one that is too long would make the whole page unreadable', () => {
  for (const trace of ['', 'x', 'x'.repeat(200), null, undefined]) expect(exemplarOf(trace, 1)).toBeUndefined();
  expect(exemplarOf(TRACE, Number.NaN)).toBeUndefined();
  expect(exemplarOf(TRACE, 2)).toEqual({ traceId: HEX, value: 2 });
});

it('a registry is written without being changed', async () => {
  const registry = new Registry();
  const registers = [registry];
  new Counter({ name: 'a_total', help: 'A "b" \\ c.', labelNames: ['x'], registers }).inc({ x: 'a"b\\c\nd' }, 3);
  new Gauge({ name: 'g', help: 'G.', registers }).set(Number.POSITIVE_INFINITY);
  new Histogram({ name: 'h', help: 'H.', buckets: [1], registers }).observe(0.5);
  const before = await registry.metrics();
  expect(await openMetricsOf(registry)).toBe(`# HELP a A "b" \\\\ c.
# TYPE a counter
a_total{x="a\\"b\\\\c d"} 3
# HELP g G.
# TYPE g gauge
g +Inf
# HELP h H.
# TYPE h histogram
h_bucket{le="1"} 1
h_bucket{le="+Inf"} 1
h_sum 0.5
h_count 1
`);
  expect(await registry.metrics()).toBe(before);
});

describe('the page of a whole Plimsoll', () => {
  let busy: BusyWorld;
  beforeAll(async () => {
    busy = await BusyWorld.start();
    await busy.live();
  });
  afterAll(() => busy.world.end());

  const page = async (accept?: string): Promise<{ type: string | null; text: string }> => {
    const answer = await fetch(busy.metricsUrl, accept === undefined ? {} : { headers: { accept } });
    expect(answer.status).toBe(200);
    return { type: answer.headers.get('content-type'), text: await answer.text() };
  };
  /** Without those that are others at each look. */
  const keysOf = (samples: readonly Sample[]): string[] =>
    samples.map(({ name, labels }) => JSON.stringify([name, labels])).sort();

  it('is the text format, unless OpenMetrics is asked for', async () => {
    const text = 'text/plain; version=0.0.4; charset=utf-8';
    const open = 'application/openmetrics-text; version=1.0.0; charset=utf-8';
    for (const [accept, type] of [
      [undefined, text],
      ['*/*', text],
      ['text/plain', text],
      ['text/html', text],
      ['application/openmetrics-text;version=0.0.1', text],
      ['text/plain;version=0.0.4;q=0.5,*/*;q=0.1', text],
      [OPENMETRICS, open],
      ['application/openmetrics-text;version=1.0.0;q=0.8,text/plain;version=0.0.4;q=0.5', open],
    ] as const)
      expect([accept, (await page(accept)).type]).toEqual([accept, type]);
  });

  it('in OpenMetrics it has the same series, ends as it has to, and names traces of what failed or was slow', async () => {
    const plain = (await page()).text;
    const { text } = await page(OPENMETRICS);
    const samples = text.replaceAll(/ # \{trace_id="[0-9a-f]{32}"\} \S+$/gm, '').replace(/# EOF\n$/, '');
    expect(text.endsWith('\n# EOF\n')).toBe(true);
    expect(text).not.toMatch(/\n\n/);
    // A first collection of its kind between two pages adds series: what the page before has is there, and nothing that the page behind has not.
    const [before, now, behind] = [plain, samples, (await page()).text].map((one) =>
      keysOf(parseExposition(one).samples),
    );
    expect(now).toEqual(expect.arrayContaining(before!));
    expect(behind).toEqual(expect.arrayContaining(now!));
    const named = text.split('\n').filter((line) => line.includes(' # {'));
    for (const name of [
      'interactions_total',
      'interaction_duration_seconds_bucket',
      'time_to_first_token_seconds_bucket',
      'measure_events_total',
    ])
      expect(named.filter((line) => line.startsWith(`plimsoll_${name}{`)).length, name).toBeGreaterThan(0);
    for (const line of named) {
      expect(line).not.toMatch(/outcome="success"|result="good"/);
      const le = /le="([^"]+)"/.exec(line)?.[1];
      if (le !== undefined)
        expect(Number(line.split(' ').at(-1))).toBeLessThanOrEqual(Number(le.replace('+Inf', 'Infinity')));
    }
    expect((await page()).text.split('\n')[0]).toBe(plain.split('\n')[0]);
  });
});
