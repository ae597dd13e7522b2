import { DEFAULT_LIMITS } from '../../src/model/config/limits.ts';
import { JsonFault, parseJson as parseJsonOfStrangers } from '../../src/model/json.ts';
import { ProtoWriter } from './proto-writer.ts';
import type { RejectReason, Rejects } from './rejects.ts';

/** The body is no OTLP/JSON request; the message says where. */
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

const UINT64_MAX = 2n ** 64n - 1n;
const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);

export type JsonObject = Readonly<Record<string, unknown>>;

/** The lists that requests hold, by name; a body with another one was sent to the wrong path. */
const RESOURCE_LISTS = ['resourceSpans', 'resourceLogs', 'resourceMetrics'] as const;

/** @throws MalformedJson */
export function parseJson(body: Buffer): unknown {
  try {
    return parseJsonOfStrangers(body);
  } catch (error) {
    throw error instanceof JsonFault ? new MalformedJson(`the body is not JSON: ${error.message}`) : error;
  }
}

/**
 * Turns OTLP/JSON into the protobuf that the decoders read, so that there is one reader: all that they look at, nothing
 * else. The methods that take a `field` write that field of the message being written.
 *
 * @see https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
 */
export class JsonWriter {
  readonly out = new ProtoWriter(65_536);
  readonly #rejects: Rejects;
  readonly #maxValueDepth: number;
  /** Where in the body we are: keys and positions. */
  readonly #path: (string | number)[] = [];

  /** @param maxValueDepth  how deep values may lie in each other */
  constructor(rejects: Rejects, maxValueDepth = DEFAULT_LIMITS.maxValueDepth) {
    this.#rejects = rejects;
    this.#maxValueDepth = maxValueDepth;
  }

  /**
   * Writes a request: resources, scopes, and in each scope its items as `item` does. Items that can't be written are left
   * out and counted in the rejects.
   * @param kind  `Spans` for `resourceSpans` and `scopeSpans`
   * @throws MalformedJson when what is wrong is no matter of a single item
   */
  request(body: unknown, kind: 'Spans' | 'Logs' | 'Metrics', items: string, item: (item: JsonObject) => void): Buffer {
    const object = this.object(body);
    const wanted = `resource${kind}` as const;
    this.#refuseSnakeCase(object, `resource_${kind.toLowerCase()}`, wanted);
    for (const other of RESOURCE_LISTS)
      if (other !== wanted && object[other] !== undefined) this.fail(`has ${other}: this path takes ${wanted}`);
    this.messages(object, wanted, 1, (ofResource) => {
      this.#refuseSnakeCase(ofResource, `scope_${kind.toLowerCase()}`, `scope${kind}`);
      this.message(ofResource, 'resource', 1, (resource) => this.attributes(resource, 1));
      this.messages(ofResource, `scope${kind}`, 2, (ofScope) => {
        this.message(ofScope, 'scope', 1, (scope) => {
          this.string(scope, 'name', 1);
          this.string(scope, 'version', 2);
        });
        this.items(ofScope, items, 2, item);
      });
    });
    return this.out.written;
  }

  /** A list of messages under a key, each of which may be left out alone. */
  items(owner: JsonObject, key: string, field: number, write: (inner: JsonObject) => void): void {
    this.#each(owner, key, (value) => this.#orReject(() => this.out.message(field, () => write(this.object(value)))));
  }

