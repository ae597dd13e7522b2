import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { ABSENT, type Code, codeOfKnown, Dictionary, OTHER } from '../../src/model/dictionary.ts';
import { EMBEDDING_DIMENSIONS, embeddingText } from '../../src/model/embedding-dimensions.ts';
import { MAX_ID_BYTES } from '../../src/model/ids.ts';
import { responseRefOf, responseRefOfText } from '../../src/model/response-ref.ts';
import { GUARDRAIL, type GuardrailOutcome, type Kind, type ServiceIdentity } from '../../src/model/span.ts';
import type { TextBytes } from '../../src/model/span-record.ts';
import { sketchOf } from '../../src/tally/embedding-sketch.ts';
import { type DeclaredAttributes, INTERACTION_ID_KEYS, type ServiceAttributes } from './declared.ts';
import { type Dialect, event, eventTime, type Field, value } from './dialect.ts';
import { NO_ATTRIBUTES, type SpanDraft } from './draft.ts';
import { Found } from './found.ts';
import { isoTimeMs } from './iso-time.ts';
import { Memo } from './memo.ts';
import { OPERATION_KINDS } from './operations.ts';
import {
  FAILURE_BIT,
  FREE_BIT,
  kindOf,
  MARKER_BIT,
  type Place,
  type Places,
  type Plan,
  placesOf,
  planOf,
  type Saying,
} from './plan.ts';
import { canonicalProvider, isWellKnown } from './provider.ts';
import { BOOLEAN, COMPOUND, DOUBLE, INTEGER, NOTHING, type SlotMap, type SlotValues, STRING, TIME } from './slots.ts';
import { VECTOR_KEYS, vectorAt } from './vectors.ts';

/** A name longer than this is none: it counts as `(other)`. */
export const MAX_NAME_BYTES = 256;

/** A resource as far as it matters for its spans. */
export interface Resource {
  readonly service: Code;
  readonly serviceName: string;
  readonly namespace: string;
  readonly serviceVersion: Code;
  readonly declared: DeclaredPlaces;
  /** The same resource in the environments that its spans name; null where it names its own, which wins. */
  readonly environments: Map<string, Resource> | null;
}

/** What a service declares, by slot. */
export interface DeclaredPlaces {
  readonly slices: readonly { readonly place: Place; readonly dimension: Code }[];
  readonly promptVersion: Places;
  readonly interactionId: Places;
  readonly embeddings: ServiceAttributes['embeddings'];
}

/** What of a span is not an attribute, as far as its fields depend on it. */
export interface Frame {
  statusIsError: boolean;
  /** Nanoseconds since 1970, in halves of 32 bits. */
  startLow: number;
  startHigh: number;
  nameAt: number;
  nameLength: number;
}

export interface ReaderOptions {
  readonly dialects: readonly Dialect[];
  readonly dictionary: Dictionary;
  readonly declared: DeclaredAttributes;
  /** The key under which instructions are hashed to a prompt version; without it, prompts that name none have none. */
  readonly promptKey?: Uint8Array;
}

interface MarkerReader {
  readonly slot: number;
  readonly dialect: Dialect;
  readonly kinds: Memo<Kind>;
  /** By code; undefined: all. */
  readonly scopes: readonly Code[] | undefined;
  readonly unless: readonly number[];
  readonly yieldsTo: readonly MarkerReader[];
}

/** What is around calls, and none. */
const isGlue = (kind: Kind): boolean => kind === 'chain' || kind === 'step';
const CALLS_BEHIND: ReadonlySet<Kind> = new Set(['model', 'embedding', 'retrieval', 'rerank']);

function markerReaders({ markers, slots }: Plan, codes: (texts: readonly string[]) => readonly Code[]): MarkerReader[] {
  const readers = markers.map(({ slot, dialect, unless }) => ({
    slot,
    dialect,
    unless,
    kinds: new Memo((text) => kindOf(dialect.kinds, text)),
    scopes: dialect.scopes && codes(dialect.scopes),
    yieldsTo: [] as MarkerReader[],
  }));
  for (const { dialect, yieldsTo } of readers)
    for (const key of dialect.yieldsTo ?? [])
      yieldsTo.push(...readers.filter(({ slot }) => slot === slots.attribute(key)));
  return readers;
}

