import { DashboardLinkBuilder } from '@grafana/grafana-foundation-sdk/dashboard';

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: variables of Grafana
const TIME = '${__url_time_range}';
const CONSOLE = '${console}';
const SERVICE_PATH = '/services/${service:percentencode}';
const OBJECTIVE_PATH = '/objectives/${objective:percentencode}';
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: variables of Grafana
/** A variable of the dashboard, as its part of an address. */
const chosen = (name: string): string => `\${${name}:queryparam}`;
/** A label of what was clicked at. */
const label = (name: string): string => `\${__field.labels.${name}}`;
/** A column of the row that was clicked at. */
export const column = (name: string): string => `\${__data.fields.${name}}`;

const link = (title: string, url: string, elsewhere = false): DashboardLinkBuilder =>
  new DashboardLinkBuilder(title).url(url).targetBlank(elsewhere);

type Uid = 'fleet' | 'service' | 'objective' | 'quality' | 'drift' | 'incidents' | 'cost' | 'service-desk' | 'self';

/** To another dashboard. @param more  parts of the address like `var-service=...` */
export const toDashboard = (uid: Uid, title: string, ...more: string[]): DashboardLinkBuilder =>
  link(title, `/d/plimsoll-${uid}?${[...more, TIME].join('&')}`);

/** With the data sources and processes that are chosen here. */
const KEPT = ['prometheus_datasource', 'influxdb_datasource', 'job', 'instance'].map(chosen);
const SERVICE = [...KEPT, chosen('service'), chosen('environment')];

/** Of the service that is looked at. */
export const onward = {
  service: () => toDashboard('service', 'The service', ...SERVICE),
  objective: () => toDashboard('objective', 'Its objectives and budgets', ...SERVICE),
  thisObjective: () => toDashboard('objective', 'The objective', ...SERVICE, chosen('objective')),
  quality: () => toDashboard('quality', 'Accuracy, relevance, trust', ...SERVICE),
  drift: () => toDashboard('drift', 'Drift', ...SERVICE),
  incidents: () => toDashboard('incidents', 'Incidents and changes', ...SERVICE),
  cost: () => toDashboard('cost', 'Cost and tokens', ...SERVICE),
  self: () => toDashboard('self', 'Plimsoll itself', ...KEPT),
} as const;

/** Of what was clicked at, on a dashboard of many services. */
export const clicked = {
  service: () => toDashboard('service', 'The service', ...KEPT, `var-service=${label('service')}`),
  objective: () =>
    toDashboard(
      'objective',
      'The objective',
      ...KEPT,
      `var-service=${label('service')}`,
      `var-objective=${label('objective')}`,
    ),
  quality: () => toDashboard('quality', 'Accuracy, relevance, trust', ...KEPT, `var-service=${label('service')}`),
  incidents: () => toDashboard('incidents', 'Incidents and changes', ...KEPT),
  /** In rows of a table. */
  rowService: () => toDashboard('service', 'The service', ...KEPT, `var-service=${column('service')}`),
  rowQuality: () => toDashboard('quality', 'Accuracy, relevance, trust', ...KEPT, `var-service=${column('service')}`),
  rowObjective: () =>
    toDashboard(
      'objective',
      'The objective',
      ...KEPT,
      `var-service=${column('service')}`,
      `var-objective=${column('objective')}`,
    ),
} as const;

const toConsole = (title: string, path: string): DashboardLinkBuilder => link(title, `${CONSOLE}${path}`, true);

/** To Plimsoll's own pages, and where there is no page, to what its API says. */
export const console = {
  fleet: () => toConsole('Console', '/'),
  service: () => toConsole('Console: the service, its slices and calls', SERVICE_PATH),
  objective: () => toConsole('Console: the objective', OBJECTIVE_PATH),
  rowObjective: () => toConsole('Console: the objective', `/objectives/${column('objective')}`),
  labelObjective: () => toConsole('Console: the objective', `/objectives/${label('objective')}`),
  incidents: () => toConsole('Console: incidents', '/incidents'),
  incident: () => toConsole('Console: the incident', `/incidents/${column('number')}`),
  interactions: () => toConsole('API: interactions and their traces', `/api/v1${SERVICE_PATH}/interactions`),
  outbox: () => toConsole('API: what waits, and what was given up', '/api/v1/outbox'),
  destinations: () => toConsole('API: how destinations are', '/api/v1/destinations'),
  ready: () => toConsole('Is it ready?', '/readyz'),
  metrics: () => toConsole('API: the page that is scraped', '/metrics'),
  audit: () => toConsole('API: heads of the audit log', '/api/v1/audit/heads'),
  history: () => toConsole('API: the state of the history', '/api/v1/history'),
} as const;
