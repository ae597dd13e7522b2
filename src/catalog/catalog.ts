import type { Service } from '../model/config/service.ts';
import type { CountedService } from '../model/names.ts';
import type { ServiceIdentity } from '../model/span.ts';

/** Services that no file declares are told apart up to this many; later ones are counted together. */
export const UNDECLARED_MAX = 1000;
export const OTHER_SERVICE = 'other';

/** Which declared service a resource belongs to, and what it is counted under. */
export class Catalog {
  #services: readonly Service[] = [];
  readonly #undeclared = new Set<string>();
  /** By what telemetry calls them, and by what their files do: each in the order of the files. */
  readonly #bySent = new Map<string, Service[]>();
  #byName: ReadonlyMap<string, readonly Service[]> = new Map();

  constructor(services: readonly Service[]) {
    this.replace(services);
  }

  get services(): readonly Service[] {
    return this.#services;
  }

  /** The files as they are from now on. Those of the undeclared that are told apart stay so. */
  replace(services: readonly Service[]): void {
    this.#services = services;
    this.#byName = Map.groupBy(services, ({ name }) => name);
    this.#bySent.clear();
    for (const service of services)
      for (const name of new Set(service.match.serviceNames)) {
        const those = this.#bySent.get(name);
        if (those === undefined) this.#bySent.set(name, [service]);
        else those.push(service);
      }
  }

  /** The file that names this environment, else the one that names none. */
  declaredFor({ name, namespace, environment }: ServiceIdentity): Service | null {
    const named = (this.#bySent.get(name) ?? []).filter(
      ({ match }) => match.serviceNamespace === null || match.serviceNamespace === namespace,
    );
    return (
      named.find((service) => service.environment !== '' && service.environment === environment) ??
      named.find((service) => service.environment === '') ??
      null
    );
  }

  /** What a resource is counted under: a declared service, or its own name and environment. */
  countedFor(identity: ServiceIdentity): CountedService {
    const declared = this.declaredFor(identity);
    if (declared !== null) return { name: declared.name, environment: declared.environment };
    const key = `${identity.name}\u0000${identity.environment}`;
    if (!this.#undeclared.has(key)) {
      if (this.#undeclared.size >= UNDECLARED_MAX) return { name: OTHER_SERVICE, environment: '' };
      this.#undeclared.add(key);
    }
    return { name: identity.name, environment: identity.environment };
  }

  byName(name: string, environment = ''): Service | null {
    return this.#byName.get(name)?.find((service) => service.environment === environment) ?? null;
  }
}
