import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import type { FamilyName } from '../../src/server/metrics/catalogue.ts';

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: variables of Grafana
export const PROMETHEUS = { type: 'prometheus', uid: '${prometheus_datasource}' } as const;
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: variables of Grafana

const OF_PLIMSOLL = 'job=~"$job", instance=~"$instance"';
const OF_SERVICE = `${OF_PLIMSOLL}, service="$service", environment=~"$environment"`;

/** Parts of a histogram are series of their own. */
type SeriesName = FamilyName | `${FamilyName}_bucket`;

const selector = (name: SeriesName, ...matchers: string[]): string => `${name}{${matchers.join(', ')}}`;
/** Of this Plimsoll; `rest` like `window="1h"`. */
export const ofPlimsoll = (name: SeriesName, ...rest: string[]): string => selector(name, OF_PLIMSOLL, ...rest);
/** Of the service that is looked at. */
export const ofService = (name: SeriesName, ...rest: string[]): string => selector(name, OF_SERVICE, ...rest);

/** How fast a live counter or histogram rises. */
export const rate = (series: string): string => `rate(${series}[$__rate_interval])`;

export const query = (refId: string, expr: string, legend = '__auto'): DataqueryBuilder =>
  new DataqueryBuilder().refId(refId).expr(expr).legendFormat(legend).datasource(PROMETHEUS);

/** As of now: for panels that show one number. */
export const latest = (refId: string, expr: string, legend = '__auto'): DataqueryBuilder =>
  query(refId, expr, legend).instant();
