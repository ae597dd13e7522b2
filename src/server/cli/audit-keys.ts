import type { Json } from '../../compliance/audit/canonical-json.ts';
import { headFromJson, headJson } from '../../compliance/audit/head.ts';
import { iso, type Millis } from '../../model/time.ts';
import { readKeys } from '../../store/audit/reading.ts';
import { openRecords } from '../../store/records/records.ts';
import { OPERATOR } from '../audit/operator.ts';
import { type AuditCommandOptions, atAuditDesk } from './audit-desk.ts';
import { openStore } from './open-store.ts';
import { tellRefusal } from './refusal.ts';

/** Prints the public keys of the log, the one in force last: what a verifier has to be given. 0, or 1 when there is none. */
export async function auditKeyCommand({ configuration, json }: AuditCommandOptions): Promise<number> {
  try {
    const reader = openStore(configuration.deployment.store, 'PLIM_AUDIT_NO_STORE');
    const keys = await readKeys(openRecords(reader.db, configuration.deployment.store.type)).finally(() =>
      reader.close(),
    );
    const shown = keys.map(({ id, since, key }) => ({
      keyId: id,
      since: iso(since),
      pem: key.export({ type: 'spki', format: 'pem' }) as string,
    }));
    if (json) console.log(JSON.stringify({ keys: shown }));
    else for (const { keyId, since, pem } of shown) console.log(`# ${keyId}, since ${since}\n${pem.trim()}`);
    return shown.length > 0 ? 0 : 1;
  } catch (error) {
    tellRefusal(error, json);
    return 1;
  }
}

/** @param to  where the new key is, when keys are the operator's to make. 0: it signs from now on. 1: it does not */
export async function auditRotateKeyCommand(
  options: AuditCommandOptions & { readonly to: string | null },
): Promise<number> {
  const { to, json } = options;
  try {
    const answer = await atAuditDesk<Json>(options, '/audit/rotate-key', to === null ? {} : { to }, async (office) =>
      headJson(await office.rotate(to, OPERATOR, Date.now())),
    );
    const { keyId } = headFromJson(answer);
    if (json) console.log(JSON.stringify({ keyId }));
    else
      console.log(
        `the audit log is signed by key ${keyId} from now on${to === null ? '' : `; write ${to} into spec.audit.key before the next start`}`,
      );
    return 0;
  } catch (error) {
    tellRefusal(error, json);
    return 1;
  }
}

/** 0: entries of before that time are gone, up to a signed head. 1: none are. */
export async function auditCutCommand(options: AuditCommandOptions & { readonly before: Millis }): Promise<number> {
  const { before, json } = options;
  try {
    const { entries } = await atAuditDesk(options, '/audit/cut', { before: iso(before) }, async (office) => ({
      entries: await office.cut(before, OPERATOR, Date.now()),
    }));
    console.log(
      json
        ? JSON.stringify({ entries })
        : `${entries} entries of the audit log are gone; the rest can be verified as before`,
    );
    return 0;
  } catch (error) {
    tellRefusal(error, json);
    return 1;
  }
}
