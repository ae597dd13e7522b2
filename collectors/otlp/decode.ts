import { ByteWriter } from '../../src/model/bytes.ts';
import { DEFAULT_LIMITS, type Limits } from '../../src/model/config/limits.ts';
import type { Code, Dictionary } from '../../src/model/dictionary.ts';
import type { TelemetryEvaluation } from '../../src/model/ingest.ts';
import { SPAN_KINDS } from '../../src/model/span.ts';
import { appendSpanRecordFrom } from '../../src/model/span-record.ts';
import { SpanDraft } from '../dialects/draft.ts';
import { type ReaderOptions, type Resource, SpanReader } from '../dialects/reader.ts';
import { SlotValues } from '../dialects/slots.ts';
import { AskedKeys, AttributeReader } from './attributes.ts';
import { EventReader } from './events.ts';
import { Instrumentations } from './instrumentations.ts';
import { nanosBetween, nanosBeyondTenths, tenthsOf } from './nanos.ts';
import { type Rejected, type RejectReason, Rejects } from './rejects.ts';
import { Resources } from './resources.ts';
import type { Sender } from './sender.ts';
import { SCOPE } from './shapes.ts';
import { exampleOf, faultOf, isZero, type TimeWindow } from './span-check.ts';
import { SpanEvaluations } from './span-evaluations.ts';
import { SpanFieldReader, SpanFrame } from './span-frame.ts';
import type { SpanWatch } from './watch.ts';
import { weightOf } from './weight.ts';
import { TooDeep, Wire } from './wire.ts';

/** What a request held. */
export interface DecodedTraces {
  /** Span records, one behind the other: AI spans and, as links, all others. */
  readonly records: ArrayBuffer;
  readonly count: number;
  readonly aiSpans: number;
  readonly links: number;
  /** Spans that are kept without some of their attributes: they have more than are read. */
  readonly cut: number;
  readonly rejected: readonly Rejected[];
  /** What the events of these spans say of them. */
  readonly evaluations: readonly TelemetryEvaluation[];
  /** Events of spans that are kept all the same. */
  readonly rejectedEvaluations: readonly Rejected[];
}

/** What is read of a request at most. */
export type SpanLimits = Pick<Limits, 'maxSpans' | 'maxAttributes' | 'maxValueDepth'>;

// Fields of the messages, with their wire types.
const RESOURCE_SPANS = (1 << 3) | 2;
const SCOPE_SPANS = (2 << 3) | 2;
const SCOPE_FIELD = (1 << 3) | 2;
const SCOPE_NAME = (1 << 3) | 2;
const SCOPE_VERSION = (2 << 3) | 2;
const SPAN = (2 << 3) | 2;

/** "It is known whether the parent is remote" and "it is". */
const REMOTE_PARENT = 0x300;

/** Depth of a scope among the messages of a request. */
const SCOPE_DEPTH = 3;

/**
 * Reads OTLP trace requests in one pass over the bytes: of each span only what the dialects ask for is taken, everything
 * else is checked and stepped over, so that content is never copied out of the body. One decoder serves one thread.
 */
export class TraceDecoder {
  /** Which libraries the AI spans came from. */
  readonly instrumentations: Instrumentations;
  readonly #wire = new Wire();
  readonly #attributes = new AttributeReader(this.#wire);
  readonly #limits: SpanLimits;
  readonly #reader: SpanReader;
  readonly #resources: Resources;
  readonly #fields: SpanFieldReader;
  readonly #events: EventReader;
  readonly #evaluations: SpanEvaluations;
  readonly #values: SlotValues;
  readonly #frame = new SpanFrame();
  readonly #draft = new SpanDraft();
  readonly #out = new ByteWriter(65_536);
  #rejects = new Rejects();
  #aiSpans = 0;
  #links = 0;
  #cut = 0;
  #seen = 0;
  #scopeHidesFailures = false;
  #versionAt = 0;
  #versionLength = 0;
  #batchAt = 0;
  #batchEnd = 0;
  #window: TimeWindow = { now: 0, retention: 0 };
  #sender: Sender | null = null;
  readonly #dictionary: Dictionary;
  readonly #watch: SpanWatch | undefined;

