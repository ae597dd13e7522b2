import { type FamilyName, type FamilyNamed, familyNamed, type NameOf } from './catalogue.ts';
import type { Exemplar } from './exemplar.ts';
import type { Family, LabelValues } from './family.ts';
import { type Format, headerOf } from './format.ts';
import { OVERFLOW } from './label-values.ts';
import { isOf, labelsOf, linesOf, NOT_SHOWN, newSeries, type Series } from './series.ts';

interface Rows {
  readonly family: Family;
  /** By their heads, in the order of their lines. */
  readonly series: Map<string, Series>;
  /** Counters that were begun at 0 and have not moved: they give way to what has. */
  readonly idle: Set<Series>;
  /** Values of this round that there was no room for. */
  refused: number;
}

/** A piece of a page has about so many characters. */
const PIECE_CHARACTERS = 1 << 16;

/** Says computed values; null is "no estimate", and then there is no series. */
export interface Says {
  set<N extends NameOf<'computed', 'gauge'>>(name: N, labels: LabelValues<FamilyNamed<N>>, value: number | null): void;
}

/**
 * Series whose values are set or added from outside, and their page: the live and the computed families. prom-client takes no
 * whole histograms, joins label values so that unequal ones may meet, and blocks for long over many series; what it keeps is Plimsoll itself.
 *
 * Computed ones are said in rounds: `begin`, what there is to say, `finish`. What a round does not say has no series after it, so that
 * nothing old stands as if it were new. Series are kept from round to round, and found again without their labels being put together anew.
 */
export class SeriesTable implements Says {
  readonly #rows: ReadonlyMap<string, Rows>;
  readonly #onRefused: (family: string, times: number) => void;
  #owned = new WeakMap<object, OwnedSeries>();
  readonly #kept = new WeakMap<object, Map<FamilyName, Series>>();
  #round = 0;

  /** @param onRefused  told of updates beyond the cap of a family: of computed ones at the end of their round */
  constructor(families: readonly Family[], onRefused: (family: string, times: number) => void) {
    this.#rows = new Map(
      families.map((family) => [family.name, { family, series: new Map(), idle: new Set(), refused: 0 }]),
    );
    this.#onRefused = onRefused;
  }

  /** Labels that will be given again and again, as this object, and stay what they are: their series are found without being put together anew. */
  keep<L extends Readonly<Record<string, string>>>(labels: L): L {
    this.#kept.set(labels, new Map());
    return labels;
  }

  /** Adds to a counter; 0 makes its series while there is room, so that the first increase is seen. @param exemplar  one of what is added */
  add<N extends NameOf<'live', 'counter'>>(
    name: N,
    labels: LabelValues<FamilyNamed<N>>,
    by: number,
    exemplar?: Exemplar,
  ): void {
    if (by === 0) {
      this.#begin(name, labels);
      return;
    }
    const series = this.#counted(name, labels);
    series.value = ((series.value as number | null) ?? 0) + by;
    if (exemplar !== undefined) show(series, 0, exemplar);
  }

  /** Adds observations that are counted already. @param counts  one more than there are bounds  @param exemplar  one of them */
  observe<N extends NameOf<'live', 'histogram'>>(
    name: N,
    labels: LabelValues<FamilyNamed<N>>,
    bounds: readonly number[],
    counts: readonly number[],
    sum: number,
    exemplar?: Exemplar,
  ): void {
    const series = this.#counted(name, labels);
    if (series.value === null || typeof series.value === 'number')
      series.value = { bounds, counts: new Array<number>(bounds.length + 1).fill(0), sum: 0 };
    const known = series.value;
    const isSame = areSame(known.bounds, bounds);
    for (let i = 0; i < counts.length; i++) known.counts[isSame ? i : bucketIn(known.bounds, bounds[i])]! += counts[i]!;
    known.sum += sum;
    if (exemplar === undefined) return;
    const bucket = known.bounds.findIndex((bound) => exemplar.value <= bound);
    show(series, bucket < 0 ? known.bounds.length : bucket, exemplar);
  }

  begin(): void {
    this.#round++;
  }

  set<N extends NameOf<'computed', 'gauge'>>(name: N, labels: LabelValues<FamilyNamed<N>>, value: number | null): void {
    if (isSaid(value)) this.say(this.series(name, labels), value);
  }

  /** Says what is known of one thing, which is mostly the same series in the same order: begins with the first. */
  of(owner: object): Says {
    let owned = this.#owned.get(owner);
    if (owned === undefined) {
      owned = new OwnedSeries(this);
      this.#owned.set(owner, owned);
    }
    owned.rewind();
    return owned;
  }

  /** Ends a round, family by family. */
  *finish(): Generator<undefined> {
    for (const rows of this.#rows.values()) {
      for (const series of rows.series.values()) {
        if (series.round === this.#round) continue;
        series.round = NOT_SHOWN;
        rows.series.delete(series.head);
      }
      if (rows.refused > 0) this.#onRefused(rows.family.name, rows.refused);
      rows.refused = 0;
      yield;
    }
  }

  /** Takes every series away. */
  clear(): void {
    this.#owned = new WeakMap();
    for (const { series, idle } of this.#rows.values()) {
      for (const one of series.values()) one.round = NOT_SHOWN;
      series.clear();
      idle.clear();
    }
  }

  /** What takes up room: not the counters that give way. */
  sizes(): { family: Family; series: number }[] {
    return [...this.#rows.values()].map(({ family, series, idle }) => ({ family, series: series.size - idle.size }));
  }

  /** The counters and gauges that are on the page now. */
  *values(): Generator<{ readonly family: Family; readonly labels: readonly string[]; readonly value: number }> {
    for (const { family, series } of this.#rows.values())
      for (const { labels, value, round } of series.values())
        if (round !== NOT_SHOWN && typeof value === 'number') yield { family, labels, value };
  }

  /** In pieces. The lines of a series are of one moment, those of different ones need not be. */
  *render(format: Format = 'text'): Generator<Buffer> {
    let text = '';
    for (const { family, series } of this.#rows.values()) {
      text += headerOf(family, format);
      for (const one of series.values()) {
        text += linesOf(one, format);
        if (text.length < PIECE_CHARACTERS) continue;
        yield Buffer.from(text);
        text = '';
      }
    }
    yield Buffer.from(text);
  }

  /** The series with these labels; a new one is not on the page yet. */
  series(name: FamilyName, values: Readonly<Record<string, string>>): Series {
    const kept = this.#kept.get(values);
    const last = kept?.get(name);
    if (last !== undefined && last.round !== NOT_SHOWN) return last;
    const { family, series } = this.#of(name);
    const made = newSeries(family, labelsOf(family, values));
    const found = series.get(made.head) ?? made;
    kept?.set(name, found);
    return found;
  }

  /** @returns the series that has these labels from now on */
  say(series: Series, value: number): Series {
    const rows = this.#rows.get(series.family.name)!;
    const shown = series.round === NOT_SHOWN ? admit(rows, series) : series;
    if (shown === null) {
      rows.refused++;
      return series;
    }
    shown.value = value;
    shown.round = this.#round;
    return shown;
  }

  #begin(name: FamilyName, values: Readonly<Record<string, string>>): void {
    const rows = this.#of(name);
    const found = this.series(name, values);
    if (found.round !== NOT_SHOWN || admit(rows, found) === null) return;
    found.value = 0;
    rows.idle.add(found);
  }

  /** The series that counts what has these labels: that of all the others when the family is full. */
  #counted(name: FamilyName, values: Readonly<Record<string, string>>): Series {
    const rows = this.#of(name);
    const found = this.series(name, values);
    if (found.round === NOT_SHOWN) makeRoom(rows);
    const shown = found.round === NOT_SHOWN ? admit(rows, found) : found;
    rows.idle.delete(found);
    if (shown !== null) return shown;
    const { family, series } = rows;
    this.#onRefused(family.name, 1);
    const overflow = newSeries(family, new Array<string>(family.labels.length).fill(OVERFLOW));
    const known = series.get(overflow.head) ?? overflow;
    known.round = 0;
    series.set(known.head, known);
    return known;
  }

  #of(name: FamilyName): Rows {
    const rows = this.#rows.get(name);
    if (rows === undefined) throw new RangeError(`${familyNamed(name).name} is not kept in this table`);
    return rows;
  }
}

