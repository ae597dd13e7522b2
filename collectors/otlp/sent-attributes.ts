import { Wire } from './wire.ts';

/** An attribute as it was sent, without its value unless that is short: what is long is content. */
export interface SentAttribute {
  readonly key: string;
  readonly type: 'text' | 'number' | 'boolean' | 'list' | 'map' | 'bytes' | 'nothing';
  /** Characters of a text, bytes of everything else. */
  readonly size: number;
  /** Of a text of at most 256 bytes. */
  readonly text: string | null;
}

const RESOURCE = (1 << 3) | 2;
const OF_RESOURCE = (1 << 3) | 2;
const OF_SPAN = (9 << 3) | 2;
const KEY = (1 << 3) | 2;
const VALUE = (2 << 3) | 2;
const SHORT_BYTES = 256;

/** By field number of `AnyValue`. */
const TYPES = ['nothing', 'text', 'boolean', 'number', 'number', 'list', 'map', 'bytes'] as const;

/** All attributes of a span, whoever asks for them. `at` and `end`: its message, which was found to be whole. */
export const attributesOfSpan = (source: Buffer, at: number, end: number): SentAttribute[] =>
  attributesIn(wireAt(source, at), end, OF_SPAN);

/** Those of the resource in a `ResourceSpans` message. */
export function attributesOfResource(source: Buffer, at: number, end: number): SentAttribute[] {
  const wire = wireAt(source, at);
  const found: SentAttribute[] = [];
  while (wire.at < end) {
    const tag = wire.tag(end);
    if (tag === RESOURCE) found.push(...attributesIn(wire, wire.messageEnd(end), OF_RESOURCE));
    else wire.skip(tag, end);
  }
  return found;
}

function wireAt(source: Buffer, at: number): Wire {
  const wire = new Wire();
  wire.buffer = source;
  wire.at = at;
  return wire;
}

function attributesIn(wire: Wire, end: number, field: number): SentAttribute[] {
  const found: SentAttribute[] = [];
  while (wire.at < end) {
    const tag = wire.tag(end);
    if (tag === field) found.push(attribute(wire, wire.messageEnd(end)));
    else wire.skip(tag, end);
  }
  return found;
}

function attribute(wire: Wire, end: number): SentAttribute {
  let key = '';
  let value: Omit<SentAttribute, 'key'> = { type: 'nothing', size: 0, text: null };
  while (wire.at < end) {
    const tag = wire.tag(end);
    if (tag === KEY) {
      const length = wire.size(end);
      key = wire.buffer.toString('utf8', wire.at, wire.at + Math.min(length, SHORT_BYTES));
      wire.at += length;
    } else if (tag === VALUE) value = anyValue(wire, wire.messageEnd(end));
    else wire.skip(tag, end);
  }
  return { key, ...value };
}

/** What stands last in the message counts, as for the decoder. */
function anyValue(wire: Wire, end: number): Omit<SentAttribute, 'key'> {
  const bytes = end - wire.at;
  let value: Omit<SentAttribute, 'key'> = { type: 'nothing', size: 0, text: null };
  while (wire.at < end) {
    const tag = wire.tag(end);
    const type = TYPES[tag >>> 3] ?? 'nothing';
    const { at } = wire;
    wire.skip(tag, end);
    value = type === 'text' ? textAt(wire, at, end) : { type, size: bytes, text: null };
  }
  return value;
}

function textAt(wire: Wire, at: number, end: number): Omit<SentAttribute, 'key'> {
  const behind = wire.at;
  wire.at = at;
  const length = wire.size(end);
  const text = wire.buffer.toString('utf8', wire.at, behind);
  wire.at = behind;
  return { type: 'text', size: text.length, text: length <= SHORT_BYTES ? text : null };
}
