import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { INFLUXDB, InfluxQl, influxQl, ofServiceHistory } from './influxql.ts';
import { COLOURS } from './look.ts';
import { ofPlimsoll, ofService, PROMETHEUS } from './queries.ts';
import { console, dataSource, history, processes } from './variables.ts';

export const row = (title: string): dashboard.RowBuilder => new dashboard.RowBuilder(title);

export interface Frame {
  readonly uid: `plimsoll-${string}`;
  readonly title: string;
  /** One, that the dashboard answers. */
  readonly asks: string;
  /** Whether it is of one service, or of all. */
  readonly of: 'service' | 'all';
  /** Beside data sources and processes. */
  readonly variables?: readonly dashboard.QueryVariableBuilder[];
}

/** What every dashboard has: data sources, the way to the others, incidents and changes over time. */
export function frame({ uid, title, asks, of, variables = [] }: Frame): dashboard.DashboardBuilder {
  const made = new dashboard.DashboardBuilder(`Plimsoll / ${title}`)
    .uid(uid)
    .description(asks)
    .tags(['plimsoll', 'generated'])
    .readonly()
    .tooltip(dashboard.DashboardCursorSync.Crosshair)
    .time({ from: 'now-24h', to: 'now' })
    .refresh('1m')
    .timezone('utc')
    .withVariable(dataSource())
    .withVariable(history())
    .withVariable(console());
  for (const variable of [...processes(), ...variables]) made.withVariable(variable);
  return made
    .link(
      new dashboard.DashboardLinkBuilder('Plimsoll')
        .type(dashboard.DashboardLinkType.Dashboards)
        .tags(['plimsoll'])
        .asDropdown(true)
        .includeVars(true)
        .keepTime(true),
    )
    .annotation(incidents(of))
    .annotation(changes(of));
}

/** From onset to end, as they are known now. */
function incidents(of: Frame['of']): dashboard.AnnotationQueryBuilder {
  const choice = { select: '"text", "severity", "until"', from: 'incident' } as const;
  const query = of === 'service' ? ofServiceHistory(choice) : influxQl({ ...choice, where: [] });
  return new dashboard.AnnotationQueryBuilder()
    .name('Incidents')
    .datasource(INFLUXDB)
    .enable(true)
    .iconColor(COLOURS.breached)
    .target(new InfluxQl('Anno', query).annotates('text', 'severity', 'until'));
}

function changes(of: Frame['of']): dashboard.AnnotationQueryBuilder {
  const name = 'plimsoll_last_change_timestamp_seconds';
  const series = of === 'service' ? ofService(name) : ofPlimsoll(name);
  const by = of === 'service' ? 'change_type' : 'service, change_type';
  return new dashboard.AnnotationQueryBuilder()
    .name('Changes')
    .datasource(PROMETHEUS)
    .enable(true)
    .iconColor(COLOURS.line)
    .step('5m')
    .expr(`max by (${by}) (changes(${series}[$__rate_interval])) > 0`)
    .titleFormat(of === 'service' ? '{{change_type}} changed' : '{{service}}: {{change_type}} changed');
}