  /**
   * @param watch  told of each span that is kept, as it was read; the doors have none
   * @param instrumentations  those that a decoder before this one has seen
   */
  constructor(
    options: ReaderOptions,
    limits: SpanLimits = DEFAULT_LIMITS,
    watch?: SpanWatch,
    instrumentations = new Instrumentations(options.dictionary),
  ) {
    this.#watch = watch;
    this.#limits = limits;
    this.#dictionary = options.dictionary;
    this.#wire.limitDepth(limits.maxValueDepth);
    this.#evaluations = new SpanEvaluations(this.#wire, this.#attributes, limits.maxSpans);
    this.instrumentations = instrumentations;
    this.#reader = new SpanReader(options);
    this.#resources = new Resources(this.#wire, this.#attributes, this.#reader, options.dictionary);
    const { keys, slots, events } = this.#reader.slots;
    this.#events = new EventReader(this.#wire, this.#attributes, events);
    const asked = new AskedKeys(keys, slots);
    this.#fields = new SpanFieldReader(this.#wire, this.#attributes, this.#events, asked, limits.maxAttributes);
    this.#values = new SlotValues(this.#reader.slots);
  }

  /**
   * @param rejects  where refused spans are noted; some may be there already
   * @param sender  whose spans are kept; null: whoever's
   * @throws MalformedBody when the body is no whole OTLP trace request: nothing of it is kept then
   */
  decode(body: Buffer, window: TimeWindow, rejects = new Rejects(), sender: Sender | null = null): DecodedTraces {
    this.#wire.buffer = body;
    this.#wire.at = 0;
    this.#values.source = body;
    this.#out.at = 0;
    this.#rejects = rejects;
    this.#aiSpans = 0;
    this.#links = 0;
    this.#cut = 0;
    this.#seen = 0;
    this.#window = window;
    this.#sender = sender;
    this.#evaluations.take();
    this.#readRequest(body.length);
    const { evaluations, rejected: rejectedEvaluations } = this.#evaluations.take();
    return {
      records: new Uint8Array(this.#out.written).buffer,
      count: this.#aiSpans + this.#links,
      aiSpans: this.#aiSpans,
      links: this.#links,
      cut: this.#cut,
      rejected: this.#rejects.list,
      evaluations,
      rejectedEvaluations,
    };
  }

  #readRequest(end: number): void {
    const wire = this.#wire;
    while (wire.at < end) {
      const tag = wire.tag(end);
      if (tag === RESOURCE_SPANS) this.#readResourceSpans(wire.messageEnd(end));
      else wire.skip(tag, end);
    }
  }

