import { describe, expect, it } from 'vitest';
import { generated } from '../../dashboards/index.ts';
import { COLOURS } from '../../dashboards/lib/look.ts';
import type { Document, Panel, Property } from '../../dashboards/lint/document.ts';
import { panelsOf } from '../../dashboards/lint/document.ts';
import { lint, RULES } from '../../dashboards/lint/lint.ts';
import { selectorsOf } from '../../dashboards/lint/promql.ts';

const documents = new Map(generated().map(({ file, text }) => [file, JSON.parse(text) as Document]));
const uids = new Set([...documents.values()].map(({ uid }) => uid!));
const service = documents.get('service.json')!;

describe.each([...documents])('%s', (_file, document) => {
  it('has no fault', () => {
    expect(lint(document, uids)).toEqual([]);
  });
});

const panel = (document: Document, title: string): Panel => panelsOf(document).find((one) => one.title === title)!;
const traffic = (document: Document): Panel => panel(document, 'Interactions by outcome');
const measure = (document: Document): Panel => panel(document, '$measure in the last hour');
const verdicts = (document: Document): Panel => panel(document, 'Objectives by verdict');
const timeline = (document: Document): Panel => panel(document, 'Verdicts over time');
const age = (document: Document): Panel => panel(document, 'Age of the numbers');
const ask = (one: Panel, change: (expr: string) => string): void => {
  one.targets![0]!.expr = change(one.targets![0]!.expr!);
};
const property = (one: Panel, name: string, id: string): Property =>
  one.fieldConfig!.overrides!.find(({ matcher }) => matcher.options === name)!.properties.find((p) => p.id === id)!;
const variable = (document: Document, name: string) => document.templating!.list.find((one) => one.name === name)!;
const knownNow = (document: Document): Panel => panel(document, '$measure as known now');
/** Of a query in InfluxQL. */
const askHistory = (one: Panel, change: (query: string) => string): void => {
  one.targets![0]!.query = change(one.targets![0]!.query!);
};
const SPENT = 'SELECT sum("cost_micros") FROM "cost" WHERE $timeFilter GROUP BY "model"';
const OF = 'job=~"$job", instance=~"$instance"';

