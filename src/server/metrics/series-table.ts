import { type FamilyName, type FamilyNamed, familyNamed, type NameOf } from './catalogue.ts';
import type { Family, LabelValues } from './family.ts';
import { labelsText, overflowText } from './label-values.ts';

interface Distribution {
  /** Upper bounds in seconds, ascending. */
  readonly bounds: readonly number[];
  /** By bucket, the last without an upper bound; not cumulative. */
  readonly counts: number[];
  sum: number;
}

interface Rows {
  readonly family: Family;
  readonly series: Map<string, number | Distribution>;
}

/**
 * Series whose values are set or added from outside, and their page: the live and the computed families. prom-client takes no
 * whole histograms, joins label values so that unequal ones may meet, and blocks for long over many series; what it keeps is Plimsoll itself.
 */
export class SeriesTable {
  readonly #rows: ReadonlyMap<string, Rows>;
  readonly #onRefused: (family: string) => void;

  /** @param onRefused  told of each update beyond the cap of a family */
  constructor(families: readonly Family[], onRefused: (family: string) => void) {
    this.#rows = new Map(families.map((family) => [family.name, { family, series: new Map() }]));
    this.#onRefused = onRefused;
  }

  /** Adds to a counter; 0 makes its series, so that the first increase is seen. */
  add<N extends NameOf<'live', 'counter'>>(name: N, labels: LabelValues<FamilyNamed<N>>, by: number): void {
    const { family, series } = this.#of(name);
    const key = this.#admit(family, series, labels) ?? overflowText(family.labels);
    series.set(key, ((series.get(key) as number | undefined) ?? 0) + by);
  }

  /** Adds observations that are counted already. @param counts  one more than there are bounds */
  observe<N extends NameOf<'live', 'histogram'>>(
    name: N,
    labels: LabelValues<FamilyNamed<N>>,
    bounds: readonly number[],
    counts: readonly number[],
    sum: number,
  ): void {
    const { family, series } = this.#of(name);
    const key = this.#admit(family, series, labels) ?? overflowText(family.labels);
    let known = series.get(key) as Distribution | undefined;
    if (known === undefined) {
      known = { bounds, counts: new Array<number>(bounds.length + 1).fill(0), sum: 0 };
      series.set(key, known);
    }
    for (const [i, count] of counts.entries()) known.counts[bucketIn(known.bounds, bounds[i])]! += count;
    known.sum += sum;
  }

  /** Says a computed value; null is "no estimate", and then there is no series. */
  set<N extends NameOf<'computed', 'gauge'>>(name: N, labels: LabelValues<FamilyNamed<N>>, value: number | null): void {
    if (value === null || !Number.isFinite(value)) return;
    const { family, series } = this.#of(name);
    const key = this.#admit(family, series, labels);
    if (key !== null) series.set(key, value);
  }

  /** Takes every series away. */
  clear(): void {
    for (const { series } of this.#rows.values()) series.clear();
  }

  sizes(): { family: Family; series: number }[] {
    return [...this.#rows.values()].map(({ family, series }) => ({ family, series: series.size }));
  }

  /** Text format 0.0.4. */
  render(): string {
    const lines: string[] = [];
    for (const { family, series } of this.#rows.values()) {
      lines.push(`# HELP ${family.name} ${family.help}`, `# TYPE ${family.name} ${family.type}`);
      for (const [labels, value] of series) {
        if (typeof value === 'number') lines.push(`${family.name}${labels === '' ? '' : `{${labels}}`} ${value}`);
        else renderDistribution(lines, family.name, labels, value);
      }
    }
    return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
  }

  #of(name: FamilyName): Rows {
    const rows = this.#rows.get(name);
    if (rows === undefined) throw new RangeError(`${familyNamed(name).name} is not kept in this table`);
    return rows;
  }

  /** The key of a series, or null when the family is full. */
  #admit(family: Family, series: Rows['series'], labels: Readonly<Record<string, string>>): string | null {
    const key = labelsText(family.labels, labels);
    if (series.size < family.cap || series.has(key)) return key;
    this.#onRefused(family.name);
    return null;
  }
}

/** The bucket of `bounds` that a bucket with this upper bound lies in: those of an overflow series may be others. */
function bucketIn(bounds: readonly number[], upper: number | undefined): number {
  if (upper === undefined) return bounds.length;
  const found = bounds.findIndex((bound) => upper <= bound);
  return found < 0 ? bounds.length : found;
}

function renderDistribution(
  lines: string[],
  name: string,
  labels: string,
  { bounds, counts, sum }: Distribution,
): void {
  const head = labels === '' ? '' : `${labels},`;
  let total = 0;
  for (const [i, count] of counts.entries()) {
    total += count;
    lines.push(`${name}_bucket{${head}le="${i < bounds.length ? bounds[i] : '+Inf'}"} ${total}`);
  }
  const braces = labels === '' ? '' : `{${labels}}`;
  lines.push(`${name}_sum${braces} ${sum}`, `${name}_count${braces} ${total}`);
}
