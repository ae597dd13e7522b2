import type { Code, Dictionary } from '../../src/model/dictionary.ts';
import { type ServiceIdentity, serviceKey } from '../../src/model/span.ts';
import type { Resource, SpanReader } from '../dialects/reader.ts';
import { AskedAttributes } from './asked-attributes.ts';
import type { AttributeReader } from './attributes.ts';
import { IDENTITY_KEYS, identityIn, nameIn } from './service-identity.ts';
import type { Wire } from './wire.ts';

/** Environments remembered of one resource; with more, all are forgotten and made again. */
const MAX_ENVIRONMENTS = 64;
const MAX_REMEMBERED = 1024;
const MAX_REMEMBERED_BYTES = 8192;

const RESOURCE = (1 << 3) | 2;
const ATTRIBUTE = (1 << 3) | 2;

/** Finds out which service a resource is; the same bytes are looked into once. */
export class Resources {
  readonly #wire: Wire;
  readonly #reader: SpanReader;
  readonly #dictionary: Dictionary;
  readonly #attributes: AskedAttributes<string>;
  readonly #known = new Map<string, Resource>();

  constructor(wire: Wire, attributes: AttributeReader, reader: SpanReader, dictionary: Dictionary) {
    this.#wire = wire;
    this.#reader = reader;
    this.#dictionary = dictionary;
    this.#attributes = new AskedAttributes(wire, attributes, [
      ...IDENTITY_KEYS,
      'service.version',
      ...reader.environmentKeys,
    ]);
  }

  /** The resource of a `ResourceSpans` message that begins at the cursor; leaves the cursor at its end. */
  read(end: number): Resource {
    const wire = this.#wire;
    const start = wire.at;
    let bytes = '';
    while (wire.at < end) {
      const tag = wire.tag(end);
      if (tag !== RESOURCE) wire.skip(tag, end);
      else {
        const to = wire.messageEnd(end);
        bytes += wire.buffer.toString('latin1', wire.at, to);
        wire.at = to;
      }
    }
    const known = this.#known.get(bytes);
    if (known !== undefined) return known;
    wire.at = start;
    const resource = this.#look(end);
    if (bytes.length <= MAX_REMEMBERED_BYTES) this.#remember(bytes, resource);
    return resource;
  }

  /** The resource of a span, in the environment that it names when the resource names none. */
  inEnvironment(resource: Resource, environment: string): Resource {
    const { environments, serviceName, namespace, serviceVersion } = resource;
    if (environment === '' || environments === null) return resource;
    const known = environments.get(environment);
    if (known !== undefined) return known;
    if (environments.size >= MAX_ENVIRONMENTS) environments.clear();
    const found = this.#resource({ name: serviceName, namespace, environment }, serviceVersion);
    environments.set(environment, found);
    return found;
  }

  #remember(bytes: string, resource: Resource): void {
    if (this.#known.size >= MAX_REMEMBERED) this.#known.clear();
    this.#known.set(bytes, resource);
  }

  /** A resource given in several parts is their sum. */
  #look(end: number): Resource {
    const wire = this.#wire;
    this.#attributes.clear();
    while (wire.at < end) {
      const tag = wire.tag(end);
      if (tag === RESOURCE) this.#lookAtPart(wire.messageEnd(end));
      else wire.skip(tag, end);
    }
    return this.#describe();
  }

  #lookAtPart(end: number): void {
    const wire = this.#wire;
    while (wire.at < end) {
      const tag = wire.tag(end);
      if (tag === ATTRIBUTE) this.#attributes.read(wire.messageEnd(end));
      else wire.skip(tag, end);
    }
  }

  #describe(): Resource {
    const serviceVersion = this.#dictionary.codeOfForeign(nameIn(this.#attributes, 'service.version'));
    return this.#resource(identityIn(this.#attributes, this.#reader.environmentKeys), serviceVersion);
  }

  #resource(identity: ServiceIdentity, serviceVersion: Code): Resource {
    return {
      service: this.#dictionary.code(serviceKey(identity)),
      serviceName: identity.name,
      namespace: identity.namespace,
      serviceVersion,
      declared: this.#reader.declaredBy(identity),
      environments: identity.environment === '' ? new Map() : null,
    };
  }
}
