import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import type { FamilyName } from '../../src/server/metrics/catalogue.ts';

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: variables of Grafana
export const PROMETHEUS = { type: 'prometheus', uid: '${prometheus_datasource}' } as const;
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: variables of Grafana

/** What Prometheus says of a target itself. */
export const SCRAPED = ['up', 'scrape_duration_seconds'] as const;

const OF_PLIMSOLL = 'job=~"$job", instance=~"$instance"';
const OF_SERVICE = `${OF_PLIMSOLL}, service="$service", environment=~"$environment"`;

/** Labels that tell objectives apart. */
export const PER_OBJECTIVE = 'service, environment, objective';

/** Parts of a histogram are series of their own. */
type SeriesName = FamilyName | `${FamilyName}_bucket` | (typeof SCRAPED)[number];

const selector = (name: SeriesName, ...matchers: string[]): string => `${name}{${matchers.join(', ')}}`;
/** Of this Plimsoll; `rest` like `window="1h"`. */
export const ofPlimsoll = (name: SeriesName, ...rest: string[]): string => selector(name, OF_PLIMSOLL, ...rest);
/** Of the service that is looked at. */
export const ofService = (name: SeriesName, ...rest: string[]): string => selector(name, OF_SERVICE, ...rest);

/** How fast a live counter or histogram rises. */
export const rate = (series: string): string => `rate(${series}[$__rate_interval])`;
/** A quantile of what a live histogram has seen. @param by  labels that tell its lines apart */
export const quantile = (q: number, series: string, ...by: string[]): string =>
  `histogram_quantile(${q}, sum by (${['le', ...by].join(', ')}) (${rate(series)}))`;

export const query = (refId: string, expr: string, legend = '__auto'): DataqueryBuilder =>
  new DataqueryBuilder().refId(refId).expr(expr).legendFormat(legend).datasource(PROMETHEUS);

/** As of now: for panels that show one number. */
export const latest = (refId: string, expr: string, legend = '__auto'): DataqueryBuilder =>
  query(refId, expr, legend).instant();

/** As of now, a row for each series and a column for each label. */
export const rows = (refId: string, expr: string): DataqueryBuilder =>
  query(refId, expr).instant().format(PromQueryFormat.Table);
