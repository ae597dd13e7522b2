import type { Logger } from 'pino';
import type { Catalog } from '../../catalog/catalog.ts';
import type { Deployment } from '../../model/config/deployment.ts';
import { OperatorError } from '../../model/errors.ts';
import type { Millis } from '../../model/time.ts';
import type { Statement } from '../../store/items.ts';
import type { Records } from '../../store/records/records.ts';
import { DoorAccess } from './door.ts';
import { exposedDoors, OPEN_NETWORK } from './exposure.ts';
import { Gate } from './gate.ts';
import { leaveLocalKey } from './local-key.ts';
import { AccessLog } from './log.ts';
import { hashOf } from './token.ts';
import { TokenBook } from './token-book.ts';

export interface AccessOptions {
  readonly deployment: Deployment;
  readonly catalog: Catalog;
  readonly records: Records;
  readonly write: (statements: readonly Statement[]) => Promise<readonly number[]>;
  readonly clock: () => Millis;
  readonly log: Logger;
}

/** Who may come in, and what is written down of it. */
export interface Access {
  readonly gate: Gate;
  readonly door: DoorAccess;
  readonly tokens: TokenBook;
  readonly log: AccessLog;
  /** Warns of doors that are open on purpose. @throws OperatorError when others could reach one, and nobody could sign in */
  checkExposure(): Promise<void>;
  close(): Promise<void>;
}

export async function openAccess(options: AccessOptions): Promise<Access> {
  const { deployment, catalog, records, write, clock: now, log } = options;
  const tokens = new TokenBook(records, now);
  await tokens.load();
  const accessLog = new AccessLog({
    records,
    write,
    now,
    report: (error) => log.error({ err: error }, 'an entry of the audit trail on who came in could not be written'),
  });
  const localKey = leaveLocalKey(deployment.store.path);
  const exposed = exposedDoors(deployment);
  const isTrusted = deployment.listen.trustNetwork;
  const gate = new Gate({
    tokens,
    log: accessLog,
    now,
    isClosed: deployment.auth !== null || (exposed.length > 0 && !isTrusted),
    localKeyHash: hashOf(localKey.key),
  });
  return {
    gate,
    door: new DoorAccess(gate, catalog),
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