  /** The resource may stand behind its spans. */
  #readResourceSpans(end: number): void {
    const wire = this.#wire;
    const start = wire.at;
    const resource = this.#resources.read(end);
    this.#batchAt = start;
    this.#batchEnd = end;
    wire.at = start;
    while (wire.at < end) {
      const tag = wire.tag(end);
      if (tag === SCOPE_SPANS) this.#readScopeSpans(wire.messageEnd(end), resource);
      else wire.skip(tag, end);
    }
  }

  #readScopeSpans(end: number, resource: Resource): void {
    const wire = this.#wire;
    const start = wire.at;
    const scope = this.#readScope(end);
    const before = this.#aiSpans;
    this.#scopeHidesFailures = this.instrumentations.hidesFailures(scope);
    wire.at = start;
    while (wire.at < end) {
      const tag = wire.tag(end);
      if (tag === SPAN) this.#readSpan(wire.messageEnd(end), resource, scope);
      else wire.skip(tag, end);
    }
    if (this.#aiSpans > before)
      this.instrumentations.note(resource.service, scope, this.#scopeVersion(), this.#window.now);
  }

  #scopeVersion(): string {
    return this.#wire.buffer.toString('utf8', this.#versionAt, this.#versionAt + Math.min(this.#versionLength, 64));
  }

  /** The scope, too, may stand behind its spans. */
  #readScope(end: number): Code {
    const wire = this.#wire;
    let scope: Code = 0;
    this.#versionLength = 0;
    while (wire.at < end) {
      const tag = wire.tag(end);
      if (tag === SCOPE_FIELD) scope = this.#readScopeName(wire.messageEnd(end)) || scope;
      else wire.skip(tag, end);
    }
    return scope;
  }

  #readScopeName(end: number): Code {
    const wire = this.#wire;
    const start = wire.at;
    wire.check(SCOPE, end, SCOPE_DEPTH);
    wire.at = start;
    let scope: Code = 0;
    while (wire.at < end) {
      const tag = wire.tag(end);
      if (tag === SCOPE_NAME) {
        const length = wire.size(end);
        scope = this.#reader.nameCode(wire.buffer, wire.at, length);
        wire.at += length;
      } else if (tag === SCOPE_VERSION) {
        this.#versionLength = wire.size(end);
        this.#versionAt = wire.at;
        wire.at += this.#versionLength;
      } else wire.skip(tag, end);
    }
    return scope;
  }

  #readSpan(end: number, resource: Resource, scope: Code): void {
    const { at } = this.#wire;
    this.#frame.clear();
    this.#values.clear();
    const evaluations = this.#events.evaluations;
    if (evaluations.length > 0) evaluations.length = 0;
    const fault = this.#readFields(end) ?? faultOf(this.#frame, this.#wire.buffer, this.#window);
    if (fault !== null) {
      this.#rejects.add(fault, () => exampleOf(fault, this.#frame, this.#wire.buffer));
      return;
    }
    const kept = this.#resourceOf(resource);
    const service = this.#serviceFor(kept);
    if (service === null) {
      this.#rejects.add('other service', () => `a span of the service ${kept.serviceName}`);
      return;
    }
    this.#keep(kept, scope);
    if (evaluations.length > 0) this.#evaluations.read(evaluations, this.#frame, service);
    if (this.#watch !== undefined) this.#tell(this.#watch, kept, scope, at, end);
  }

  /** Reads a span into the frame and the slots; why it can't be kept, as far as its limits go. */
  #readFields(end: number): RejectReason | null {
    try {
      this.#fields.read(end, this.#frame, this.#values);
    } catch (error) {
      if (!(error instanceof TooDeep)) throw error;
      this.#wire.at = end;
      return 'too deep';
    }
    return ++this.#seen > this.#limits.maxSpans ? 'too many' : null;
  }

  #tell(watch: SpanWatch, resource: Resource, scope: Code, at: number, end: number): void {
    watch({
      draft: this.#draft,
      reader: this.#reader,
      values: this.#values,
      frame: this.#frame,
      resource,
      scope,
      scopeVersion: this.#scopeVersion(),
      source: this.#wire.buffer,
      at,
      end,
      batchAt: this.#batchAt,
      batchEnd: this.#batchEnd,
    });
  }

  /** In the environment that the span in the slots names. */
  #resourceOf(ofBatch: Resource): Resource {
    if (ofBatch.environments === null) return ofBatch;
    return this.#resources.inEnvironment(ofBatch, this.#reader.environmentIn(this.#values));
  }

  /** As whom the sender may send what is of a resource: undefined for one who may send anything, null for none. */
  #serviceFor({ service }: Resource): string | null | undefined {
    return this.#sender === null ? undefined : this.#sender.serviceFor(this.#dictionary.text(service));
  }

  #keep(resource: Resource, scope: Code): void {
    const source = this.#wire.buffer;
    const frame = this.#frame;
    if (frame.attributes > this.#limits.maxAttributes) this.#cut++;
    const draft = this.#draft;
    const { texts } = draft;
    texts.traceAt = frame.traceAt;
    texts.spanAt = frame.spanAt;
    texts.parentAt = frame.parentLength === 0 || isZero(source, frame.parentAt, 8) ? -1 : frame.parentAt;
    draft.endTenths = tenthsOf(frame.endLow, frame.endHigh);
    draft.endNanos = nanosBeyondTenths(frame.endLow, frame.endHigh);
    draft.durationNanos = Math.max(0, nanosBetween(frame.startLow, frame.startHigh, frame.endLow, frame.endHigh));
    draft.service = resource.service;
    draft.scope = scope;
    draft.hidesFailures = this.#scopeHidesFailures;
    draft.spanKind = SPAN_KINDS[frame.kind] ?? 'unspecified';
    draft.parentIsRemote = (frame.flags & REMOTE_PARENT) === REMOTE_PARENT;
    draft.weight = frame.stateLength === 0 ? 1 : this.#weight();
    this.#reader.read(draft, this.#values, frame, resource);
    if (draft.kind === 'none') this.#links++;
    else this.#aiSpans++;
    appendSpanRecordFrom(this.#out, draft, source, texts);
  }

  #weight(): number {
    const { stateAt, stateLength } = this.#frame;
    return weightOf(this.#wire.buffer.toString('latin1', stateAt, stateAt + stateLength));
  }
}