const ERROR_BIT = FREE_BIT;
const EXCEPTION_BIT = FREE_BIT << 1;
const STATUS_BIT = FREE_BIT << 2;
const DECLARED_BIT = FREE_BIT << 3;
const UNCACHED_BIT = FREE_BIT << 4;

const CLOSING_BRACKET = ']'.charCodeAt(0);
const ERROR_UNNAMED = codeOfKnown('_OTHER');
/** Instructions that hold what was retrieved for each request have no versions: hashes beyond so many are one. */
const MAX_PROMPT_HASHES = 1000;
/** Names of requests that are addresses in truth are without number: beyond so many they name no route. */
const MAX_ROUTES = 1000;
/** A time is no longer than this. */
const MAX_TIME_BYTES = 64;
const NANOS_PER_DOLLAR = 1e9;
/** A call that would have cost more than a million dollars is a mistake of the sender's unit. */
const MAX_COST_NANOS = 1e15;
/** What guardrails call their decisions. What was rewritten or warned of reached the user all the same. */
const DECISIONS: ReadonlyMap<string, GuardrailOutcome> = new Map([
  ...['deny', 'block', 'blocked', 'failed', 'true'].map((word) => [word, GUARDRAIL.blocked] as const),
  ...['allow', 'allowed', 'audit', 'modify', 'passed', 'warn', 'false'].map(
    (word) => [word, GUARDRAIL.passed] as const,
  ),
]);
/** No call uses a hundredth of it: a mistake of whoever sends it, and sums of such would pass 2^53. */
export const MAX_TOKENS = 1e9;
/** The longest that anybody makes are a tenth of it. */
const MAX_EMBEDDING_DIMENSIONS = 100_000;
const NUMERIC = /^\s*[+-]?\d+(\.\d*)?(e[+-]?\d+)?\s*$/i;

/** Reads the fields of a span from what was found in its slots, as all dialects together say. */
export class SpanReader {
  /** What to look for. Complete once the reader is made. */
  readonly slots: SlotMap;
  /** Attributes that name the environment where the resource does not. */
  readonly environmentKeys: readonly string[];
  readonly #environmentSlots: readonly number[];
  #plan: Plan;
  readonly #dictionary: Dictionary;
  readonly #declared: DeclaredAttributes;
  /** Made once: to make it of its bytes takes ten times as long as to hash with it. */
  readonly #promptKey: KeyObject | undefined;
  readonly #markers: readonly MarkerReader[];
  readonly #markerSlots: Int32Array;
  readonly #errorType: Places;
  readonly #exceptionType: Places;
  readonly #httpStatus: Places;
  readonly #promptHashes = new Set<string>();
  readonly #routes = new Dictionary([], MAX_ROUTES);
  readonly #vectorSlots: readonly number[];
  readonly #finishedInError: readonly Code[];
  readonly #noModel: Code;
  readonly #embeddingDimensions: Code;
  /** Scopes, by code. */
  readonly #failedByException: readonly Code[];
  readonly #inputWithoutCache: readonly Code[];
  readonly #uncachedInput: Places;
  readonly #found = new Found();
  readonly #providers: Memo<{ readonly text: string; readonly code: Code; readonly isWellKnown: boolean }>;
  readonly #operations: Memo<{ readonly kind: Kind; readonly code: Code }>;