/** The series that was said at each place last: there it is looked for first. */
class OwnedSeries implements Says {
  readonly #table: SeriesTable;
  readonly #series: Series[] = [];
  #at = 0;

  constructor(table: SeriesTable) {
    this.#table = table;
  }

  rewind(): void {
    this.#at = 0;
  }

  set<N extends NameOf<'computed', 'gauge'>>(name: N, labels: LabelValues<FamilyNamed<N>>, value: number | null): void {
    if (!isSaid(value)) return;
    const last = this.#series[this.#at];
    const series = last !== undefined && isOf(last, name, labels) ? last : this.#table.series(name, labels);
    this.#series[this.#at++] = this.#table.say(series, value);
  }
}

function show(series: Series, bucket: number, exemplar: Exemplar): void {
  series.exemplars ??= new Map();
  series.exemplars.set(bucket, exemplar);
}

const isSaid = (value: number | null): value is number => value !== null && Number.isFinite(value);

/** Puts a series on the page, unless one with its labels is there; null when the family is full. */
function admit({ family, series }: Rows, one: Series): Series | null {
  const known = series.get(one.head);
  if (known !== undefined) return known;
  if (series.size >= family.cap) return null;
  one.round = 0;
  series.set(one.head, one);
  return one;
}

/** In a full family what has never happened goes for what does. */
function makeRoom({ family, series, idle }: Rows): void {
  if (series.size < family.cap) return;
  for (const one of idle) {
    one.round = NOT_SHOWN;
    series.delete(one.head);
    idle.delete(one);
    return;
  }
}

function areSame(some: readonly number[], others: readonly number[]): boolean {
  for (let i = 0; i < some.length; i++) if (some[i] !== others[i]) return false;
  return some.length === others.length;
}

/** The bucket of `bounds` that a bucket with this upper bound lies in: those of an overflow series may be others. */
function bucketIn(bounds: readonly number[], upper: number | undefined): number {
  if (upper === undefined) return bounds.length;
  const found = bounds.findIndex((bound) => upper <= bound);
  return found < 0 ? bounds.length : found;
}