  #orReject(write: () => void): void {
    const start = this.out.at;
    const depth = this.#path.length;
    try {
      write();
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      this.out.at = start;
      this.#path.length = depth;
      this.#rejects.add(error.reason, () => error.message);
    }
  }

  /** A message under a key. */
  message(owner: JsonObject, key: string, field: number, write: (inner: JsonObject) => void): void {
    this.inside(owner, key, (value) => this.out.message(field, () => write(this.object(value))));
  }

  /** A list of messages under a key. */
  messages(owner: JsonObject, key: string, field: number, write: (inner: JsonObject) => void): void {
    this.#each(owner, key, (value) => this.out.message(field, () => write(this.object(value))));
  }

  attributes(owner: JsonObject, field: number): void {
    this.messages(owner, 'attributes', field, (one) => this.#keyValue(one, 0));
  }

  #keyValue(pair: JsonObject, depth: number): void {
    this.string(pair, 'key', 1);
    this.message(pair, 'value', 2, (value) => this.#anyValue(value, depth));
  }

  #anyValue(object: JsonObject, depth: number): void {
    if (depth > this.#maxValueDepth) this.fail(`has more than ${this.#maxValueDepth} values in each other`, 'too deep');
    const { out } = this;
    this.string(object, 'stringValue', 1);
    this.inside(object, 'boolValue', (flag) => out.integer(2, this.#boolean(flag) ? 1n : 0n));
    this.inside(object, 'intValue', (number) => out.integer(3, this.integer(number, INT64_MIN, INT64_MAX)));
    this.inside(object, 'doubleValue', (number) => out.float64(4, this.double(number)));
    this.message(object, 'arrayValue', 5, (list) =>
      this.messages(list, 'values', 1, (one) => this.#anyValue(one, depth + 1)),
    );
    this.message(object, 'kvlistValue', 6, (list) =>
      this.messages(list, 'values', 1, (one) => this.#keyValue(one, depth + 1)),
    );
    this.inside(object, 'bytesValue', (text) => out.blob(7, Buffer.from(this.#text(text), 'base64')));
  }

  /** Hex in either case. */
  id(owner: JsonObject, key: string, bytes: number, field: number, reason: RejectReason): void {
    this.inside(owner, key, (value) => {
      const isId = typeof value === 'string' && value.length === bytes * 2 && /^[0-9a-f]*$/i.test(value);
      if (!isId) this.fail(`is ${shown(value)}, not ${bytes * 2} hex digits`, reason);
      this.out.blob(field, Buffer.from(value, 'hex'));
    });
  }

  fixed64(owner: JsonObject, key: string, field: number): void {
    this.inside(owner, key, (value) => this.out.fixed64(field, this.integer(value, 0n, UINT64_MAX)));
  }

  /** A number, or its name, which the protocol forbids and some senders write. */
  enum(owner: JsonObject, key: string, names: readonly string[], field: number): void {
    this.inside(owner, key, (value) => {
      const named = names.indexOf(String(value));
      this.out.integer(field, named >= 0 ? BigInt(named) : this.integer(value, 0n, 2n ** 31n - 1n));
    });
  }

  string(owner: JsonObject, key: string, field: number): void {
    this.inside(owner, key, (value) => this.out.string(field, this.#text(value)));
  }

  #text(value: unknown): string {
    return typeof value === 'string' ? value : this.fail(`is ${kindOf(value)}, not a string`);
  }

  #boolean(value: unknown): boolean {
    return typeof value === 'boolean' ? value : this.fail(`is ${kindOf(value)}, not true or false`);
  }

  /** 64-bit integers are strings by the protocol, and often numbers. */
  integer(value: unknown, least: bigint, most: bigint): bigint {
    const isInteger =
      typeof value === 'number' ? Number.isInteger(value) : typeof value === 'string' && /^-?\d{1,20}$/.test(value);
    if (!isInteger) return this.fail(`is ${shown(value)}, not an integer`);
    const number = BigInt(value as string | number);
    return number >= least && number <= most ? number : this.fail(`is ${shown(value)}, not in ${least}..${most}`);
  }

  /** JSON has no NaN and no infinity: they are strings. */
  double(value: unknown): number {
    if (typeof value === 'number') return value;
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN;
    return value === 'NaN' || !Number.isNaN(number) ? number : this.fail(`is ${shown(value)}, not a number`);
  }

  object(value: unknown): JsonObject {
    if (value === null || typeof value !== 'object' || Array.isArray(value))
      this.fail(`is ${kindOf(value)}, not an object`);
    return value as JsonObject;
  }

  /** null stands for "not there", as everywhere in protobuf's JSON. */
  inside(owner: JsonObject, key: string, write: (value: unknown) => void): void {
    const value = owner[key];
    if (value === undefined || value === null) return;
    this.#path.push(key);
    write(value);
    this.#path.pop();
  }

  #each(owner: JsonObject, key: string, write: (value: unknown) => void): void {
    this.inside(owner, key, (list) => {
      if (!Array.isArray(list)) return this.fail(`is ${kindOf(list)}, not an array`);
      for (const [i, value] of list.entries()) {
        this.#path.push(i);
        write(value);
        this.#path.pop();
      }
    });
  }

  #refuseSnakeCase(owner: JsonObject, key: string, meant: string): void {
    if (owner[key] !== undefined) this.fail(`has ${key}: names are in lowerCamelCase in OTLP/JSON, this is ${meant}`);
  }

  fail(what: string, reason: RejectReason = 'unreadable'): never {
    const path = this.#path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('');
    throw new Fault(`${path.slice(1) || 'the body'} ${what}`, reason);
  }
}

/** Longer than an id or a number as it may be written: it may be content. */
const MAX_SHOWN = 40;

/** A value as it was sent, or in a word what it is: senders log what they are told, and content is for nobody's log. */
function shown(value: unknown): string {
  if (typeof value === 'string' && value.length > MAX_SHOWN) return `a text of ${value.length} characters`;
  return typeof value === 'object' && value !== null ? kindOf(value) : JSON.stringify(value);
}

/** Of what stands where a value of another kind belongs. */
function kindOf(value: unknown): string {
  if (typeof value === 'string') return 'a text';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' && value !== null ? 'an object' : JSON.stringify(value);
}