  constructor({ dialects, dictionary, declared, promptKey }: ReaderOptions) {
    this.#plan = planOf(dialects);
    this.slots = this.#plan.slots;
    this.#dictionary = dictionary;
    this.#declared = declared;
    this.#promptKey = promptKey && createSecretKey(promptKey);
    const codes = (scopes: readonly string[]): Code[] => scopes.map((scope) => dictionary.code(scope));
    this.#markers = markerReaders(this.#plan, codes);
    this.#markerSlots = Int32Array.from(this.#markers, ({ slot }) => slot);
    this.environmentKeys = dialects.flatMap(({ environment }) => environment ?? []);
    this.#environmentSlots = this.environmentKeys.map((key) => this.slots.attribute(key));
    this.#errorType = placesOf([value('error.type')], this.slots, ERROR_BIT);
    this.#exceptionType = placesOf([event('exception', 'exception.type')], this.slots, EXCEPTION_BIT);
    placesOf([eventTime('exception')], this.slots, EXCEPTION_BIT);
    const status = [value('http.response.status_code'), value('http.status_code')];
    this.#httpStatus = placesOf(status, this.slots, STATUS_BIT);
    const uncached = dialects.flatMap(({ uncachedInput }) => uncachedInput ?? []);
    this.#uncachedInput = placesOf(uncached, this.slots, UNCACHED_BIT);
    placesOf([...INTERACTION_ID_KEYS, ...declared.keys].map(value), this.slots, DECLARED_BIT);
    this.#vectorSlots = VECTOR_KEYS.filter((key) => declared.keys.includes(key)).map((key) =>
      this.slots.attribute(key),
    );
    this.#finishedInError = ['error', 'ERROR', 'UNKNOWN_ERROR'].map((reason) => dictionary.code(reason));
    this.#noModel = dictionary.code('none');
    this.#embeddingDimensions = dictionary.code(EMBEDDING_DIMENSIONS);
    this.#failedByException = codes(dialects.flatMap((dialect) => dialect.failedByException ?? []));
    this.#inputWithoutCache = codes(dialects.flatMap((dialect) => dialect.inputWithoutCache ?? []));
    this.#providers = new Memo((text) => {
      const provider = canonicalProvider(text) ?? '';
      return { text, code: dictionary.codeOfForeign(provider), isWellKnown: isWellKnown(provider) };
    });
    this.#operations = new Memo((text) => operationOf(text, dictionary));
  }

  /** What a service declares, found by slot. @throws RangeError when it declares a key that `declared.keys` lacks */
  declaredBy(service: ServiceIdentity): DeclaredPlaces {
    const { slices, promptVersion, interactionId, embeddings }: ServiceAttributes = this.#declared.of(service) ?? {
      slices: new Map(),
    };
    const place = (key: string): Place => this.#declaredPlaces([key]).list[0]!;
    return {
      slices: [...slices].map(([key, dimension]) => ({ place: place(key), dimension })),
      promptVersion: this.#declaredPlaces(promptVersion === undefined ? [] : [promptVersion]),
      interactionId: this.#declaredPlaces(interactionId === undefined ? INTERACTION_ID_KEYS : [interactionId]),
      embeddings,
    };
  }

  /** The environment that a span names; `''` when it names none. */
  environmentIn({ type, source, at, length }: SlotValues): string {
    for (const slot of this.#environmentSlots) {
      if (type[slot] !== STRING || length[slot] === 0 || length[slot]! > MAX_NAME_BYTES) continue;
      return source.toString('utf8', at[slot]!, at[slot]! + length[slot]!);
    }
    return '';
  }

  /** Fills in all that is read from attributes and events. Ids, times, weight and scope, set before, are the caller's; a link has no scope. */
  read(draft: SpanDraft, values: SlotValues, frame: Frame, resource: Resource): void {
    const marker = this.#markerOf(draft, values);
    this.#readLink(draft, values, resource);
    if (marker === null) this.#finishLink(draft, values, frame);
    else this.#readAi(draft, values, frame, resource, marker);
  }

  get plan(): Plan {
    return this.#plan;
  }

  /** As `read`, by another plan over the same slots: a narrower one tells where a value comes from. */
  readBy(plan: Plan, draft: SpanDraft, values: SlotValues, frame: Frame, resource: Resource): void {
    const whole = this.#plan;
    this.#plan = plan;
    try {
      this.read(draft, values, frame, resource);
    } finally {
      this.#plan = whole;
    }
  }

  /** What is read of every span. */
  #readLink(draft: SpanDraft, values: SlotValues, { declared }: Resource): void {
    draft.httpStatus = this.#statusCode(values);
    draft.promptName = this.#codeOf('promptName', values);
    draft.promptVersion = this.#codeOf('promptVersion', values) || this.#code(declared.promptVersion, values);
    this.#text('conversationId', values, draft.texts.conversation);
    this.#text('userId', values, draft.texts.user);
    draft.texts.interactionRef = this.#idRef(declared.interactionId, values);
  }

  #finishLink(draft: SpanDraft, values: SlotValues, frame: Frame): void {
    draft.clearAi();
    if (draft.spanKind === 'server' || draft.spanKind === 'consumer') draft.name = this.#route(values, frame);
    const named = this.#code(this.#errorType, values);
    draft.isError = frame.statusIsError || named !== ABSENT || draft.httpStatus >= 500;
    draft.errorType = draft.isError ? named || this.#exceptionName(values) : ABSENT;
  }

  /** What requests are let in by: by convention the span's name is made of few, like `POST /chat`. */
  #route({ source }: SlotValues, { nameAt, nameLength }: Frame): Code {
    if (nameLength > MAX_NAME_BYTES || this.#routes.codeOfBytes(source, nameAt, nameLength) === OTHER) return ABSENT;
    return this.nameCode(source, nameAt, nameLength);
  }

  #readAi(draft: SpanDraft, values: SlotValues, frame: Frame, resource: Resource, marker: MarkerReader): void {
    const { kind } = draft;
    this.#found.ofModel = kind === 'model' || kind === 'embedding' || kind === 'rerank';
    draft.provider = this.#provider(values, resource);
    draft.requestModel = this.#model(this.#codeOf('requestModel', values));
    draft.responseModel = this.#model(this.#responseModel(values, draft.requestModel));
    draft.operation = this.#operation(values, kind);
    draft.finishReason = this.#codeOf('finishReason', values);
    draft.name = this.#name(values, frame, kind, marker.dialect);
    draft.agent = this.#codeOf('agent', values) || (kind === 'agent' ? draft.name : ABSENT);
    draft.serviceVersion = resource.serviceVersion || this.#codeOf('serviceVersion', values);
    draft.promptVersion ||= this.#promptHash(values);
    this.#readTokens(draft, values);
    draft.timeToFirstTokenMs = this.#firstToken(values, frame);
    draft.costNanos = this.#cost(values);
    draft.guardrail = this.#guardrail(values);
    draft.texts.responseRef = this.#idRef(this.#plan.fields.responseId, values);
    draft.attributes = this.#slices(values, resource);
    if (kind === 'embedding' && resource.declared.embeddings !== undefined)
      draft.attributes = this.#withEmbedding(draft, values, resource.declared.embeddings);
    if (kind === 'embedding') draft.attributes = this.#withDimensions(draft, values);
    this.#readError(draft, values, frame, marker.dialect);
  }

  /** The marker that counts; sets the kind that it says. */
  #markerOf(draft: SpanDraft, values: SlotValues): MarkerReader | null {
    if ((values.present & MARKER_BIT) === 0) return null;
    const { type } = values;
    const slots = this.#markerSlots;
    const instead = this.#insteadOf(values);
    for (let i = 0; i < slots.length; i++) {
      if (type[slots[i]!] === NOTHING) continue;
      const marker = this.#markers[i]!;
      if (!this.#counts(marker, draft, values)) continue;
      const kind = instead ?? this.#kindOf(marker, values);
      if (kind === 'none') continue;
      // A log is written in the process whose span it is below, by whatever way that was carried there.
      if (instead !== null) draft.parentIsRemote = false;
      const call = instead === null && isGlue(kind) ? this.#callBehind(marker, draft, values) : undefined;
      draft.kind = call === undefined ? kind : this.#kindOf(call, values);
      return call ?? marker;
    }
    return null;
  }

  /** What one marker calls glue may by another be a call. */
  #callBehind({ yieldsTo }: MarkerReader, draft: SpanDraft, values: SlotValues): MarkerReader | undefined {
    return yieldsTo.find(
      (other) => this.#counts(other, draft, values) && CALLS_BEHIND.has(this.#kindOf(other, values)),
    );
  }

  #counts(marker: MarkerReader, draft: SpanDraft, values: SlotValues): boolean {
    if (!this.#hasValue(values, marker.slot) || marker.scopes?.includes(draft.scope) === false) return false;
    for (const slot of marker.unless) if (values.type[slot] !== NOTHING) return false;
    return true;
  }

  #hasValue(values: SlotValues, slot: number): boolean {
    const type = values.type[slot];
    return type === STRING ? values.length[slot] !== 0 : type !== NOTHING && type !== COMPOUND;
  }

  /** The kind of a span that is no call, though it has the attributes of one. */
  #insteadOf(values: SlotValues): Kind | null {
    for (const saying of this.#plan.instead)
      if (values.type[saying.slot] !== NOTHING && says(values, saying)) return saying.kind;
    return null;
  }

  #kindOf({ slot, dialect, kinds }: MarkerReader, values: SlotValues): Kind {
    if (typeof dialect.kinds === 'string') return dialect.kinds;
    // A value that is too long to be a name is not remembered.
    if (values.type[slot] !== STRING || values.length[slot]! > MAX_NAME_BYTES) return kindOf(dialect.kinds, '');
    return kinds.of(values.source, values.at[slot]!, values.length[slot]!);
  }

  #readError(draft: SpanDraft, values: SlotValues, { statusIsError }: Frame, dialect: Dialect): void {
    const named = this.#code(this.#errorType, values);
    draft.isError =
      statusIsError ||
      named !== ABSENT ||
      this.#finishedInError.includes(draft.finishReason) ||
      this.#saysItFailed(values, dialect) ||
      ((values.present & EXCEPTION_BIT) !== 0 && this.#failedByException.includes(draft.scope));
    draft.errorType = draft.isError ? named || this.#exceptionName(values) : ABSENT;
  }

  #saysItFailed(values: SlotValues, dialect: Dialect): boolean {
    if ((values.present & FAILURE_BIT) === 0) return false;
    return this.#plan.failures.some(
      (failure) => (failure.of === null || failure.of === dialect) && says(values, failure),
    );
  }

  #exceptionName(values: SlotValues): Code {
    return this.#code(this.#exceptionType, values) || ERROR_UNNAMED;
  }

  #statusCode(values: SlotValues): number {
    const status = this.#number(this.#httpStatus, values);
    return status !== null && status >= 100 && status <= 599 ? Math.trunc(status) : 0;
  }

  #provider(values: SlotValues, { serviceName }: Resource): Code {
    const { bit, list } = this.#plan.fields.provider;
    if ((values.present & bit) === 0) return ABSENT;
    for (const place of list) {
      if (!this.#found.look(values, place) || this.#found.type !== STRING) continue;
      if (this.#found.length > MAX_NAME_BYTES) return OTHER;
      const { text, code, isWellKnown } = this.#providers.of(this.#found.source, this.#found.at, this.#found.length);
      if (code !== ABSENT && (isWellKnown || text !== serviceName)) return code;
    }
    return ABSENT;
  }

  /** Micrometer writes a word where it has no value. */
  #model(named: Code): Code {
    return named === this.#noModel ? ABSENT : named;
  }

  #responseModel(values: SlotValues, requestModel: Code): Code {
    const { bit, list } = this.#plan.fields.responseModel;
    if ((values.present & bit) === 0) return ABSENT;
    for (const place of list) {
      if (!this.#found.look(values, place)) continue;
      const code = this.#foundCode();
      if (code !== ABSENT && (place.take !== 'new model' || code !== requestModel)) return code;
    }
    return ABSENT;
  }

  /** Only an operation that fits the kind: some instrumentations name that of another span. */
  #operation(values: SlotValues, kind: Kind): Code {
    const { bit, list } = this.#plan.fields.operation;
    if ((values.present & bit) === 0) return ABSENT;
    for (const place of list) {
      if (!this.#found.look(values, place) || this.#found.type !== STRING) continue;
      if (this.#found.length > MAX_NAME_BYTES) continue;
      const operation = this.#operations.of(this.#found.source, this.#found.at, this.#found.length);
      if (operation.kind === kind) return operation.code;
    }
    return ABSENT;
  }

  #name(values: SlotValues, { nameAt, nameLength }: Frame, kind: Kind, dialect: Dialect): Code {
    const named = this.#code(this.#plan.names[kind], values);
    if (named !== ABSENT) return named;
    if (dialect.namedBySpan?.includes(kind)) return this.nameCode(values.source, nameAt, nameLength);
    return dialect.namedBehind === undefined
      ? ABSENT
      : this.#nameBehind(dialect.namedBehind, values, nameAt, nameLength);
  }

  #nameBehind(front: string, { source }: SlotValues, nameAt: number, nameLength: number): Code {
    if (nameLength > MAX_NAME_BYTES) return ABSENT;
    const end = nameAt + nameLength;
    const at = source.subarray(nameAt, end).indexOf(front);
    const from = nameAt + at + Buffer.byteLength(front);
    const to = front.endsWith('[') && source[end - 1] === CLOSING_BRACKET ? end - 1 : end;
    return at < 0 || from >= to ? ABSENT : this.nameCode(source, from, to - from);
  }

  #readTokens(draft: SpanDraft, values: SlotValues): void {
    const { fields } = this.#plan;
    const read = this.#tokens(fields.cachedInputTokens, values);
    const write = this.#tokens(fields.cacheWriteTokens, values);
    const input = this.#tokens(fields.inputTokens, values);
    draft.cachedInputTokens = read;
    draft.cacheWriteTokens = write;
    const isWithout =
      this.#inputWithoutCache.includes(draft.scope) ||
      (input !== null && input === this.#tokens(this.#uncachedInput, values));
    draft.inputTokens = withCache(input, (read ?? 0) + (write ?? 0), isWithout);
    draft.reasoningTokens = this.#tokens(fields.reasoningTokens, values);
    draft.outputTokens = withReasoning(this.#tokens(fields.outputTokens, values), draft.reasoningTokens ?? 0);
  }

  #tokens(places: Places, values: SlotValues): number | null {
    const number = this.#number(places, values);
    return number !== null && number <= MAX_TOKENS ? Math.round(number) : null;
  }

  /** In billionths of a dollar. Some write 0 where they know no price, so only what is more says anything. */
  #cost(values: SlotValues): number | null {
    const { bit, list } = this.#plan.fields.cost;
    if ((values.present & bit) === 0) return null;
    for (const place of list) {
      if (!this.#found.look(values, place)) continue;
      const nanos = Math.round(this.#foundNumber() * NANOS_PER_DOLLAR);
      if (nanos > 0 && nanos <= MAX_COST_NANOS) return nanos;
    }
    return null;
  }

  #guardrail(values: SlotValues): GuardrailOutcome {
    const { bit, list } = this.#plan.fields.guardrail;
    if ((values.present & bit) === 0) return GUARDRAIL.unknown;
    for (const place of list) {
      if (!this.#found.look(values, place)) continue;
      const { type, source, at, length, number } = this.#found;
      if (type === BOOLEAN) return number === 0 ? GUARDRAIL.passed : GUARDRAIL.blocked;
      if (type !== STRING || length > MAX_NAME_BYTES) continue;
      const outcome = DECISIONS.get(source.toString('latin1', at, at + length).toLowerCase());
      if (outcome !== undefined) return outcome;
    }
    return GUARDRAIL.unknown;
  }

  #firstToken(values: SlotValues, frame: Frame): number | null {
    const { bit, list } = this.#plan.fields.timeToFirstTokenMs;
    if ((values.present & bit) === 0) return null;
    for (const place of list) {
      if (!this.#found.look(values, place)) continue;
      const ms = this.#foundMs(place, frame);
      if (ms >= 0 && ms < Number.POSITIVE_INFINITY) return ms + 0;
    }
    return null;
  }

  /** Milliseconds since the span's start; NaN for what is no time. */
  #foundMs({ take }: Place, frame: Frame): number {
    const { type, source, at, length } = this.#found;
    if (type === TIME) return millisSince(frame, this.#found);
    if (take === 'seconds') return this.#foundNumber() * 1000;
    if (take !== 'time') return this.#foundNumber();
    return length > MAX_TIME_BYTES
      ? Number.NaN
      : millisFrom(frame, isoTimeMs(source.toString('latin1', at, at + length)));
  }

  /** What is kept of an id: of a number what is kept of its digits. */
  #idRef({ bit, list }: Places, values: SlotValues): string {
    if ((values.present & bit) === 0) return '';
    for (const place of list) {
      if (!this.#found.look(values, place)) continue;
      const { type, source, at, length, number } = this.#found;
      if (type === STRING && length <= MAX_ID_BYTES) return responseRefOf(source, at, length);
      if (type === INTEGER) return responseRefOfText(String(number));
    }
    return '';
  }

  #slices(values: SlotValues, { declared }: Resource): SpanDraft['attributes'] {
    if (declared.slices.length === 0) return NO_ATTRIBUTES;
    const pairs: [Code, Code][] = [];
    for (const { place, dimension } of declared.slices) {
      const value = this.#found.look(values, place) ? this.#foundCode() : ABSENT;
      if (value !== ABSENT) pairs.push([dimension, value]);
    }
    return pairs;
  }

  /** Where the embedding lies, as attributes; the embedding itself is left where it is. */
  #withEmbedding(
    { attributes, requestModel, responseModel }: SpanDraft,
    values: SlotValues,
    embeddings: NonNullable<DeclaredPlaces['embeddings']>,
  ): SpanDraft['attributes'] {
    const directions = embeddings.get(responseModel) ?? embeddings.get(requestModel);
    const slot = this.#vectorSlots.find((one) => values.type[one] !== NOTHING);
    if (directions === undefined || slot === undefined) return attributes;
    const embedding = vectorAt(values, slot);
    const keys = embedding === null ? null : sketchOf(embedding);
    if (keys === null) return attributes;
    return [...attributes, ...directions.map(({ direction, bins }, k) => [direction, bins[keys[k]!]!] as const)];
  }

  /** How long embeddings of which model are, as an attribute. */
  #withDimensions({ attributes, requestModel, responseModel }: SpanDraft, values: SlotValues): SpanDraft['attributes'] {
    const dimensions = this.#number(this.#plan.fields.embeddingDimensions, values);
    if (dimensions === null || dimensions > MAX_EMBEDDING_DIMENSIONS) return attributes;
    const model = this.#dictionary.textOrNull(responseModel || requestModel);
    const text = embeddingText(model, Math.round(dimensions));
    return [...attributes, [this.#embeddingDimensions, this.#dictionary.codeOfForeign(text)]];
  }

  /** `#` and eight hex digits of a keyed hash of the instructions: tells versions apart, and says nothing of what they say. */
  #promptHash(values: SlotValues): Code {
    const { bit, list } = this.#plan.fields.instructions;
    if (this.#promptKey === undefined || (values.present & bit) === 0) return ABSENT;
    for (const place of list) {
      const bytes = this.#instructionsAt(place, values);
      if (bytes === null) continue;
      const hash = createHmac('sha256', this.#promptKey).update(bytes).digest('hex').slice(0, 8);
      if (!this.#promptHashes.has(hash) && this.#promptHashes.size >= MAX_PROMPT_HASHES) return OTHER;
      this.#promptHashes.add(hash);
      return this.#dictionary.codeOfForeign(`#${hash}`);
    }
    return ABSENT;
  }

  /** The instructions as they were sent, be they a text or a structure. */
  #instructionsAt(place: Place, values: SlotValues): Buffer | null {
    const { slot } = place;
    if (values.type[slot] === COMPOUND) return values.source.subarray(values.from[slot]!, values.to[slot]!);
    if (!this.#found.look(values, place)) return null;
    const { type, source, at, length } = this.#found;
    if (type === STRING) return source.subarray(at, at + length);
    return place.isPlain ? values.source.subarray(values.from[slot]!, values.to[slot]!) : null;
  }

  /** A text of free choice, as it was written. */
  #text(field: Field, values: SlotValues, into: TextBytes): void {
    into.length = 0;
    const { bit, list } = this.#plan.fields[field];
    if ((values.present & bit) === 0) return;
    for (const place of list) {
      if (!this.#found.look(values, place)) continue;
      const { type, source, at, length } = this.#found;
      if (type === STRING) setBytes(into, source, at, length);
      else if (type === INTEGER || type === DOUBLE) setText(into, String(this.#found.number));
      if (into.length > MAX_ID_BYTES) into.length = 0;
      if (into.length > 0) return;
    }
  }

  #codeOf(field: Field, values: SlotValues): Code {
    return this.#code(this.#plan.fields[field], values);
  }

  #code(places: Places, values: SlotValues): Code {
    if ((values.present & places.bit) === 0) return ABSENT;
    for (const place of places.list) {
      const { slot } = place;
      if (values.type[slot] === NOTHING) continue;
      if (place.isPlain && values.type[slot] === STRING && values.length[slot] !== 0)
        return this.nameCode(values.source, values.at[slot]!, values.length[slot]!);
      if (!this.#found.look(values, place)) continue;
      const code = this.#foundCode();
      if (code !== ABSENT) return code;
    }
    return ABSENT;
  }

  #foundCode(): Code {
    const { type, source, at, length, number } = this.#found;
    if (type === STRING) return this.nameCode(source, at, length);
    if (type === BOOLEAN) return this.#dictionary.code(number === 0 ? 'false' : 'true');
    if ((type === INTEGER || type === DOUBLE) && !Number.isNaN(number))
      return this.#dictionary.codeOfForeign(String(number));
    return ABSENT;
  }

  /** The code of a name, unless it is too long to be one. */
  nameCode(source: Buffer, at: number, length: number): Code {
    return length > MAX_NAME_BYTES ? OTHER : this.#dictionary.codeOfBytes(source, at, length);
  }

  /** The first finite number that is not negative; `+ 0` makes 0 of -0. */
  #number(places: Places, values: SlotValues): number | null {
    if ((values.present & places.bit) === 0) return null;
    for (const place of places.list) {
      const { slot } = place;
      if (values.type[slot] === NOTHING) continue;
      if (place.isPlain && values.type[slot] === INTEGER && values.number[slot]! >= 0) return values.number[slot]! + 0;
      if (!this.#found.look(values, place)) continue;
      const number = this.#foundNumber();
      if (number >= 0 && number < Number.POSITIVE_INFINITY) return number + 0;
    }
    return null;
  }

  /** NaN for what is no number. */
  #foundNumber(): number {
    const { type, source, at, length, number } = this.#found;
    if (type === INTEGER || type === DOUBLE) return number;
    if (type !== STRING || length > 32) return Number.NaN;
    const text = source.toString('latin1', at, at + length);
    return NUMERIC.test(text) ? Number(text) : Number.NaN;
  }

  #declaredPlaces(keys: readonly string[]): Places {
    const unknown = keys.find((key) => !this.slots.keys.includes(key));
    if (unknown !== undefined)
      throw new RangeError(`a service declares ${unknown}, which is not among the declared keys`);
    return placesOf(keys.map(value), this.slots, DECLARED_BIT);
  }
}

