import { KINDS, type Kind } from '../../src/model/span.ts';
import { type Dialect, FIELDS, type Field, type KindTable, type Source } from './dialect.ts';
import { SlotMap } from './slots.ts';

/** A source with the slot that it is read from. */
export interface Place {
  readonly slot: number;
  readonly take: Source['take'];
  /** The value is the attribute's as it is. */
  readonly isPlain: boolean;
  /** Only a text can hold the value. */
  readonly isInText: boolean;
  readonly path: readonly Uint8Array[];
  /** Of `parts`: the word that counts. */
  readonly word: string;
}

/** The places where the answer to one question may stand, in the order in which they are asked. */
export interface Places {
  /** Set among the slots' values when one of the places is filled: most questions have no answer in most spans. */
  readonly bit: number;
  readonly list: readonly Place[];
}

export interface Marker {
  readonly slot: number;
  readonly dialect: Dialect;
  /** Of attributes beside which it does not count. */
  readonly unless: readonly number[];
}

/** An attribute that says something by one value. */
export interface Saying {
  readonly slot: number;
  readonly value: Uint8Array;
}

/** That the span failed. */
export interface Failure extends Saying {
  /** Whose spans alone it says that of; null: of all. */
  readonly of: Dialect | null;
}

/** That the span is of another kind than it seems. */
export interface Instead extends Saying {
  readonly kind: Kind;
}

/** All dialects together, as one list of slots to look for and the order in which fields are taken from them. */
export interface Plan {
  readonly slots: SlotMap;
  readonly markers: readonly Marker[];
  readonly fields: Readonly<Record<Field, Places>>;
  readonly names: Readonly<Record<Kind, Places>>;
  readonly failures: readonly Failure[];
  readonly instead: readonly Instead[];
}

export function planOf(dialects: readonly Dialect[]): Plan {
  const slots = new SlotMap();
  const markers = dialects.flatMap((dialect) => {
    const unless = (dialect.unless ?? []).map((key) => slots.attribute(key));
    return dialect.markers.map((key) => ({ slot: slots.attribute(key), dialect, unless }));
  });
  for (const { slot } of markers) slots.answer(slot, MARKER_BIT);
  const sayings = (said: Readonly<Record<string, string>> = {}): Saying[] =>
    Object.entries(said).map(([key, value]) => ({ slot: slots.attribute(key), value: bytesOf(value) }));
  const failures = dialects.flatMap((dialect): Failure[] => [
    ...sayings(dialect.failures).map((saying) => ({ ...saying, of: null })),
    ...sayings(dialect.failuresOfOwn).map((saying) => ({ ...saying, of: dialect })),
  ]);
  const instead = dialects.flatMap((dialect) =>
    Object.entries(dialect.instead ?? {}).flatMap(([key, kinds]) =>
      Object.entries(kinds).map(([value, kind]) => ({ slot: slots.attribute(key), value: bytesOf(value), kind })),
    ),
  );
  for (const { slot } of failures) slots.answer(slot, FAILURE_BIT);
  const fields = recordOf(FIELDS, (field, i) => placesOf(sourcesOf(dialects, field), slots, 1 << i));
  const names = recordOf(KINDS, (kind) => placesOf(namesOf(dialects, kind), slots, NAME_BIT));
  return { slots, markers, fields, names, failures, instead };
}

const recordOf = <K extends string, V>(keys: readonly K[], make: (key: K, i: number) => V): Record<K, V> =>
  Object.fromEntries(keys.map((key, i) => [key, make(key, i)])) as Record<K, V>;

/** The sources of a field in the order in which they are asked: by column, then by the order of the dialects. */
export function sourcesOf(dialects: readonly Dialect[], field: Field): Source[] {
  const ordered = inColumns(dialects, (dialect) => dialect.columnOf?.[field]);
  return onceEach(ordered.flatMap((dialect) => dialect.fields[field] ?? []));
}

/** The sources of the name of what a span of some kind called. */
export function namesOf(dialects: readonly Dialect[], kind: Kind): Source[] {
  return onceEach(inColumns(dialects, () => undefined).flatMap((dialect) => dialect.names[kind] ?? []));
}

/** Several dialects may name the same source: it is asked where it stands first. */
const onceEach = (sources: readonly Source[]): Source[] => [
  ...new Map(sources.map((source) => [JSON.stringify(source), source])).values(),
];

function inColumns(dialects: readonly Dialect[], exception: (dialect: Dialect) => number | undefined): Dialect[] {
  const column = (dialect: Dialect): number => exception(dialect) ?? dialect.column;
  return [...dialects].sort((a, b) => column(a) - column(b));
}

const NAME_BIT = 1 << FIELDS.length;
/** Set when a span has a marker: most have none. */
export const MARKER_BIT = NAME_BIT << 1;
/** Set when a span has an attribute that may say that it failed. */
export const FAILURE_BIT = NAME_BIT << 2;
/** The first bit that is free for what is asked beside. */
export const FREE_BIT = NAME_BIT << 3;

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

export function placesOf(sources: readonly Source[], slots: SlotMap, bit: number): Places {
  const list = sources.map((source) => placeOf(source, slots));
  for (const { slot } of list) slots.answer(slot, bit);
  return { bit, list };
}

const IN_TEXT: ReadonlySet<Source['take']> = new Set(['json', 'event json', 'time', 'parts', 'maker', 'model']);

function placeOf(source: Source, slots: SlotMap): Place {
  const path = source.take === 'json' || source.take === 'event json' ? source.path.map(bytesOf) : [];
  const word = source.take === 'parts' ? source.word : '';
  const { take } = source;
  return { slot: slots.of(source), take, isPlain: take === 'value', isInText: IN_TEXT.has(take), path, word };
}

/** The kind that a marker's value says. */
export function kindOf(kinds: KindTable | Kind, markerValue: string): Kind {
  if (typeof kinds === 'string') return kinds;
  const name = kinds.upperCase ? markerValue.toUpperCase() : markerValue;
  if (Object.hasOwn(kinds.values, name)) return kinds.values[name]!;
  const ending = Object.keys(kinds.endings ?? {}).find((end) => name.endsWith(end));
  return ending === undefined ? kinds.otherwise : kinds.endings![ending]!;
}
