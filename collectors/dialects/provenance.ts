import { ABSENT, type Dictionary } from '../../src/model/dictionary.ts';
import { EMBEDDING_DIMENSIONS } from '../../src/model/embedding-dimensions.ts';
import { GUARDRAIL, KINDS, type Kind } from '../../src/model/span.ts';
import type { TextBytes } from '../../src/model/span-record.ts';
import { type Dialect, FIELDS, type Field, type Source } from './dialect.ts';
import { SpanDraft } from './draft.ts';
import { failuresOf } from './failures.ts';
import { namesOf, type Place, type Places, type Plan, sourcesOf } from './plan.ts';
import type { SpanReader } from './reader.ts';
import { keyOf, type Reading } from './reading.ts';
import { NOTHING } from './slots.ts';

/** `instructions` are kept as a prompt version only, `name` is asked by kind. */
export type KeptField = Exclude<Field, 'instructions'> | 'name';
const KEPT_FIELDS: readonly KeptField[] = [...FIELDS.filter((field) => field !== 'instructions'), 'name'];

/** What a value can come from beside the attributes of a span. */
export type Elsewhere =
  | 'service.version of the resource'
  | 'the attribute that its file declares'
  | 'name'
  | 'the name of the span';

export type Value = string | number;

export interface Given {
  readonly value: Value;
  readonly from: Source | Elsewhere;
  /** The attribute holds instructions: the value is a hash of them. */
  readonly isHash?: true;
}

/** A field of a span: what it was given by, and what else would have given it. */
export interface Provenance extends Given {
  readonly field: KeptField;
  readonly lost: readonly Given[];
}

export interface Recognised {
  readonly dialect: Dialect;
  readonly marker: string;
  readonly kind: Kind;
}

/** One way to a field's value: all others are closed while it is tried. */
interface Way {
  readonly from: Given['from'];
  readonly plan: Plan;
  /** What it leads to; null: no slot. */
  readonly slot: number | null;
  readonly isHash?: true;
}

const NOWHERE: Places = { bit: 0, list: [] };
const ofKinds = <T>(make: (kind: Kind) => T): Record<Kind, T> =>
  Object.fromEntries(KINDS.map((kind) => [kind, make(kind)])) as Record<Kind, T>;
const NO_NAMES = ofKinds(() => NOWHERE);

/**
 * Says where the fields of a span come from, by asking the reader itself: each source is read alone, as if the others had not
 * been sent, and the first in the order of the plan that gives something is the one that counts.
 */
export class ProvenanceReader {
  readonly #reader: SpanReader;
  readonly #dictionary: Dictionary;
  readonly #dialects: readonly Dialect[];
  readonly #ways: ReadonlyMap<KeptField, readonly Way[]>;
  readonly #waysToNames: Readonly<Record<Kind, readonly Way[]>>;
  readonly #draft = new SpanDraft();

  constructor(reader: SpanReader, dictionary: Dictionary, dialects: readonly Dialect[]) {
    this.#reader = reader;
    this.#dictionary = dictionary;
    this.#dialects = dialects;
    this.#ways = new Map(KEPT_FIELDS.map((field) => [field, field === 'name' ? [] : this.#waysTo(field)]));
    this.#waysToNames = ofKinds((kind) => this.#waysToName(kind));
  }

