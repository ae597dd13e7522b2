import type { Sender, SenderCredentials } from '../../../collectors/otlp/index.ts';
import type { Catalog } from '../../catalog/catalog.ts';
import { AccessRefused, isNone, type Principal, scopeOf } from '../../model/access.ts';
import { parseServiceKey } from '../../model/names.ts';
import type { Credentials, Gate } from './gate.ts';
import { misnamed } from './known-host.ts';

/** Who may send telemetry, and for which services: as a door asks it of each request. */
export class DoorAccess {
  readonly #gate: Gate;
  readonly #catalog: Catalog;
  readonly #isOwnHost: (host: string) => boolean;

  constructor(gate: Gate, catalog: Catalog, isOwnHost: (host: string) => boolean) {
    this.#gate = gate;
    this.#catalog = catalog;
    this.#isOwnHost = isOwnHost;
  }

  /** @returns null for whoever may send for all services. @throws AccessRefused */
  async senderOf(credentials: Credentials & SenderCredentials): Promise<Sender | null> {
    const { pageHost } = credentials;
    if (pageHost !== undefined && !this.#isOwnHost(pageHost) && (await this.#gate.isOpen())) {
      const { what, fix } = misnamed(pageHost);
      throw new AccessRefused('forbidden', what, fix);
    }
    const principal = await this.#gate.admit(credentials);
    const scope = scopeOf(principal, 'send');
    if (scope === null) return null;
    const { door } = credentials;
    if (isNone(scope)) {
      this.#gate.denied(principal, { door, permission: 'send' });
      throw new AccessRefused('forbidden', 'this token may not send', 'use one of the role ingest');
    }
    return this.#of(principal, scope, door);
  }

  /** A sender's own memory of what it may: telemetry names few services, many times. */
  #of(principal: Principal, scope: ReadonlySet<string>, door: string): Sender {
    const known = new Map<string, string | null>();
    return {
      serviceFor: (key) => {
        let service = known.get(key);
        if (service !== undefined) return service;
        const identity = parseServiceKey(key);
        const name = identity === null ? '' : (this.#catalog.declaredFor(identity)?.name ?? identity.name);
        service = scope.has(name) ? name : null;
        if (service === null) this.#gate.denied(principal, { door, permission: 'send', service: name });
        known.set(key, service);
        return service;
      },
      services: [...scope],
    };
  }
}
