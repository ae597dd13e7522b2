import { INFLUXDB } from '../lib/influxql.ts';
import { COLOURS, VERDICT_LOOKS } from '../lib/look.ts';
import { PROMETHEUS } from '../lib/queries.ts';
import { dataPanelsOf, nameOf, type Panel } from './document.ts';
import type { Context, Rule } from './rule.ts';

const TYPES = ['timeseries', 'stat', 'table', 'heatmap', 'state-timeline', 'bargauge', 'barchart'];
const UNITS = [
  ...['none', 'short', 'percentunit', 's', 'dtdurations', 'reqps', 'cps', 'bytes'],
  ...['dateTimeFromNow', 'dateTimeAsIso', 'currencyUSD'],
];
/** Metrics whose number may be absent: all that is computed. */
const COMPUTED =
  /plimsoll_(measure|latency_quantile|objective|fleet|trust|drift|evaluator_agreement|cost_window|incidents_open|last_change|judged)/;

/** A rule over each panel that shows data. */
const each = (name: string, faultOf: (panel: Panel, context: Context) => string | string[] | null): Rule => ({
  name,
  check: (context) =>
    dataPanelsOf(context.document).flatMap((panel) => {
      const faults = faultOf(panel, context) ?? [];
      return (typeof faults === 'string' ? [faults] : faults).map((fault) => `${nameOf(panel)}: ${fault}`);
    }),
});

const expressionsOf = (panel: Panel): string[] => (panel.targets ?? []).map(({ expr }) => expr ?? '');
const overridesOf = (panel: Panel) => panel.fieldConfig?.overrides ?? [];
const defaultsOf = (panel: Panel) => panel.fieldConfig?.defaults ?? {};
const linksOf = (panel: Panel) => [...(defaultsOf(panel).links ?? []), ...(panel.links ?? [])];

/** Names that a panel gives a look to, with each colour that they get. */
function looksOf(panel: Panel): { name: string; colour: string | null }[] {
  const mapped = (defaultsOf(panel).mappings ?? []).flatMap(({ options }) =>
    Object.values(options ?? {}).map(({ text, color }) => ({ name: text ?? '', colour: color ?? null })),
  );
  const overridden = overridesOf(panel).flatMap(({ matcher, properties }) =>
    properties.flatMap(({ id, value }) => {
      if (id === 'color' && value?.fixedColor !== undefined)
        return [{ name: matcher.options, colour: value.fixedColor }];
      if (id === 'thresholds') return [{ name: matcher.options, colour: value.steps.at(-1).color as string }];
      return [];
    }),
  );
  return [...mapped, ...overridden];
}

const verdictOf = (name: string) =>
  VERDICT_LOOKS.find(({ verdict, text, plain }) => [verdict, text, plain].includes(name as typeof text));
const asksHistory = ({ targets }: Panel): boolean => (targets ?? []).some(({ query }) => query !== undefined);
/** One that counts a single verdict says which in its name. */
const isOfVerdicts = (panel: Panel): boolean =>
  expressionsOf(panel).some(
    (expr) => /objective_verdict|fleet_objectives/.test(expr) && (expr.match(/verdict="\w+"/g)?.length ?? 0) !== 1,
  );
const hasBounds = (panel: Panel): boolean => expressionsOf(panel).some((expr) => expr.includes('_ci_'));
const hasBothBounds = (panel: Panel): boolean =>
  ['_ci_lower', '_ci_upper'].every((bound) => expressionsOf(panel).some((expr) => expr.includes(bound)));
const bandsOf = (panel: Panel): string[] =>
  overridesOf(panel).flatMap(({ properties }) =>
    properties.filter(({ id }) => id === 'custom.fillBelowTo').map(({ value }) => String(value)),
  );

