import { attributesOfResource, type SentAttribute, type WatchedSpan } from '../../../collectors/otlp/index.ts';
import type { Catalog } from '../../catalog/catalog.ts';
import type { Service } from '../../model/config/service.ts';
import type { Code, Dictionary } from '../../model/dictionary.ts';
import type { SeenInstrumentation } from '../../model/instrumentation.ts';
import type { Interaction } from '../../model/interaction.ts';
import { parseServiceKey, type ServiceIdentity } from '../../model/span.ts';
import type { AiSpanExplained, ServiceExplained } from './explanation.ts';
import type { ServiceEvidence } from './needs.ts';

interface Entry {
  readonly identity: ServiceIdentity;
  readonly declared: Service | null;
  readonly explained: ServiceExplained;
  readonly dialects: Set<string>;
  readonly instrumentations: Map<string, SeenInstrumentation>;
  readonly spansWith: Map<string, number>;
}

/** The services of what is explained, in order of first sight. */
export class ServiceBook {
  readonly #dictionary: Dictionary;
  readonly #catalog: Catalog;
  readonly #entries = new Map<Code, Entry>();

  constructor(dictionary: Dictionary, catalog: Catalog) {
    this.#dictionary = dictionary;
    this.#catalog = catalog;
  }

  get explained(): ServiceExplained[] {
    return [...this.#entries.values()].map(({ explained }) => explained);
  }

  /** The service of a span, noted when it is new. */
  of(span: WatchedSpan): { readonly name: string; readonly slices: readonly string[] } {
    const { service } = span.draft;
    let entry = this.#entries.get(service);
    if (entry === undefined) {
      entry = this.#entryOf(span);
      this.#entries.set(service, entry);
    }
    const slices = (entry.declared?.slices ?? []).flatMap(({ name, attribute }) => (attribute === null ? [] : [name]));
    return { name: entry.identity.name, slices };
  }

  exchangeOf(service: Code): 'entry' | 'head' {
    return this.#entries.get(service)?.declared?.exchange ?? 'entry';
  }

  /** Notes what an AI span says of its service. */
  note(service: Code, { dialect, alsoRecognised, scope, slices }: AiSpanExplained): void {
    const { dialects, instrumentations, spansWith } = this.#entries.get(service)!;
    for (const name of [dialect, ...alsoRecognised.map((one) => one.dialect)]) dialects.add(name);
    instrumentations.set(scope.name, { scope: scope.name, version: scope.version ?? '', lastSeen: 0 });
    for (const [dimension, value] of Object.entries(slices))
      if (value !== null) spansWith.set(dimension, (spansWith.get(dimension) ?? 0) + 1);
  }

  evidence(interactions: readonly Interaction[]): ServiceEvidence[] {
    return [...this.#entries].map(([code, { identity, declared, dialects, instrumentations, spansWith }]) => ({
      service: identity.name,
      environment: identity.environment || null,
      interactions: interactions.filter(({ service }) => service === code),
      dialects,
      instrumentations: [...instrumentations.values()],
      slices: (declared?.slices ?? []).flatMap(({ name, attribute }) =>
        attribute === null ? [] : [{ dimension: name, attribute, spans: spansWith.get(name) ?? 0 }],
      ),
    }));
  }

  #entryOf({ draft, reader, source, batchAt, batchEnd }: WatchedSpan): Entry {
    const identity = parseServiceKey(this.#dictionary.text(draft.service))!;
    const declared = this.#catalog.declaredFor(identity);
    const sent = attributesOfResource(source, batchAt, batchEnd);
    const environmentKeys = ['deployment.environment.name', 'deployment.environment', ...reader.environmentKeys];
    const { name, namespace, environment } = identity;
    return {
      identity,
      declared,
      explained: {
        name,
        namespace: namespace || null,
        environment: environment || null,
        from: {
          name: giverOf(name, ['service.name'], sent),
          namespace: giverOf(namespace, ['service.namespace'], sent),
          environment:
            environment === '' ? null : (giverOf(environment, environmentKeys, sent) ?? 'an attribute of the span'),
        },
        declaredAs: declared?.name ?? null,
      },
      dialects: new Set(),
      instrumentations: new Map(),
      spansWith: new Map(),
    };
  }
}

/** The first of the keys under which the value was sent. */
const giverOf = (value: string, keys: readonly string[], sent: readonly SentAttribute[]): string | null =>
  keys.find((key) => sent.some((one) => one.key === key && one.text === value)) ?? null;
