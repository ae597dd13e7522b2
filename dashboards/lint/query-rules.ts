import { FAMILIES } from '../../src/server/metrics/catalogue.ts';
import type { Family } from '../../src/server/metrics/family.ts';
import { SCRAPED } from '../lib/queries.ts';
import { dataPanelsOf, nameOf } from './document.ts';
import { GLOBALS, interpolate } from './interpolate.ts';
import { AGGREGATIONS, type Selector, selectorsOf } from './promql.ts';
import type { Context, Rule } from './rule.ts';

interface Query {
  readonly where: string;
  readonly expr: string;
}

/** What panels and annotations ask. */
const queriesOf = ({ document }: Context): Query[] => [
  ...dataPanelsOf(document).flatMap((panel) =>
    (panel.targets ?? [])
      .filter(({ query }) => query === undefined)
      .map(({ refId, expr }) => ({ where: `${nameOf(panel)} ${refId}`, expr: expr ?? '' })),
  ),
  ...(document.annotations?.list ?? []).flatMap(({ name, expr }) =>
    expr === undefined ? [] : [{ where: `annotation ${name}`, expr }],
  ),
];

function selectorsIn(expr: string): Selector[] {
  try {
    return selectorsOf(expr);
  } catch {
    return [];
  }
}

const familyOf = (metric: string): Family | undefined =>
  FAMILIES.find(({ name, type }) =>
    type === 'histogram' ? metric.replace(/_(bucket|sum|count)$/, '') === name : metric === name,
  );

/** A rule over each metric in each query. */
const eachSelector = (
  name: string,
  faultOf: (selector: Selector, family: Family | undefined) => string | null,
): Rule => ({
  name,
  check: (context) =>
    queriesOf(context).flatMap(({ where, expr }) =>
      selectorsIn(expr).flatMap((selector) => {
        const fault = faultOf(selector, familyOf(selector.metric));
        return fault === null ? [] : [`${where}: ${fault}`];
      }),
    ),
});

const RISES = ['rate', 'irate', 'increase', 'resets'];
const isCumulative = (family: Family | undefined): boolean =>
  family?.type === 'counter' || family?.type === 'histogram';
const aggregationsOf = ({ within }: Selector): string[] => within.filter((name) => AGGREGATIONS.includes(name));

const fixed = (label: string): Rule =>
  eachSelector(`target-${label}`, ({ metric, matchers }) =>
    matchers.includes(`${label}=~"$${label}"`) ? null : `${metric} lacks ${label}=~"$${label}"`,
  );

export const QUERY_RULES: readonly Rule[] = [
  {
    name: 'target-promql',
    check: (context) => {
      const variables = (context.document.templating?.list ?? []).map(({ name }) => [name, 'x'] as const);
      return queriesOf(context).flatMap(({ where, expr }) => {
        try {
          return selectorsOf(interpolate(expr, { ...Object.fromEntries(variables), ...GLOBALS })).length > 0
            ? []
            : [`${where}: no metric is asked for`];
        } catch (error) {
          return [`${where}: ${(error as Error).message}`];
        }
      });
    },
  },
  eachSelector('known-metric', ({ metric }, family) =>
    family === undefined && !(SCRAPED as readonly string[]).includes(metric)
      ? `${metric} is not in the catalogue of metrics`
      : null,
  ),
  eachSelector('known-labels', ({ matchers }, family) => {
    const labels = [...matchers.matchAll(/(\w+)(?:=~|!~|!=|=)/g)].map((match) => match[1]!);
    const unknown = labels.filter(
      (label) => !['job', 'instance', 'le', ...(family?.labels ?? [label])].includes(label),
    );
    return unknown.length === 0 ? null : `${family?.name} has no label ${unknown.join(', ')}`;
  }),
  fixed('job'),
  fixed('instance'),
  eachSelector('target-counter-rises', ({ metric, within }, family) =>
    isCumulative(family) && !RISES.includes(within[0] ?? '') ? `${metric} only ever rises: ask for its rate` : null,
  ),
  eachSelector('target-rate-interval', ({ within, range }) =>
    within[0] === 'rate' && range !== '$__rate_interval' ? `rate over ${range}: use $__rate_interval` : null,
  ),
  eachSelector('no-rate-of-gauge', ({ metric, within }, family) =>
    family?.type === 'gauge' && RISES.includes(within[0] ?? '') ? `${within[0]} of ${metric}, which is a gauge` : null,
  ),
  eachSelector('no-mean-of-shares', (selector, family) => {
    const isShare = family?.kind === 'computed' && /_ratio$|_burn_rate|_quantile_|_points$/.test(family.name);
    const mixed = aggregationsOf(selector).find((name) => name === 'avg' || name === 'sum');
    return isShare && mixed !== undefined ? `${mixed} of ${selector.metric}: shares do not add up` : null;
  }),
  eachSelector('one-of-the-replicas', (selector, family) => {
    const innermost = aggregationsOf(selector)[0];
    const mixes = family?.kind === 'computed' && ['sum', 'avg', 'count'].includes(innermost ?? '');
    return mixes ? `${innermost} of ${selector.metric}, which every replica says: take max by (...) first` : null;
  }),
  {
    name: 'no-or-vector',
    check: (context) =>
      queriesOf(context).flatMap(({ where, expr }) =>
        /\bor\s+(on\s*\(\s*\)\s*)?vector\s*\(/.test(expr) ? [`${where}: "or vector" makes a number of nothing`] : [],
      ),
  },
];