export const PANEL_RULES: readonly Rule[] = [
  each('panel-title-description', ({ title, description }) =>
    title && description ? null : 'a title and a description are needed',
  ),
  each('panel-one-question', ({ description }) =>
    /^[^?]+\?[^?]*$/.test(description ?? '') ? null : 'the description asks one question',
  ),
  each('panel-type', ({ type }) => (TYPES.includes(type) ? null : `a panel of type ${type}`)),
  each('panel-no-targets', ({ targets }) => (targets?.length ? null : 'it asks nothing')),
  each('panel-units', (panel) => {
    const { unit, mappings } = defaultsOf(panel);
    return UNITS.includes(unit ?? '') || mappings?.length ? null : `its unit is ${unit}`;
  }),
  each('panel-datasource', ({ targets }) =>
    (targets ?? []).flatMap(({ refId, datasource, query }) =>
      datasource?.uid === (query === undefined ? PROMETHEUS : INFLUXDB).uid
        ? []
        : [`${refId} asks ${datasource?.uid}, not the chosen data source`],
    ),
  ),
  each('one-data-source', ({ targets, datasource }) => {
    const other = (targets ?? []).find((target) => target.datasource?.uid !== datasource?.uid);
    return other === undefined ? null : `${other.refId} asks another data source than its panel`;
  }),
  each('ref-ids', ({ targets }) => {
    const ids = (targets ?? []).map(({ refId }) => refId);
    return new Set(ids).size === ids.length ? null : 'two queries have one refId';
  }),
  each('no-palette', (panel) => {
    const mode = defaultsOf(panel).color?.mode;
    return panel.type === 'heatmap' || ['fixed', 'shades', 'thresholds'].includes(mode ?? '')
      ? null
      : `colour mode ${mode}: a colour of a palette may look like a verdict`;
  }),
  each('verdict-colour', (panel) =>
    looksOf(panel).flatMap(({ name, colour }) => {
      const verdict = verdictOf(name);
      return verdict === undefined || verdict.verdict === 'insufficient_evidence' || verdict.colour === colour
        ? []
        : [`${name} is ${colour}, not ${verdict.colour}`];
    }),
  ),
  each('not-decidable-is-never-green', (panel) =>
    looksOf(panel).flatMap(({ name, colour }) =>
      verdictOf(name)?.verdict === 'insufficient_evidence' && colour !== COLOURS.notDecidable
        ? [`${name} is ${colour}, not ${COLOURS.notDecidable}`]
        : [],
    ),
  ),
  each('green-is-a-verdict', (panel) =>
    looksOf(panel).flatMap(({ name, colour }) =>
      colour === COLOURS.met && verdictOf(name) === undefined ? [`${name} is green and no verdict`] : [],
    ),
  ),
  each('verdicts-complete', (panel) => {
    if (!isOfVerdicts(panel)) return null;
    const seen = looksOf(panel).map(({ name }) => verdictOf(name)?.verdict);
    return VERDICT_LOOKS.filter(({ verdict }) => !seen.includes(verdict)).map(({ text }) => `no look for ${text}`);
  }),
  each('threshold-base', (panel) => {
    const steps = defaultsOf(panel).thresholds?.steps ?? [];
    return steps.length === 0 || steps[0]!.value === null ? null : 'the first step must begin at minus infinity';
  }),
  each('no-value', (panel) =>
    !(expressionsOf(panel).some((expr) => COMPUTED.test(expr)) || asksHistory(panel)) || defaultsOf(panel).noValue
      ? null
      : 'a computed number may be absent: noValue says what that means',
  ),
  each('band-has-a-lower-edge', (panel) => {
    const names = (panel.targets ?? []).map(({ legendFormat }) => legendFormat);
    return bandsOf(panel)
      .filter((edge) => !names.includes(edge))
      .map((edge) => `no series is named ${edge}, so no band is drawn`);
  }),
  each('bounds-are-a-band', (panel) =>
    panel.type === 'timeseries' && hasBothBounds(panel) && bandsOf(panel).length === 0 ? 'bounds without a band' : null,
  ),
  each('estimates-have-bounds', (panel) =>
    panel.type === 'timeseries' &&
    expressionsOf(panel).some((expr) =>
      /plimsoll_(measure_ratio|latency_quantile_seconds|trust_index_points|drift_effect|\w+_remaining_ratio)/.test(
        expr,
      ),
    ) &&
    !hasBounds(panel)
      ? 'an estimate is drawn without its interval'
      : null,
  ),
  each('no-span-nulls', (panel) =>
    (defaultsOf(panel).custom?.spanNulls ?? false) === false ? null : 'a line over a gap hides that nothing is known',
  ),
  each('gaps-by-step', (panel) =>
    (defaultsOf(panel).custom?.insertNulls ?? false) === false
      ? null
      : 'where the steps of a longer time are longer than insertNulls, nothing is drawn at all',
  ),
  each('leads-on', (panel) =>
    linksOf(panel).length > 0 ? null : 'it leads nowhere: link to what is to be looked at next',
  ),
  each('no-dead-link', (panel, { uids }) =>
    linksOf(panel).flatMap(({ url }) => {
      const uid = /^\/d\/([a-z0-9-]+)/.exec(url ?? '')?.[1];
      return uid === undefined || uids.has(uid) ? [] : [`no dashboard is ${uid}`];
    }),
  ),
  each('link-keeps-time', (panel) =>
    linksOf(panel).flatMap(({ url }) =>
      url?.startsWith('/d/') && !url.includes('__url_time_range') ? [`${url} loses the time range`] : [],
    ),
  ),
];