  /** The dialects whose markers a span carries, the one that counts first. None: it is no span of AI. */
  recognised(reading: Reading): Recognised[] {
    const { values } = reading;
    const scope = this.#dictionary.textOrNull(reading.scope) ?? '';
    const { markers, slots } = this.#reader.plan;
    const found = markers.flatMap(({ slot, dialect }): Recognised[] => {
      if (values.type[slot] === NOTHING || dialect.scopes?.includes(scope) === false) return [];
      const others = markers.flatMap((marker) => (marker.slot === slot ? [] : [marker.slot]));
      const { kind } = values.without(others, () => this.#read(reading, this.#reader.plan));
      return kind === 'none' ? [] : [{ dialect, marker: keyOf(slots, slot), kind }];
    });
    const once = found.filter(({ dialect }, i) => found.findIndex((other) => other.dialect === dialect) === i);
    // One may have yielded to another.
    const { kind } = this.#read(reading, this.#reader.plan);
    const counts = once[0]?.kind === kind ? once[0] : once.find((one) => one.kind === kind);
    return counts === undefined ? once : [counts, ...once.filter((one) => one !== counts)];
  }

  /** Fields that a span of that kind can have: only what calls something by its name has one, and only an embedding a length. */
  fieldsOf(kind: Kind): KeptField[] {
    const isNamed = this.#dialects.some(({ names, namedBySpan }) => kind in names || namedBySpan?.includes(kind));
    return KEPT_FIELDS.filter((field) => {
      if (field === 'embeddingDimensions') return kind === 'embedding';
      return field !== 'name' || isNamed;
    });
  }

  /** Fields that have a value. Of a span that is not AI only what is read of every span. */
  fields(reading: Reading): Provenance[] {
    const { kind } = this.#read(reading, this.#reader.plan);
    return KEPT_FIELDS.flatMap((field) => {
      const ways = field === 'name' ? this.#waysToNames[kind] : this.#ways.get(field)!;
      const given = ways.flatMap((way) => this.#giveAlone(field, way, reading));
      const [first, ...lost] = given;
      if (first === undefined) return [];
      return [{ field, ...first, lost: lost.filter(({ from }) => typeof from !== 'string') }];
    });
  }

  /** What says that the span failed; each of these alone would. */
  failures(reading: Reading): string[] {
    return failuresOf(reading, this.#reader.plan, (as, plan) => this.#read(as, plan).isError);
  }

  #waysTo(field: Exclude<KeptField, 'name'>): Way[] {
    const { plan } = this.#reader;
    const waysOf = (of: Field): Way[] =>
      sourcesOf(this.#dialects, of).map((from, i) => {
        const place = plan.fields[of].list[i]!;
        return { from, plan: narrowed(plan, field, of, place), slot: place.slot };
      });
    const ways = waysOf(field);
    const elsewhere = (from: Elsewhere): Way => ({ from, plan: narrowed(plan, field, field, null), slot: null });
    switch (field) {
      case 'serviceVersion':
        return [elsewhere('service.version of the resource'), ...ways];
      case 'agent':
        return [...ways, elsewhere('name')];
      case 'promptVersion':
        return [
          ...ways,
          elsewhere('the attribute that its file declares'),
          ...waysOf('instructions').map((way): Way => ({ ...way, isHash: true })),
        ];
      default:
        return ways;
    }
  }

  #waysToName(kind: Kind): Way[] {
    const { plan } = this.#reader;
    const places = plan.names[kind];
    const narrowed = (list: readonly Place[]): Plan => ({
      ...plan,
      names: { ...NO_NAMES, [kind]: { ...places, list } },
    });
    return [
      ...namesOf(this.#dialects, kind).map((from, i) => {
        const place = places.list[i]!;
        return { from, plan: narrowed([place]), slot: place.slot };
      }),
      { from: 'the name of the span', plan: narrowed([]), slot: null },
    ];
  }

  #giveAlone(field: KeptField, { from, plan, slot, isHash }: Way, reading: Reading): Given[] {
    if (slot !== null && reading.values.type[slot] === NOTHING) return [];
    const draft = this.#read(slot === null ? reading : bare(reading), plan);
    const value = this.#valueOf(field, draft);
    return value === null ? [] : [{ value, from, ...(isHash && { isHash }) }];
  }

  #read({ values, frame, resource, scope }: Reading, plan: Plan): SpanDraft {
    this.#draft.scope = scope;
    this.#reader.readBy(plan, this.#draft, values, frame, resource);
    return this.#draft;
  }

  #valueOf(field: KeptField, draft: SpanDraft): Value | null {
    switch (field) {
      case 'conversationId':
        return textOrNull(draft.texts.conversation);
      case 'userId':
        return textOrNull(draft.texts.user);
      case 'responseId':
        return draft.texts.responseRef === '' ? null : Buffer.from(draft.texts.responseRef, 'latin1').toString('hex');
      case 'inputTokens':
      case 'outputTokens':
      case 'cachedInputTokens':
      case 'cacheWriteTokens':
      case 'reasoningTokens':
      case 'timeToFirstTokenMs':
        return draft[field];
      case 'cost':
        return draft.costNanos === null ? null : draft.costNanos / 1e9;
      case 'guardrail':
        return draft.guardrail === GUARDRAIL.unknown
          ? null
          : draft.guardrail === GUARDRAIL.passed
            ? 'passed'
            : 'blocked';
      case 'embeddingDimensions': {
        const counted = draft.attributes.find(([name]) => this.#dictionary.text(name) === EMBEDDING_DIMENSIONS);
        return counted === undefined ? null : this.#dictionary.text(counted[1]);
      }
      default:
        return this.#dictionary.textOrNull(draft[field]);
    }
  }
}

/** The plan with one place left for a field, among those of `of`; null: none. */
const narrowed = (plan: Plan, field: Field, of: Field, place: Place | null): Plan => ({
  ...plan,
  // An agent without a name of its own is called as what it names.
  names: field === 'agent' && place !== null ? NO_NAMES : plan.names,
  fields: {
    ...plan.fields,
    // Where no version is named, it is a hash of the instructions.
    ...(field === 'promptVersion' && { instructions: NOWHERE }),
    [field]: NOWHERE,
    [of]: place === null ? NOWHERE : { ...plan.fields[of], list: [place] },
  },
});

/** The reading without what the span has from elsewhere. */
const bare = (reading: Reading): Reading => ({
  ...reading,
  frame: { ...reading.frame, nameLength: 0 },
  resource: {
    ...reading.resource,
    serviceVersion: ABSENT,
    declared: { ...reading.resource.declared, promptVersion: NOWHERE },
  },
});

const textOrNull = ({ source, at, length }: TextBytes): string | null =>
  length === 0 ? null : source.toString('utf8', at, at + length);
