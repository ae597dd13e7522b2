import { dataPanelsOf, nameOf, type Panel, panelsOf } from './document.ts';
import { historyQueriesOf } from './history-rules.ts';
import type { Rule } from './rule.ts';

const SCHEMA_VERSION = 42;
const PANELS_MAX = 12;
/** Of a dashboard, in columns. */
const WIDTH = 24;

const variables = ({ document }: Parameters<Rule['check']>[0]) => document.templating?.list ?? [];
const when = (broken: boolean, fault: string): string[] => (broken ? [fault] : []);

const choosesMany = (name: 'job' | 'instance'): Rule => ({
  name: `template-${name}`,
  check: (context) => {
    const found = variables(context).find((one) => one.name === name);
    if (found === undefined) return [`there is no variable ${name}`];
    return when(found.multi !== true || found.allValue !== '.+', `${name} must take several values, and .+ for all`);
  },
});

export const DOCUMENT_RULES: readonly Rule[] = [
  {
    name: 'uneditable',
    check: ({ document }) => when(document.editable !== false, 'editable must be false: it is provisioned from a file'),
  },
  {
    name: 'stable-uid',
    check: ({ document }) => when(!/^plimsoll-[a-z-]{2,30}$/.test(document.uid ?? ''), `uid is ${document.uid}`),
  },
  {
    name: 'no-id',
    check: ({ document }) => when((document.id ?? null) !== null, 'an id is a number of one Grafana: leave it out'),
  },
  {
    name: 'no-inputs',
    check: ({ document }) => when(document.__inputs !== undefined, '__inputs is for import by hand'),
  },
  {
    name: 'schema-version',
    check: ({ document }) =>
      when(
        document.schemaVersion !== SCHEMA_VERSION,
        `schemaVersion is ${document.schemaVersion}, not ${SCHEMA_VERSION}`,
      ),
  },
  {
    name: 'no-date',
    check: ({ document }) =>
      when(/"20\d\d-\d\d-\d\dT/.test(JSON.stringify(document)), 'a date makes each build another'),
  },
  {
    name: 'template-datasource',
    check: (context) =>
      when(
        !variables(context).some(({ type, name, query }) => type === 'datasource' && name === `${query}_datasource`),
        'there is no variable prometheus_datasource for the data source',
      ),
  },
  {
    name: 'template-history',
    check: (context) =>
      when(
        historyQueriesOf(context).length > 0 && !variables(context).some(({ name }) => name === 'influxdb_datasource'),
        'there is no variable influxdb_datasource, and the history is asked',
      ),
  },
  choosesMany('job'),
  choosesMany('instance'),
  {
    name: 'template-on-time-change-reload',
    check: (context) =>
      variables(context).flatMap(({ type, name, refresh }) =>
        when(type === 'query' && refresh !== 2, `${name} must be read again when the time range changes (refresh 2)`),
      ),
  },
  {
    name: 'template-query',
    check: (context) =>
      variables(context).flatMap(({ type, name, query }) =>
        when(
          type === 'query' && !/^(label_values\(.+\)$|SHOW TAG VALUES FROM "\w+" WITH KEY = )/.test(query ?? ''),
          `${name} must ask for label_values(...), or SHOW TAG VALUES of the history`,
        ),
      ),
  },
  {
    name: 'panel-ids',
    check: ({ document }) => {
      const ids = panelsOf(document).map(({ id }) => id);
      return panelsOf(document).flatMap((panel, i) =>
        when(panel.id === undefined || ids.indexOf(panel.id) !== i, `${nameOf(panel)}: its number is missing or taken`),
      );
    },
  },
  {
    name: 'tells-its-age',
    check: ({ document }) =>
      when(
        !dataPanelsOf(document).some(({ targets }) =>
          targets?.some(({ expr }) => expr?.includes('plimsoll_judged_through_timestamp_seconds')),
        ),
        'no panel says how old the numbers are',
      ),
  },
  {
    name: 'shows-incidents-and-changes',
    check: ({ document }) => {
      const annotations = document.annotations?.list ?? [];
      return [
        ...when(
          !annotations.some(({ target }) => target?.query?.includes('"incident"') && target.timeEndColumn === 'until'),
          'incidents are not shown over time, from onset to end',
        ),
        ...when(!annotations.some(({ expr }) => expr?.includes('last_change')), 'changes are not shown over time'),
      ];
    },
  },
  {
    name: 'not-too-much',
    check: ({ document }) => {
      const panels = document.panels ?? [];
      const collapsed = panels.findIndex(({ type, collapsed }) => type === 'row' && collapsed === true);
      const shown = panels.slice(0, collapsed < 0 ? undefined : collapsed).filter(({ type }) => type !== 'row').length;
      return when(shown > PANELS_MAX, `${shown} panels are open, ${PANELS_MAX} may be: collapse a row`);
    },
  },
  {
    name: 'no-holes',
    check: ({ document }) => linesOf(document.panels ?? []).flatMap(holeIn),
  },
];

/** Panels that stand beside each other, between rows and inside of them. */
function linesOf(panels: readonly Panel[]): Panel[][] {
  const lines: Panel[][] = [];
  let width = WIDTH;
  for (const panel of panels) {
    const { w } = panel.gridPos!;
    if (panel.type === 'row') lines.push(...linesOf(panel.panels ?? []));
    else if (width + w > WIDTH) lines.push([panel]);
    else lines.at(-1)!.push(panel);
    width = panel.type === 'row' ? WIDTH : width + w > WIDTH ? w : width + w;
  }
  return lines;
}

function holeIn(line: readonly Panel[]): string[] {
  const width = line.reduce((sum, { gridPos }) => sum + gridPos!.w, 0);
  return when(width < WIDTH, `beside ${line.at(-1)!.title} there is nothing: ${width} of ${WIDTH} are filled`);
}
