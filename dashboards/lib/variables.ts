import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { INFLUXDB } from './influxql.ts';
import { PROMETHEUS } from './queries.ts';

// biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of Grafana
const MEASURES_OF_HISTORY = 'SHOW TAG VALUES FROM "tally" WITH KEY = "measure" WHERE "service" =~ /^${service:regex}$/';

export const dataSource = (): dashboard.DatasourceVariableBuilder =>
  new dashboard.DatasourceVariableBuilder('prometheus_datasource').label('Prometheus').type('prometheus');

/** The history of event time. */
export const history = (): dashboard.DatasourceVariableBuilder =>
  new dashboard.DatasourceVariableBuilder('influxdb_datasource').label('History').type('influxdb');

/** Where people reach the console: the one of the compose file; `npm run dashboards:grafana` writes another one in its place. */
export const console = (): dashboard.ConstantVariableBuilder =>
  new dashboard.ConstantVariableBuilder('console').value('http://127.0.0.1:8080');

const values = (name: string, label: string, query: string): dashboard.QueryVariableBuilder =>
  new dashboard.QueryVariableBuilder(name)
    .label(label)
    .datasource(PROMETHEUS)
    .query(query)
    .refresh(dashboard.VariableRefresh.OnTimeRangeChanged)
    .sort(dashboard.VariableSort.AlphabeticalAsc);

const ALL = { selected: true, text: ['All'], value: ['$__all'] };

/** One of the values of a label. */
export const choice = (name: string, label: string, query: string): dashboard.QueryVariableBuilder =>
  values(name, label, query).multi(false).includeAll(false);

/** Several of them, at first all. @param all  `.*` matches series without the label, too */
export const choices = (
  name: string,
  label: string,
  query: string,
  all: '.+' | '.*' = '.+',
): dashboard.QueryVariableBuilder => values(name, label, query).multi(true).includeAll(true).allValue(all).current(ALL);

const JOB = 'job=~"$job"';
const SERVICE = `${JOB}, service="$service"`;

/** Of every dashboard: which Plimsoll. */
export const processes = (): dashboard.QueryVariableBuilder[] => [
  choices('job', 'Job', 'label_values(plimsoll_build_info, job)'),
  choices('instance', 'Instance', `label_values(plimsoll_build_info{${JOB}}, instance)`),
];

/** Which service, where. */
export const oneService = (): dashboard.QueryVariableBuilder[] => [
  choice('service', 'Service', `label_values(plimsoll_interactions_total{${JOB}}, service)`),
  choices('environment', 'Environment', `label_values(plimsoll_interactions_total{${SERVICE}}, environment)`, '.*'),
];

/** Objectives of the service. @param matchers  like `kind="xla"` */
export const objectivesOf = (...matchers: string[]): string =>
  `label_values(plimsoll_objective_info{${[SERVICE, ...matchers].join(', ')}}, objective)`;
/** Measures of the service. @param matchers  like `measure=~"accuracy.*"` */
export const measuresOf = (...matchers: string[]): string =>
  `label_values(plimsoll_measure_info{${[SERVICE, ...matchers].join(', ')}}, measure)`;
/** Measures that the history has counts of: those whose estimate is the share of good events. */
export const measureOfHistory = (): dashboard.QueryVariableBuilder =>
  choice('measure', 'Measure', MEASURES_OF_HISTORY).datasource(INFLUXDB);

/** Windows that objectives of the service have, beside the last hour. */
export const promisedWindow = (): dashboard.QueryVariableBuilder =>
  choice('window', 'Window', `label_values(plimsoll_measure_window_events{${SERVICE}, window!="1h"}, window)`);
