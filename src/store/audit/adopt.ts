import { type JsonObject, plainObject } from '../../compliance/audit/canonical-json.ts';
import type { NewEntry } from '../../compliance/audit/entry.ts';
import type { SqlDatabase } from '../sql.ts';
import { AuditLog } from './log.ts';

/** What the audit was before it was a chain; gone when it has become one. */
const UNCHAINED = 'audit_unchained';
const AT_ONCE = 1_000;

interface Row {
  seq: number;
  at: number;
  actor: string;
  type: string;
  data: string;
}

/**
 * Makes entries of a chain of what an older build wrote in a plain table, in one transaction. They are no better witnessed than
 * they were; from here on they can't be changed unseen.
 */
export function chainOldAudit(db: SqlDatabase): void {
  const isThere = db.prepare("select 1 from sqlite_master where type = 'table' and name = ?").get(UNCHAINED);
  if (isThere === undefined) return;
  db.exec('begin immediate');
  try {
    const log = new AuditLog(db);
    const page = db.prepare(`select * from ${UNCHAINED} where seq > ? order by seq limit ${AT_ONCE}`);
    for (let after = -1; ; ) {
      const rows = page.all(after) as Row[];
      log.append(rows.map(entryOf));
      const last = rows.at(-1);
      if (last === undefined) break;
      after = last.seq;
    }
    db.exec(`drop table ${UNCHAINED}`);
    db.exec('commit');
  } catch (error) {
    db.exec('rollback');
    throw error;
  }
}

function entryOf({ at, actor, type, data }: Row): NewEntry {
  const colon = actor.indexOf(':');
  return {
    at,
    actor: { kind: actor.slice(0, colon), id: actor.slice(colon + 1) },
    type,
    data: plainObject(JSON.parse(data) as JsonObject),
  };
}