/** Each breaks the rule it is named after, and must be found under its name. */
const MUTANTS: readonly (readonly [string, (document: Document) => void])[] = [
  [
    'uneditable',
    (d) => {
      d.editable = true;
    },
  ],
  [
    'stable-uid',
    (d) => {
      d.uid = 'abc123';
    },
  ],
  [
    'no-id',
    (d) => {
      d.id = 7;
    },
  ],
  [
    'no-inputs',
    (d) => {
      d.__inputs = [];
    },
  ],
  [
    'schema-version',
    (d) => {
      d.schemaVersion = 36;
    },
  ],
  [
    'no-date',
    (d) => {
      d.time = { from: '2026-11-01T00:00:00Z' };
    },
  ],
  ['template-datasource', (d) => void d.templating!.list.splice(0, 2)],
  ['template-history', (d) => void d.templating!.list.splice(1, 1)],
  ['tells-its-age', (d) => ask(age(d), () => `max(plimsoll_build_info{${OF}})`)],
  ['shows-incidents-and-changes', (d) => void d.annotations!.list.pop()],
  ['shows-incidents-and-changes', (d) => void delete d.annotations!.list[0]!.target!.timeEndColumn],
  [
    'template-job',
    (d) => {
      variable(d, 'job').multi = false;
    },
  ],
  [
    'template-instance',
    (d) => {
      variable(d, 'instance').allValue = '.*';
    },
  ],
  [
    'template-on-time-change-reload',
    (d) => {
      variable(d, 'service').refresh = 1;
    },
  ],
  [
    'template-query',
    (d) => {
      variable(d, 'service').query = 'plimsoll_build_info';
    },
  ],
  [
    'panel-ids',
    (d) => {
      traffic(d).id = measure(d).id!;
    },
  ],
  ['not-too-much', (d) => void d.panels!.unshift(age(d))],
  [
    'no-holes',
    (d) => {
      traffic(d).gridPos!.w = 8;
    },
  ],
  ['panel-title-description', (d) => void delete traffic(d).title],
  [
    'panel-one-question',
    (d) => {
      traffic(d).description = 'Traffic.';
    },
  ],
  [
    'panel-type',
    (d) => {
      traffic(d).type = 'graph';
    },
  ],
  [
    'panel-no-targets',
    (d) => {
      traffic(d).targets = [];
    },
  ],
  ['panel-units', (d) => void delete traffic(d).fieldConfig!.defaults!.unit],
  [
    'panel-datasource',
    (d) => {
      traffic(d).targets![0]!.datasource = { uid: 'abc' };
    },
  ],
  [
    'panel-datasource',
    (d) => {
      traffic(d).targets![0]!.datasource = { uid: '$' + '{influxdb_datasource}' };
    },
  ],
  [
    'one-data-source',
    (d) => {
      knownNow(d).datasource = { uid: '$' + '{prometheus_datasource}' };
    },
  ],
  [
    'ref-ids',
    (d) => {
      measure(d).targets![1]!.refId = 'P';
    },
  ],
  [
    'no-palette',
    (d) => {
      measure(d).fieldConfig!.defaults!.color = { mode: 'palette-classic' };
    },
  ],
  ['no-palette', (d) => void delete traffic(d).fieldConfig!.defaults!.color],
  [
    'verdict-colour',
    (d) => {
      timeline(d).fieldConfig!.defaults!.mappings![0]!.options!['3']!.color = COLOURS.atRisk;
    },
  ],
  [
    'verdict-colour',
    (d) => {
      property(verdicts(d), 'breached', 'thresholds').value.steps[1].color = COLOURS.met;
    },
  ],
  [
    'not-decidable-is-never-green',
    (d) => {
      timeline(d).fieldConfig!.defaults!.mappings![0]!.options!['4']!.color = COLOURS.met;
    },
  ],
  [
    'not-decidable-is-never-green',
    (d) => {
      property(verdicts(d), 'insufficient_evidence', 'thresholds').value.steps[1].color = COLOURS.met;
    },
  ],
  [
    'green-is-a-verdict',
    (d) => {
      property(traffic(d), 'success', 'color').value.fixedColor = COLOURS.met;
    },
  ],
  ['verdicts-complete', (d) => void delete timeline(d).fieldConfig!.defaults!.mappings![0]!.options!['4']],
  ['verdicts-complete', (d) => void verdicts(d).fieldConfig!.overrides!.pop()],
  [
    'threshold-base',
    (d) => {
      age(d).fieldConfig!.defaults!.thresholds!.steps[0]!.value = 0;
    },
  ],
  ['no-value', (d) => void delete measure(d).fieldConfig!.defaults!.noValue],
  ['no-value', (d) => void delete knownNow(d).fieldConfig!.defaults!.noValue],
  ['leads-on', (d) => void delete traffic(d).fieldConfig!.defaults!.links],
  [
    'band-has-a-lower-edge',
    (d) => {
      property(measure(d), '95% upper', 'custom.fillBelowTo').value = 'lower';
    },
  ],
  [
    'bounds-are-a-band',
    (d) => {
      measure(d).fieldConfig!.overrides = [];
    },
  ],
  ['estimates-have-bounds', (d) => void measure(d).targets!.splice(1, 2)],
  [
    'no-span-nulls',
    (d) => {
      measure(d).fieldConfig!.defaults!.custom!.spanNulls = true;
    },
  ],
  [
    'gaps-by-step',
    (d) => {
      measure(d).fieldConfig!.defaults!.custom!.insertNulls = 180_000;
    },
  ],
  [
    'no-dead-link',
    (d) => {
      age(d).fieldConfig!.defaults!.links = [{ url: '/d/plimsoll-gone?$' + '{__url_time_range}' }];
    },
  ],
  [
    'link-keeps-time',
    (d) => {
      age(d).fieldConfig!.defaults!.links = [{ url: '/d/plimsoll-service' }];
    },
  ],
  ['target-promql', (d) => ask(traffic(d), (expr) => expr.slice(0, -1))],
  ['target-promql', (d) => ask(traffic(d), (expr) => expr.replace('$service', '$svc'))],
  ['target-promql', (d) => ask(traffic(d), () => '')],
  ['known-metric', (d) => ask(traffic(d), (expr) => expr.replace('interactions_total', 'interaction_total'))],
  [
    'known-metric',
    (d) => {
      d.annotations!.list[1]!.expr = `increase(plimsoll_incidents_total{${OF}}[5m])`;
    },
  ],
  ['known-labels', (d) => ask(measure(d), (expr) => expr.replace('window=', 'windows='))],
  ['target-job', (d) => ask(traffic(d), (expr) => expr.replace('job=~"$job", ', ''))],
  ['target-instance', (d) => ask(traffic(d), (expr) => expr.replace('instance=~"$instance", ', ''))],
  ['target-counter-rises', (d) => ask(traffic(d), () => `sum(plimsoll_interactions_total{${OF}})`)],
  ['target-rate-interval', (d) => ask(traffic(d), (expr) => expr.replace('$__rate_interval', '5m'))],
  ['no-rate-of-gauge', (d) => ask(traffic(d), () => `rate(plimsoll_incidents_open{${OF}}[$__rate_interval])`)],
  ['no-mean-of-shares', (d) => ask(measure(d), () => `avg(plimsoll_measure_ratio{${OF}})`)],
  ['no-mean-of-shares', (d) => ask(measure(d), () => `sum(max by (measure) (plimsoll_measure_ratio{${OF}}))`)],
  ['one-of-the-replicas', (d) => ask(verdicts(d), () => `sum by (verdict) (plimsoll_objective_verdict{${OF}})`)],
  ['influx-time-filter', (d) => askHistory(knownNow(d), (query) => query.replace(' AND $timeFilter', ''))],
  [
    'influx-time-filter',
    (d) => {
      d.annotations!.list[0]!.target!.query = 'SELECT "text", "until" FROM "incident"';
    },
  ],
  ['influx-known', (d) => askHistory(knownNow(d), (query) => query.replace('"tally"', '"tallies"'))],
  ['influx-known', (d) => askHistory(knownNow(d), (query) => query.replace('"good"', '"bad"'))],
  ['influx-known', (d) => askHistory(knownNow(d), (query) => query.replace('"slice"', '"slices"'))],
  ['influx-group-by-tags', (d) => askHistory(knownNow(d), (query) => query.replace(' fill', ', "valid" fill'))],
  [
    'influx-no-mean-of-shares',
    (d) => askHistory(knownNow(d), (query) => query.replace(/SELECT .* FROM/, 'SELECT mean("good") FROM')),
  ],
  ['influx-fixed-slice', (d) => askHistory(knownNow(d), (query) => query.replace(` AND "slice" = 'all'`, ''))],
  [
    'influx-fixed-slice',
    (d) => askHistory(knownNow(d), (query) => query.replace(`"slice" = 'all'`, '"slice" =~ /.+/')),
  ],
  ['influx-fixed-slice', (d) => askHistory(knownNow(d), (query) => query.replace(/ AND "measure" =~ \S+/, ''))],
  [
    'influx-slices-apart',
    (d) => askHistory(knownNow(d), (query) => query.replace(`"slice" = 'all'`, '"slice" =~ /^response_model=/')),
  ],
  ['influx-one-currency', (d) => askHistory(knownNow(d), () => SPENT)],
  ['influx-gaps', (d) => askHistory(knownNow(d), (query) => query.replace('fill(null)', 'fill(previous)'))],
  ['no-or-vector', (d) => ask(measure(d), (expr) => `${expr} or vector(1)`)],
];

describe('every rule catches its fault', () => {
  it.each(MUTANTS)('%s', (rule, change) => {
    const document = structuredClone(service);
    change(document);
    expect(document).not.toEqual(service);
    expect(lint(document, uids).map((fault) => fault.rule)).toContain(rule);
  });

  it('and no rule is without one', () => {
    const shown = new Set(MUTANTS.map(([rule]) => rule));
    expect(RULES.map(({ name }) => name).filter((name) => !shown.has(name))).toEqual([]);
  });
});

it('selectors are found with what they stand in', () => {
  const expr =
    'min(a{x="}("} * on (s, o) group_left () max by (s) (b)) / sum(rate(c_total{y=~"z"}[5m])) by (q) > bool 0 or quantile(0.5, d)';
  expect(selectorsOf(expr)).toEqual([
    { metric: 'a', matchers: 'x="}("', range: null, within: ['min'] },
    { metric: 'b', matchers: '', range: null, within: ['max', 'min'] },
    { metric: 'c_total', matchers: 'y=~"z"', range: '5m', within: ['rate', 'sum'] },
    { metric: 'd', matchers: '', range: null, within: ['quantile'] },
  ]);
});
