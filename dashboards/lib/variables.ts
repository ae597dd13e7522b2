import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { PROMETHEUS } from './queries.ts';

export const dataSource = (): dashboard.DatasourceVariableBuilder =>
  new dashboard.DatasourceVariableBuilder('prometheus_datasource').label('Prometheus').type('prometheus');

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
