import type { Logger } from 'pino';
import type { Catalog } from '../../catalog/catalog.ts';
import { DEFAULT_SESSION, type OidcConfig } from '../../model/config/auth.ts';
import type { Deployment } from '../../model/config/deployment.ts';
import { OperatorError } from '../../model/errors.ts';
import type { Millis } from '../../model/time.ts';
import type { Statement } from '../../store/items.ts';
import type { Records } from '../../store/records/records.ts';
import { keptKey } from '../kept-key.ts';
import { DoorAccess } from './door.ts';
import { exposedDoors, OPEN_NETWORK } from './exposure.ts';
import { Gate } from './gate.ts';
import { isOwnHost } from './host-names.ts';
import { leaveLocalKey } from './local-key.ts';
import { AccessLog } from './log.ts';
import { OidcSignIn } from './oidc.ts';
import { Sessions } from './sessions.ts';
import { hashOf } from './token.ts';
import { TokenBook } from './token-book.ts';

export interface AccessOptions {
  readonly deployment: Deployment;
  readonly catalog: Catalog;
  readonly records: Records;
  readonly write: (statements: readonly Statement[]) => Promise<readonly number[]>;
  readonly clock: () => Millis;
  readonly log: Logger;
  readonly secret: (reference: string) => Promise<string>;
  /** Where people reach the console; known once its door is open. */
  readonly consoleUrl: () => string;
  /** Names that the configuration gives this Plimsoll. */
  readonly hosts: () => readonly string[];
}

/** Who may come in, and what is written down of it. */
export interface Access {
  readonly gate: Gate;
  readonly door: DoorAccess;
  readonly tokens: TokenBook;
  readonly log: AccessLog;
  readonly sessions: Sessions;
  /** Null where no provider is configured. */
  readonly oidc: OidcSignIn | null;
  /** What groups of the provider may. */
  readonly roles: OidcConfig['roles'];
  /** Seals what browsers keep of a sign-in that is under way. */
  readonly sealKey: Uint8Array;
  /** Whether this name, as the header `Host` has it, is no stranger's; see `host-names.ts`. */
  readonly isOwnHost: (host: string) => boolean;
  /** People reach the console over TLS. */
  readonly isSecure: boolean;
  /** Warns of doors that are open on purpose. @throws OperatorError when others could reach one, and nobody could sign in */
  checkExposure(): Promise<void>;
  close(): Promise<void>;
}

export async function openAccess(options: AccessOptions): Promise<Access> {
  const { deployment, catalog, records, write, clock: now, log } = options;
  const tokens = new TokenBook(records, now);
  await tokens.load();
  const accessLog = new AccessLog({
    write,
    now,
    report: (error) => log.error({ err: error }, 'an entry of the audit trail on who came in could not be written'),
  });
  const localKey = leaveLocalKey(deployment.store);
  const exposed = exposedDoors(deployment);
  const isTrusted = deployment.listen.trustNetwork;
  const gate = new Gate({
    tokens,
    log: accessLog,
    now,
    isClosed: deployment.auth !== null || (exposed.length > 0 && !isTrusted),
    localKeyHash: hashOf(localKey.key),
  });
  const oidc = deployment.auth?.oidc ?? null;
  const roles = oidc?.roles ?? [];
  const times = deployment.auth?.session ?? DEFAULT_SESSION;
  const { secret, consoleUrl, hosts } = options;
  const isOwn = (host: string): boolean => isOwnHost(host, hosts());
  return {
    isOwnHost: isOwn,
    sessions: new Sessions({ records, write, now, tokens, log: accessLog, times, roles }),
    oidc: oidc === null ? null : new OidcSignIn({ config: oidc, secret, consoleUrl, now }),
    roles,
    sealKey: await keptKey(records, write, 'sign-in key'),
    isSecure: deployment.listen.tls !== null || deployment.consoleUrl?.startsWith('https:') === true,
    gate,
    door: new DoorAccess(gate, catalog, isOwn),
    tokens,
    log: accessLog,
    checkExposure: async () => {
      if (exposed.length === 0) return;
      const canSignIn = deployment.auth?.oidc != null || tokens.all.some((token) => tokens.isValid(token));
      if (!isTrusted && !canSignIn)
        throw new OperatorError(OPEN_NETWORK.code, {
          what: `spec.listen: ${OPEN_NETWORK.message} (${exposed.join(', ')})`,
          fix: OPEN_NETWORK.hint,
          retryable: false,
        });
      if (await gate.isOpen())
        log.warn(
          { doors: exposed },
          'listen.trustNetwork: whoever reaches these doors may do everything; plimsoll token create makes the first token, then all need one',
        );
    },
    close: async () => {
      localKey.remove();
      await accessLog.written();
    },
  };
}
