import { existsSync } from 'node:fs';
import { OperatorError } from '../../model/errors.ts';
import type { Reader } from '../../store/reader.ts';
import { migrationOf, openForReading } from '../../store/sqlite/database.ts';
import { openReader } from '../../store/sqlite/reader.ts';

/** The store of a configuration, to be read beside whatever runs on it. @throws OperatorError with `code` when there is none yet */
export function openStore(path: string, code: string): Reader {
  if (existsSync(path) && !isEmpty(path)) return openReader(path);
  throw new OperatorError(code, {
    what: `there is no store at ${path} yet`,
    fix: 'it is made when Plimsoll is started; spec.store.url says where',
    retryable: false,
  });
}

function isEmpty(path: string): boolean {
  const db = openForReading(path);
  try {
    return migrationOf(db) === 0;
  } finally {
    db.close();
  }
}
