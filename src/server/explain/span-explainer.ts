import type { Dialect, Field, Source } from '../../../collectors/dialects/dialect.ts';
import { sourcesOf } from '../../../collectors/dialects/plan.ts';
import { type Given, type Provenance, ProvenanceReader } from '../../../collectors/dialects/provenance.ts';
import type { SpanReader } from '../../../collectors/dialects/reader.ts';
import { sourceText } from '../../../collectors/dialects/table.ts';
import { attributesOfSpan, type SentAttribute, type WatchedSpan } from '../../../collectors/otlp/index.ts';
import type { Dictionary } from '../../model/dictionary.ts';
import type { AiSpanExplained, DroppedAttribute, FieldExplained, LinkExplained, Origin } from './explanation.ts';

/** Fields that only spans of AI have: an attribute of theirs elsewhere looks like AI without a marker. */
const OF_AI: readonly Field[] = [
  'provider',
  'requestModel',
  'responseModel',
  'finishReason',
  'responseId',
  'inputTokens',
  'outputTokens',
];
/** A text beyond this is content, whatever its key. */
const MAX_NAME_CHARACTERS = 256;

/** Explains one span after the other, while the decoder holds it. */
export class SpanExplainer {
  readonly #dictionary: Dictionary;
  readonly #dialects: readonly Dialect[];
  readonly #keysOfAi: ReadonlySet<string>;
  #provenance: ProvenanceReader | null = null;

  constructor(dictionary: Dictionary, dialects: readonly Dialect[]) {
    this.#dictionary = dictionary;
    this.#dialects = dialects;
    this.#keysOfAi = new Set(
      OF_AI.flatMap((field) => sourcesOf(dialects, field)).flatMap((one) => attributeOf(one) ?? []),
    );
  }

  link(span: WatchedSpan, service: string): LinkExplained {
    const { source, at, end, draft } = span;
    return {
      ...named(span),
      service,
      spanKind: draft.spanKind,
      looksLikeAi: attributesOfSpan(source, at, end).flatMap(({ key }) => (this.#keysOfAi.has(key) ? [key] : [])),
    };
  }

  /** @param slices  the dimensions that its service declares by attribute */
  aiSpan(span: WatchedSpan, service: string, slices: readonly string[]): AiSpanExplained {
    const { draft, reader, scopeVersion, source, at, end } = span;
    const text = (code: number): string => this.#dictionary.text(code);
    const provenance = this.#provenanceOf(reader);
    const [first, ...others] = provenance.recognised(span);
    const fields = provenance.fields(span).map(fieldExplained);
    const found = new Map(draft.attributes.map(([dimension, value]) => [text(dimension), text(value)]));
    return {
      ...named(span),
      service,
      scope: { name: text(draft.scope), version: scopeVersion || null },
      kind: draft.kind,
      dialect: first!.dialect.name,
      marker: first!.marker,
      alsoRecognised: others.map(({ dialect, marker, kind }) => ({ dialect: dialect.name, marker, kind })),
      status: draft.isError ? 'error' : 'ok',
      errorType: this.#dictionary.textOrNull(draft.errorType),
      failedBy: draft.isError ? provenance.failures(span) : [],
      weight: draft.weight,
      fields,
      absent: provenance.fieldsOf(draft.kind).filter((field) => !fields.some((one) => one.field === field)),
      slices: Object.fromEntries(slices.map((dimension) => [dimension, found.get(dimension) ?? null])),
      dropped: droppedOf(attributesOfSpan(source, at, end), reader.slots.keys),
    };
  }

  #provenanceOf(reader: SpanReader): ProvenanceReader {
    this.#provenance ??= new ProvenanceReader(reader, this.#dictionary, this.#dialects);
    return this.#provenance;
  }
}

function named({ draft, frame, source }: WatchedSpan): Pick<LinkExplained, 'traceId' | 'spanId' | 'spanName'> {
  const { traceAt, spanAt } = draft.texts;
  const { nameAt, nameLength } = frame;
  return {
    traceId: source.toString('hex', traceAt, traceAt + 16),
    spanId: source.toString('hex', spanAt, spanAt + 8),
    spanName: source.toString('utf8', nameAt, nameAt + Math.min(nameLength, MAX_NAME_CHARACTERS)),
  };
}

/** The key of a span's attribute; null where the source is an event. */
const attributeOf = (source: Source): string | null =>
  source.take === 'event' || source.take === 'event json' || source.take === 'event time' ? null : source.key;

function fieldExplained({ field, lost, isHash, ...given }: Provenance): FieldExplained {
  return { field, ...originOf(given), isHash: isHash === true, alsoThere: lost.map(originOf) };
}

function originOf({ value, from }: Given): Origin {
  if (typeof from === 'string') return { from, attribute: null, value };
  return { from: sourceText(from, (text) => text), attribute: attributeOf(from), value };
}

/** What is not kept: attributes that nobody asks for, and texts that are too long to be names. */
function droppedOf(attributes: readonly SentAttribute[], asked: readonly string[]): DroppedAttribute[] {
  const read = new Set(asked);
  return attributes
    .filter(({ key, type, size }) => !read.has(key) || type === 'map' || size > MAX_NAME_CHARACTERS)
    .map((one) => ({ key: one.key, size: sizeText(one) }));
}

function sizeText({ type, size }: SentAttribute): string {
  if (type === 'text') return `${size.toLocaleString('en-US')} ${size === 1 ? 'character' : 'characters'}`;
  if (type === 'list' || type === 'map' || type === 'bytes') return `${type}, ${size.toLocaleString('en-US')} bytes`;
  return type;
}
