import { type Exemplar, exemplarText } from './exemplar.ts';
import type { Family } from './family.ts';
import type { Format } from './format.ts';
import { labelText } from './label-values.ts';

/** Counts of a histogram. */
export interface Distribution {
  /** Upper bounds in seconds, ascending. */
  readonly bounds: readonly number[];
  /** By bucket, the last without an upper bound; not cumulative. */
  readonly counts: number[];
  sum: number;
}

/** One series of a family, with what of its line stays the same. */
export interface Series {
  readonly family: Family;
  /** In the order of the family's labels, as they were given. */
  readonly labels: readonly string[];
  /** `name{a="x",b="y"} `: unequal labels never give equal ones, as values joined by commas would. */
  readonly head: string;
  /** Null before anything is said. */
  value: number | Distribution | null;
  /** The newest by bucket, of a counter at 0; absent while there is none. */
  exemplars?: Map<number, Exemplar>;
  /** The round in which it was said last; NOT_SHOWN: it is not on the page. */
  round: number;
}

export const NOT_SHOWN = -1;

export function newSeries(family: Family, labels: readonly string[]): Series {
  const texts = family.labels.map((label, i) => `${label}="${labelText(labels[i]!)}"`).join(',');
  return { family, labels, head: headOf(family.name, texts), value: null, round: NOT_SHOWN };
}

const headOf = (name: string, texts: string): string => (texts === '' ? `${name} ` : `${name}{${texts}} `);

export const labelsOf = ({ labels }: Family, values: Readonly<Record<string, string>>): string[] =>
  labels.map((label) => values[label] ?? '');

export function isOf({ family, labels }: Series, name: string, values: Readonly<Record<string, string>>): boolean {
  if (family.name !== name) return false;
  for (let i = 0; i < labels.length; i++) if (labels[i] !== (values[family.labels[i]!] ?? '')) return false;
  return true;
}

/** Its lines; exemplars in OpenMetrics alone. */
export function linesOf({ family, head, value, exemplars }: Series, format: Format): string {
  if (value === null) return '';
  const shown = format === 'openmetrics' ? exemplars : undefined;
  const behind = (bucket: number): string => {
    const exemplar = shown?.get(bucket);
    return exemplar === undefined ? '' : exemplarText(exemplar);
  };
  if (typeof value === 'number') return `${head}${value}${behind(0)}\n`;
  const { bounds, counts, sum } = value;
  // Of `name{labels} ` or `name `.
  const texts = head.slice(family.name.length + 1, -2);
  const before = texts === '' ? '' : `${texts},`;
  let lines = '';
  let total = 0;
  for (const [i, count] of counts.entries()) {
    total += count;
    lines += `${headOf(`${family.name}_bucket`, `${before}le="${i < bounds.length ? bounds[i] : '+Inf'}"`)}${total}${behind(i)}\n`;
  }
  return `${lines}${headOf(`${family.name}_sum`, texts)}${sum}\n${headOf(`${family.name}_count`, texts)}${total}\n`;
}
