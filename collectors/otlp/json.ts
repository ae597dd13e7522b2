import { SPAN_KINDS } from '../../src/model/span.ts';
import { ProtoWriter } from './proto-writer.ts';
import type { RejectReason, Rejects } from './rejects.ts';

/** The body is no OTLP/JSON trace request; the message says where. */
export class MalformedJson extends Error {
  override readonly name = 'MalformedJson';
}

/** What is wrong at one place of the body. */
class Fault extends MalformedJson {
  readonly reason: RejectReason;

  constructor(message: string, reason: RejectReason) {
    super(message);
    this.reason = reason;
  }
}

/** How deep values may lie in each other: a map takes three messages a level, and the decoder stops at 90 messages. */
export const MAX_VALUE_DEPTH = 24;

const UINT64_MAX = 2n ** 64n - 1n;
const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);

const SPAN_KIND_NAMES = SPAN_KINDS.map((kind) => `SPAN_KIND_${kind.toUpperCase()}`);
const STATUS_NAMES = ['STATUS_CODE_UNSET', 'STATUS_CODE_OK', 'STATUS_CODE_ERROR'];

type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Turns an OTLP/JSON trace request into the protobuf that the decoder reads, so that there is one reader: all that it
 * looks at, nothing else. Spans that can't be written are left out and counted in `rejects`.
 *
 * @see https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
 * @throws MalformedJson when the body is no JSON, or what is wrong is no matter of a single span
 */
export function protobufOfJson(body: Buffer, rejects: Rejects): Buffer {
  return new RequestWriter(rejects).write(parse(body));
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8').replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new MalformedJson(`the body is not JSON: ${error instanceof Error ? error.message : error}`);
  }
}

class RequestWriter {
  readonly #out = new ProtoWriter(65_536);
  readonly #rejects: Rejects;
  /** Where in the body we are: keys and positions. */
  readonly #path: (string | number)[] = [];

  constructor(rejects: Rejects) {
    this.#rejects = rejects;
  }

  write(request: unknown): Buffer {
    const object = this.#object(request);
    this.#refuseSnakeCase(object, 'resource_spans', 'resourceSpans');
    for (const other of ['resourceLogs', 'resourceMetrics'])
      if (object[other] !== undefined) this.#fail(`has ${other}: this door takes resourceSpans`);
    this.#each(object, 'resourceSpans', (one) => this.#out.message(1, () => this.#resourceSpans(one)));
    return this.#out.written;
  }

