import type { Frame } from '../dialects/reader.ts';
import type { SlotValues } from '../dialects/slots.ts';
import type { AskedKeys, AttributeReader } from './attributes.ts';
import type { EventReader } from './events.ts';
import { KEY_VALUE, LINK } from './shapes.ts';
import type { Wire } from './wire.ts';

// Fields of a span, with their wire types.
const TRACE_ID = (1 << 3) | 2;
const SPAN_ID = (2 << 3) | 2;
const TRACE_STATE = (3 << 3) | 2;
const PARENT_ID = (4 << 3) | 2;
const NAME = (5 << 3) | 2;
const KIND = 6 << 3;
const START = (7 << 3) | 1;
const END = (8 << 3) | 1;
const ATTRIBUTE = (9 << 3) | 2;
const EVENT = (11 << 3) | 2;
const LINK_FIELD = (13 << 3) | 2;
const STATUS = (15 << 3) | 2;
const FLAGS = (16 << 3) | 5;

const STATUS_CODE = 3 << 3;
const STATUS_ERROR = 2;

/** Depth of a span's attributes and links among the messages of a request. */
const INNER_DEPTH = 4;

/** What stands in a span's own fields: one object for all spans. */
export class SpanFrame implements Frame {
  traceAt = 0;
  traceLength = 0;
  spanAt = 0;
  spanLength = 0;
  parentAt = 0;
  parentLength = 0;
  stateAt = 0;
  stateLength = 0;
  nameAt = 0;
  nameLength = 0;
  kind = 0;
  flags = 0;
  /** How many it has. */
  attributes = 0;
  statusIsError = false;
  startLow = 0;
  startHigh = 0;
  endLow = 0;
  endHigh = 0;

  clear(): void {
    this.traceLength = 0;
    this.spanLength = 0;
    this.parentLength = 0;
    this.stateLength = 0;
    this.nameLength = 0;
    this.kind = 0;
    this.flags = 0;
    this.attributes = 0;
    this.statusIsError = false;
    this.startLow = 0;
    this.startHigh = 0;
    this.endLow = 0;
    this.endHigh = 0;
  }
}

/** Reads a span's own fields into a frame, its attributes and events into slots. */
export class SpanFieldReader {
  readonly #wire: Wire;
  readonly #attributes: AttributeReader;
  readonly #events: EventReader;
  readonly #keys: AskedKeys;
  readonly #maxAttributes: number;

  constructor(wire: Wire, attributes: AttributeReader, events: EventReader, keys: AskedKeys, maxAttributes: number) {
    this.#wire = wire;
    this.#attributes = attributes;
    this.#events = events;
    this.#keys = keys;
    this.#maxAttributes = maxAttributes;
  }

  read(end: number, frame: SpanFrame, values: SlotValues): void {
    const wire = this.#wire;
    while (wire.at < end) {
      const tag = wire.tag(end);
      switch (tag) {
        case ATTRIBUTE:
          if (++frame.attributes <= this.#maxAttributes)
            this.#attributes.read(wire.messageEnd(end), this.#keys, values);
          else wire.check(KEY_VALUE, wire.messageEnd(end), INNER_DEPTH);
          break;
        case TRACE_ID:
          frame.traceLength = wire.size(end);
          frame.traceAt = wire.at;
          wire.at += frame.traceLength;
          break;
        case SPAN_ID:
          frame.spanLength = wire.size(end);
          frame.spanAt = wire.at;
          wire.at += frame.spanLength;
          break;
        case TRACE_STATE:
          frame.stateLength = wire.size(end);
          frame.stateAt = wire.at;
          wire.at += frame.stateLength;
          break;
        case PARENT_ID:
          frame.parentLength = wire.size(end);
          frame.parentAt = wire.at;
          wire.at += frame.parentLength;
          break;
        case NAME:
          frame.nameLength = wire.size(end);
          frame.nameAt = wire.at;
          wire.at += frame.nameLength;
          break;
        case KIND:
          frame.kind = wire.varint(end);
          break;
        case START:
          frame.startLow = wire.uint32(end);
          frame.startHigh = wire.uint32(end);
          break;
        case END:
          frame.endLow = wire.uint32(end);
          frame.endHigh = wire.uint32(end);
          break;
        case EVENT:
          this.#events.read(wire.messageEnd(end), values);
          break;
        case LINK_FIELD:
          wire.check(LINK, wire.messageEnd(end), INNER_DEPTH);
          break;
        case STATUS:
          this.#readStatus(wire.messageEnd(end), frame);
          break;
        case FLAGS:
          frame.flags = wire.uint32(end);
          break;
        default:
          wire.skip(tag, end);
      }
    }
  }

  #readStatus(end: number, frame: SpanFrame): void {
    const wire = this.#wire;
    while (wire.at < end) {
      const tag = wire.tag(end);
      if (tag === STATUS_CODE) frame.statusIsError = wire.varint(end) === STATUS_ERROR;
      else wire.skip(tag, end);
    }
  }
}
