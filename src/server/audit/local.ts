import type { Deployment } from '../../model/config/deployment.ts';
import type { Millis } from '../../model/time.ts';
import { atStore } from '../store-desk.ts';
import { AuditOffice } from './office.ts';

/**
 * The audit log of a store on which nothing runs. What is done here is done alone: an embedded store is locked.
 * @throws OperatorError when another process writes to the store
 */
export const withLocalOffice = <T>(
  deployment: Deployment,
  secret: (reference: string) => Promise<string>,
  warn: (text: string) => void,
  now: () => Millis,
  work: (office: AuditOffice) => Promise<T>,
): Promise<T> =>
  atStore(deployment, now, async ({ records, write }) => {
    const log = { warn: (_fields: unknown, text?: string) => warn(text ?? '') };
    const office = await AuditOffice.open(
      { deployment, records, write: async (statements) => write(statements), secret, log },
      now(),
    );
    return work(office);
  });
