import { MEASUREMENTS, type Measurement } from '../../src/sinks/influx/schema.ts';
import { dataPanelsOf, nameOf } from './document.ts';
import type { Context, Rule } from './rule.ts';

interface Query {
  readonly where: string;
  readonly text: string;
}

/** What panels and annotations ask of the history. */
export const historyQueriesOf = ({ document }: Context): Query[] => [
  ...dataPanelsOf(document).flatMap((panel) =>
    (panel.targets ?? []).flatMap(({ refId, query }) =>
      query === undefined ? [] : [{ where: `${nameOf(panel)} ${refId}`, text: query }],
    ),
  ),
  ...(document.annotations?.list ?? []).flatMap(({ name, target }) =>
    target?.query === undefined ? [] : [{ where: `annotation ${name}`, text: target.query }],
  ),
];

const each = (name: string, faultOf: (text: string) => string | null): Rule => ({
  name,
  check: (context) =>
    historyQueriesOf(context).flatMap(({ where, text }) => {
      const fault = faultOf(text);
      return fault === null ? [] : [`${where}: ${fault}`];
    }),
});

const measurementOf = (text: string): keyof typeof MEASUREMENTS | undefined =>
  /\bFROM "(\w+)"/.exec(text)?.[1] as keyof typeof MEASUREMENTS | undefined;
const groupedBy = (text: string): string[] => {
  const list = /GROUP BY (.+?)(?: fill\(|$)/.exec(text)?.[1] ?? '';
  return [...list.matchAll(/"(\w+)"/g)].map((match) => match[1]!);
};
/** The conditions on one tag. */
const conditionsOn = (text: string, tag: string): string[] =>
  [...text.matchAll(new RegExp(`"${tag}" (?:=~?|!=|!~) (?:'[^']*'|/.*?/(?= |$))`, 'g'))].map((match) => match[0]);

/** What makes InfluxQL lie, or ask for what is not there. */
export const HISTORY_RULES: readonly Rule[] = [
  each('influx-time-filter', (text) =>
    text.includes('$timeFilter') ? null : 'it asks for all of time: $timeFilter is missing',
  ),
  each('influx-known', (text) => {
    const name = measurementOf(text);
    const known: Measurement | undefined = name === undefined ? undefined : MEASUREMENTS[name];
    if (known === undefined) return `${name} is no measurement of the history`;
    const named = [
      ...text
        .replace(/\bFROM "\w+"/, '')
        .replaceAll(/ AS "\w+"/g, '')
        .matchAll(/"(\w+)"/g),
    ];
    const unknown = named
      .map((match) => match[1]!)
      .filter((one) => !known.tags.includes(one) && !(one in known.fields));
    return unknown.length === 0 ? null : `${name} has no ${unknown.join(', ')}`;
  }),
  each('influx-group-by-tags', (text) => {
    const name = measurementOf(text);
    const fields = groupedBy(text).filter((one) => name !== undefined && one in (MEASUREMENTS[name]?.fields ?? {}));
    return fields.length === 0 ? null : `groups by ${fields.join(', ')}, which are fields: that is one group`;
  }),
  each('influx-no-mean-of-shares', (text) =>
    /\b(mean|median|mode|stddev|moving_average)\(/i.test(text)
      ? 'a mean of shares, or of minutes, is weighted wrongly: divide sums'
      : null,
  ),
  each('influx-fixed-slice', (text) => {
    if (measurementOf(text) !== 'tally') return null;
    if (conditionsOn(text, 'measure').length !== 1) return 'it does not say which measure, and counts several';
    const [slice, ...more] = conditionsOn(text, 'slice');
    return more.length === 0 && (slice === `"slice" = 'all'` || /^"slice" =~ \/\^\w+=\/$/.test(slice ?? ''))
      ? null
      : 'it must be of slice all, or of one dimension: else each event counts twice';
  }),
  each('influx-slices-apart', (text) =>
    measurementOf(text) === 'tally' && text.includes('"slice" =~') && !groupedBy(text).includes('slice')
      ? 'the slices of a dimension are added up: group by slice, or ask for all'
      : null,
  ),
  each('influx-one-currency', (text) =>
    measurementOf(text) === 'cost' && text.includes('cost_micros') && !groupedBy(text).includes('currency')
      ? 'it adds up several currencies: group by currency'
      : null,
  ),
  each('influx-gaps', (text) =>
    /fill\((?!null\)|none\))/.test(text) ? 'a gap is filled with a number that nobody has measured' : null,
  ),
];
