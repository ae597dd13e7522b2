import { resolve } from 'node:path';
import { OperatorError } from '../../model/errors.ts';
import { checkStore, copyStore } from '../../store/sqlite/copy.ts';
import { lockStore } from '../../store/sqlite/database.ts';
import { BACKUP_TAKEN, RESTORED, type Restored, Settings } from '../../store/sqlite/settings.ts';
import type { Configuration } from '../plimsoll.ts';
import { checkTarget } from './copy-paths.ts';
import { progressLine } from './progress.ts';
import { tellRefusal } from './refusal.ts';
import { sizeText } from './words.ts';

export interface RestoreOptions {
  readonly configuration: Configuration;
  /** A file that `backup` wrote, seen from where the command runs. */
  readonly from: string;
  readonly force: boolean;
  readonly json: boolean;
  readonly now: number;
}

/** 0: the store is what the backup held. 1: refused or failed, the store is as it was. 2: the file named is no backup. */
export async function restoreCommand({ configuration, from, force, json, now }: RestoreOptions): Promise<number> {
  const { store } = configuration.deployment;
  const file = resolve(from);
  const progress = progressLine('restoring', !json);
  try {
    switch (store.type) {
      case 'sqlite': {
        checkTarget(file, store.path, force);
        checkStore(file);
        const lock = lockStore(store.path);
        try {
          const { bytes, migration } = await copyStore(file, store.path, progress.show, (copy) => {
            const settings = new Settings(copy);
            const taken = settings.get(BACKUP_TAKEN);
            settings.delete(BACKUP_TAKEN);
            const restored: Restored = { from: file, at: now, taken: taken === null ? null : Number(taken) };
            settings.set(RESTORED, JSON.stringify(restored));
          });
          progress.end();
          if (json) console.log(JSON.stringify({ store: store.path, from: file, bytes, migration }));
          else
            console.log(`${store.path}: ${sizeText(bytes)}, as ${file} holds it; start Plimsoll, then plimsoll verify`);
          return 0;
        } finally {
          lock.release();
        }
      }
      case 'postgres':
        throw new OperatorError('PLIM_COPY_ENGINE', {
          what: 'the store is in PostgreSQL, which has tools of its own for this',
          fix: 'pg_restore while Plimsoll is stopped (docs/guide/operations.md)',
          retryable: false,
        });
    }
  } catch (error) {
    progress.end();
    return tellRefusal(error, json) === 'PLIM_COPY_NO_STORE' ? 2 : 1;
  }
}
