import { ByteWriter } from '../../src/model/bytes.ts';
import type { Code } from '../../src/model/dictionary.ts';
import { SPAN_KINDS } from '../../src/model/span.ts';
import { appendSpanRecordFrom } from '../../src/model/span-record.ts';
import { SpanDraft } from '../dialects/draft.ts';
import { type ReaderOptions, type Resource, SpanReader } from '../dialects/reader.ts';
import { SlotValues } from '../dialects/slots.ts';
import { AskedKeys, AttributeReader } from './attributes.ts';
import { EventReader } from './events.ts';
import { Instrumentations } from './instrumentations.ts';
import { nanosBetween, nanosBeyondTenths, tenthsOf } from './nanos.ts';
import { type Rejected, Rejects } from './rejects.ts';
import { Resources } from './resources.ts';
import { SCOPE } from './shapes.ts';
import { exampleOf, faultOf, isZero, type TimeWindow } from './span-check.ts';
import { SpanFieldReader, SpanFrame } from './span-frame.ts';
import { weightOf } from './weight.ts';
import { Wire } from './wire.ts';

/** What a request held. */
export interface DecodedTraces {
  /** Span records, one behind the other: AI spans and, as links, all others. */
  readonly records: ArrayBuffer;
  readonly count: number;
  readonly aiSpans: number;
  readonly links: number;
  readonly rejected: readonly Rejected[];
}

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
  readonly #reader: SpanReader;
  readonly #resources: Resources;
  readonly #fields: SpanFieldReader;
  readonly #values: SlotValues;
  readonly #frame = new SpanFrame();
  readonly #draft = new SpanDraft();
  readonly #out = new ByteWriter(65_536);
  #rejects = new Rejects();
  #aiSpans = 0;
  #links = 0;
  #scopeHidesFailures = false;
  #versionAt = 0;
  #versionLength = 0;
  #window: TimeWindow = { now: 0, retention: 0 };

  constructor(options: ReaderOptions) {
    this.instrumentations = new Instrumentations(options.dictionary);
    this.#reader = new SpanReader(options);
    this.#resources = new Resources(this.#wire, this.#attributes, this.#reader, options.dictionary);
    const { keys, slots, events } = this.#reader.slots;
    const eventReader = new EventReader(this.#wire, this.#attributes, events);
    this.#fields = new SpanFieldReader(this.#wire, this.#attributes, eventReader, new AskedKeys(keys, slots));
    this.#values = new SlotValues(this.#reader.slots);
  }

  /**
   * @param rejects  where refused spans are noted; some may be there already
   * @throws MalformedBody when the body is no whole OTLP trace request: nothing of it is kept then
   */
  decode(body: Buffer, window: TimeWindow, rejects = new Rejects()): DecodedTraces {
    this.#wire.buffer = body;
    this.#wire.at = 0;
    this.#values.source = body;
    this.#out.at = 0;
    this.#rejects = rejects;
    this.#aiSpans = 0;
    this.#links = 0;
    this.#window = window;
    this.#readRequest(body.length);
    return {
      records: new Uint8Array(this.#out.written).buffer,
      count: this.#aiSpans + this.#links,
      aiSpans: this.#aiSpans,
      links: this.#links,
      rejected: this.#rejects.list,
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
    this.#frame.clear();
    this.#values.clear();
    this.#fields.read(end, this.#frame, this.#values);
    const fault = faultOf(this.#frame, this.#wire.buffer, this.#window);
    if (fault === null) this.#keep(resource, scope);
    else this.#rejects.add(fault, () => exampleOf(fault, this.#frame, this.#wire.buffer));
  }

  #keep(ofBatch: Resource, scope: Code): void {
    const resource =
      ofBatch.environments === null
        ? ofBatch
        : this.#resources.inEnvironment(ofBatch, this.#reader.environmentIn(this.#values));
    const source = this.#wire.buffer;
    const frame = this.#frame;
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
