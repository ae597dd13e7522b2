import { resolve } from 'node:path';
import { OperatorError } from '../../model/errors.ts';
import { copyStore } from '../../store/sqlite/copy.ts';
import { endFollowing } from '../../store/sqlite/following.ts';
import { API_ADDRESS, BACKUP_TAKEN, MOVED_TO, Settings } from '../../store/sqlite/settings.ts';
import type { Configuration } from '../plimsoll.ts';
import { checkNotOfStore, checkTarget } from './copy-paths.ts';
import { progressLine } from './progress.ts';
import { tellRefusal } from './refusal.ts';
import { sizeText } from './words.ts';

export interface BackupOptions {
  readonly configuration: Configuration;
  /** The file that is written, seen from where the command runs. */
  readonly to: string;
  readonly force: boolean;
  readonly json: boolean;
  readonly now: number;
}

/** 0: the file holds the store as it was when this began. 1: it could not be written, or is there already. 2: there is no store yet. */
export async function backupCommand({ configuration, to, force, json, now }: BackupOptions): Promise<number> {
  const { store } = configuration.deployment;
  const file = resolve(to);
  const progress = progressLine('backing up', !json);
  try {
    switch (store.type) {
      case 'sqlite': {
        checkNotOfStore(store.path, file);
        checkTarget(store.path, file, force);
        const began = performance.now();
        const { bytes, migration } = await copyStore(store.path, file, progress.show, (copy) => {
          const settings = new Settings(copy);
          // Whoever reads the copy must not ask the server of the original.
          settings.delete(API_ADDRESS);
          settings.delete(MOVED_TO);
          endFollowing(copy);
          settings.set(BACKUP_TAKEN, String(now));
        });
        progress.end();
        const durationMs = Math.round(performance.now() - began);
        if (json)
          console.log(JSON.stringify({ file, bytes, migration, taken: new Date(now).toISOString(), durationMs }));
        else console.log(`${file}: ${sizeText(bytes)}, the store as it was when this began`);
        return 0;
      }
      case 'postgres':
        throw new OperatorError('PLIM_COPY_ENGINE', {
          what: 'the store is in PostgreSQL, which has tools of its own for this',
          fix: 'pg_dump while Plimsoll runs (docs/guide/operations.md)',
          retryable: false,
        });
    }
  } catch (error) {
    progress.end();
    return tellRefusal(error, json) === 'PLIM_COPY_NO_STORE' ? 2 : 1;
  }
}