  #resourceSpans(value: unknown): void {
    const object = this.#object(value);
    this.#refuseSnakeCase(object, 'scope_spans', 'scopeSpans');
    this.#inside(object, 'resource', (resource) =>
      this.#out.message(1, () => this.#attributes(this.#object(resource), 1)),
    );
    this.#each(object, 'scopeSpans', (one) => this.#out.message(2, () => this.#scopeSpans(one)));
  }

  #scopeSpans(value: unknown): void {
    const object = this.#object(value);
    this.#inside(object, 'scope', (scope) => this.#out.message(1, () => this.#string(this.#object(scope), 'name', 1)));
    this.#each(object, 'spans', (span) => this.#spanOrReject(span));
  }

  #spanOrReject(value: unknown): void {
    const start = this.#out.at;
    const depth = this.#path.length;
    try {
      this.#out.message(2, () => this.#span(this.#object(value)));
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      this.#out.at = start;
      this.#path.length = depth;
      this.#rejects.add(error.reason, () => error.message);
    }
  }

  #span(span: JsonObject): void {
    this.#id(span, 'traceId', 16, 1, 'trace id');
    this.#id(span, 'spanId', 8, 2, 'span id');
    this.#string(span, 'traceState', 3);
    if (span['parentSpanId'] !== '') this.#id(span, 'parentSpanId', 8, 4, 'parent span id');
    this.#string(span, 'name', 5);
    this.#enum(span, 'kind', SPAN_KIND_NAMES, 6);
    this.#time(span, 'startTimeUnixNano', 7);
    this.#time(span, 'endTimeUnixNano', 8);
    this.#attributes(span, 9);
    this.#each(span, 'events', (event) => this.#out.message(11, () => this.#event(this.#object(event))));
    this.#inside(span, 'status', (status) =>
      this.#out.message(15, () => this.#enum(this.#object(status), 'code', STATUS_NAMES, 3)),
    );
    this.#inside(span, 'flags', (flags) => this.#out.fixed32(16, Number(this.#integer(flags, 0n, 2n ** 32n - 1n))));
  }

  #event(event: JsonObject): void {
    this.#time(event, 'timeUnixNano', 1);
    this.#string(event, 'name', 2);
    this.#attributes(event, 3);
  }

  #attributes(owner: JsonObject, field: number): void {
    this.#each(owner, 'attributes', (one) => this.#out.message(field, () => this.#keyValue(one, 0)));
  }

  #keyValue(value: unknown, depth: number): void {
    const object = this.#object(value);
    this.#string(object, 'key', 1);
    this.#inside(object, 'value', (any) => this.#out.message(2, () => this.#anyValue(any, depth)));
  }

  #anyValue(value: unknown, depth: number): void {
    if (depth > MAX_VALUE_DEPTH) this.#fail(`has more than ${MAX_VALUE_DEPTH} values in each other`);
    const object = this.#object(value);
    const out = this.#out;
    this.#string(object, 'stringValue', 1);
    this.#inside(object, 'boolValue', (flag) => out.integer(2, this.#boolean(flag) ? 1n : 0n));
    this.#inside(object, 'intValue', (number) => out.integer(3, this.#integer(number, INT64_MIN, INT64_MAX)));
    this.#inside(object, 'doubleValue', (number) => out.float64(4, this.#double(number)));
    this.#inside(object, 'arrayValue', (list) =>
      out.message(5, () =>
        this.#each(this.#object(list), 'values', (one) => out.message(1, () => this.#anyValue(one, depth + 1))),
      ),
    );
    this.#inside(object, 'kvlistValue', (list) =>
      out.message(6, () =>
        this.#each(this.#object(list), 'values', (one) => out.message(1, () => this.#keyValue(one, depth + 1))),
      ),
    );
    this.#inside(object, 'bytesValue', (text) => out.blob(7, Buffer.from(this.#text(text), 'base64')));
  }

  /** Hex in either case. */
  #id(owner: JsonObject, key: string, bytes: number, field: number, reason: RejectReason): void {
    this.#inside(owner, key, (value) => {
      const isId = typeof value === 'string' && value.length === bytes * 2 && /^[0-9a-f]*$/i.test(value);
      if (!isId) this.#fail(`is ${shown(value)}, not ${bytes * 2} hex digits`, reason);
      this.#out.blob(field, Buffer.from(value, 'hex'));
    });
  }

  #time(owner: JsonObject, key: string, field: number): void {
    this.#inside(owner, key, (value) => this.#out.fixed64(field, this.#integer(value, 0n, UINT64_MAX)));
  }

  /** A number, or its name, which the protocol forbids and some senders write. */
  #enum(owner: JsonObject, key: string, names: readonly string[], field: number): void {
    this.#inside(owner, key, (value) => {
      const named = names.indexOf(String(value));
      this.#out.integer(field, named >= 0 ? BigInt(named) : this.#integer(value, 0n, 2n ** 31n - 1n));
    });
  }

  #string(owner: JsonObject, key: string, field: number): void {
    this.#inside(owner, key, (value) => this.#out.string(field, this.#text(value)));
  }

  #text(value: unknown): string {
    return typeof value === 'string' ? value : this.#fail(`is ${shown(value)}, not a string`);
  }

  #boolean(value: unknown): boolean {
    return typeof value === 'boolean' ? value : this.#fail(`is ${shown(value)}, not true or false`);
  }

  /** 64-bit integers are strings by the protocol, and often numbers. */
  #integer(value: unknown, least: bigint, most: bigint): bigint {
    const isInteger =
      typeof value === 'number' ? Number.isInteger(value) : typeof value === 'string' && /^-?\d{1,20}$/.test(value);
    if (!isInteger) return this.#fail(`is ${shown(value)}, not an integer`);
    const number = BigInt(value as string | number);
    return number >= least && number <= most ? number : this.#fail(`is ${shown(value)}, not in ${least}..${most}`);
  }

  /** JSON has no NaN and no infinity: they are strings. */
  #double(value: unknown): number {
    if (typeof value === 'number') return value;
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN;
    return value === 'NaN' || !Number.isNaN(number) ? number : this.#fail(`is ${shown(value)}, not a number`);
  }

  #object(value: unknown): JsonObject {
    if (value === null || typeof value !== 'object' || Array.isArray(value))
      this.#fail(`is ${shown(value)}, not an object`);
    return value as JsonObject;
  }

  /** null stands for "not there", as everywhere in protobuf's JSON. */
  #inside(owner: JsonObject, key: string, write: (value: unknown) => void): void {
    const value = owner[key];
    if (value === undefined || value === null) return;
    this.#path.push(key);
    write(value);
    this.#path.pop();
  }

  #each(owner: JsonObject, key: string, write: (value: unknown) => void): void {
    this.#inside(owner, key, (list) => {
      if (!Array.isArray(list)) return this.#fail(`is ${shown(list)}, not an array`);
      for (const [i, value] of list.entries()) {
        this.#path.push(i);
        write(value);
        this.#path.pop();
      }
    });
  }

  #refuseSnakeCase(owner: JsonObject, key: string, meant: string): void {
    if (owner[key] !== undefined) this.#fail(`has ${key}: names are in lowerCamelCase in OTLP/JSON, this is ${meant}`);
  }

  #fail(what: string, reason: RejectReason = 'unreadable'): never {
    const path = this.#path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('');
    throw new Fault(`${path.slice(1) || 'the body'} ${what}`, reason);
  }
}

/** A value as it was sent, cut short. */
function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
