import { OperatorError } from '../../model/errors.ts';
import { withLocalOffice } from '../audit/local.ts';
import type { AuditOffice } from '../audit/office.ts';
import type { Configuration } from '../plimsoll.ts';
import { HOW_A_COMMAND_COMES_IN, isUnknown, LocalServer } from './local-server.ts';
import { openStore } from './open-store.ts';

/** A cut of very many entries takes its time. */
const PATIENCE_MS = 120_000;

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
  const server = new LocalServer(deployment);
  const answer = await server.askAny(`/api/v1${path}`, { method: 'POST', body, timeout: PATIENCE_MS });
  if (answer === null) return withLocalOffice(deployment, secret, (text) => console.error(text), Date.now, here);
  if (answer.statusCode === 200) return answer.said as T;
  throw new OperatorError('PLIM_AUDIT_REFUSED', {
    what: `the Plimsoll that runs on this store refused (${answer.statusCode}): ${answer.said['detail'] ?? 'it does not say why'}`,
    fix: isUnknown(answer) ? HOW_A_COMMAND_COMES_IN : 'do what it says, or stop it and try again',
    retryable: false,
  });
}
