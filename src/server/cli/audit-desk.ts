import { OperatorError } from '../../model/errors.ts';
import { withLocalOffice } from '../audit/local.ts';
import type { AuditOffice } from '../audit/office.ts';
import type { Configuration } from '../plimsoll.ts';
import { addressesOf } from './addresses.ts';
import { openStore } from './open-store.ts';
import { askRunning } from './running.ts';

export interface AuditCommandOptions {
  readonly configuration: Configuration;
  readonly secret: (reference: string) => Promise<string>;
  readonly json: boolean;
}

/**
 * Has something done to the audit log: by the server that runs on the store, else here, with the store locked.
 * @throws OperatorError when there is no store, or the server refuses
 */
export async function atAuditDesk<T>(
  { configuration: { deployment }, secret }: AuditCommandOptions,
  path: string,
  body: object,
  here: (office: AuditOffice) => Promise<T>,
): Promise<T> {
  openStore(deployment.store, 'PLIM_AUDIT_NO_STORE').close();
  const answered = await askRunning(addressesOf(deployment.store, deployment.listen.http), path, body);
  if (answered === null) return withLocalOffice(deployment, secret, (text) => console.error(text), Date.now, here);
  if (answered.ok) return answered.body as T;
  throw new OperatorError('PLIM_AUDIT_REFUSED', {
    what: `the Plimsoll that runs on this store refused (${answered.status}): ${answered.detail}`,
    fix: 'do what it says, or stop it and try again',
    retryable: false,
  });
}