const TRUE = Buffer.from('true');
const FALSE = Buffer.from('false');

/** Whether an attribute has that value. A truth value is told by its word. */
function says({ type, source, at, length, number }: SlotValues, { slot, value: bytes }: Saying): boolean {
  if (type[slot] === BOOLEAN) return Buffer.compare(number[slot] === 0 ? FALSE : TRUE, bytes) === 0;
  const from = at[slot]!;
  const isText = type[slot] === STRING && length[slot] === bytes.length;
  return isText && source.compare(bytes, 0, bytes.length, from, from + bytes.length) === 0;
}

function operationOf(text: string, dictionary: Dictionary): { kind: Kind; code: Code } {
  if (!Object.hasOwn(OPERATION_KINDS, text)) return { kind: 'none', code: ABSENT };
  return { kind: OPERATION_KINDS[text]!, code: dictionary.code(text) };
}

/** Input includes what was cached; some send it without, which is known of them, or shows where the cache holds more than all. */
function withCache(input: number | null, cached: number, isWithout: boolean): number | null {
  return input === null || !(isWithout || cached > input) ? input : together(input, cached);
}

/** Output includes reasoning; some send it without, which shows where the model thought more than it wrote in all. */
function withReasoning(output: number | null, reasoning: number): number | null {
  return output === null || reasoning <= output ? output : together(output, reasoning);
}

const together = (part: number, rest: number): number | null => (part + rest <= MAX_TOKENS ? part + rest : null);

function millisSince({ startLow, startHigh }: Frame, { at, length }: Found): number {
  return (((length >>> 0) - startHigh) * 2 ** 32 + ((at >>> 0) - startLow)) / 1e6;
}

/** From the span's start to a time in milliseconds since 1970, in nanoseconds first: so many fit into no double. */
function millisFrom({ startLow, startHigh }: Frame, ms: number): number {
  if (Number.isNaN(ms)) return ms;
  const start = (BigInt(startHigh >>> 0) << 32n) | BigInt(startLow >>> 0);
  return Number(BigInt(ms) * 1_000_000n - start) / 1e6;
}

function setBytes(into: TextBytes, source: Buffer, at: number, length: number): void {
  into.source = source;
  into.at = at;
  into.length = length;
}

function setText(into: TextBytes, text: string): void {
  const bytes = Buffer.from(text);
  setBytes(into, bytes, 0, bytes.length);
}
