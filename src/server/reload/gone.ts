import { existsSync } from 'node:fs';
import { sep } from 'node:path';
import { OperatorError } from '../../model/errors.ts';
import { folderOf } from '../config/places.ts';

/**
 * A folder that was moved away, or is not mounted, takes nothing away: its pattern matches nothing then, which is otherwise as
 * if each of its files had been removed. @param inForce  files that were read  @throws OperatorError when one of them is gone with its folder
 */
export function checkFolders(patterns: readonly string[], inForce: readonly string[]): void {
  const gone = patterns
    .map((pattern) => folderOf(pattern).folder)
    .filter((folder) => !existsSync(folder) && inForce.some((file) => file.startsWith(folder + sep)));
  if (gone.length === 0) return;
  throw new OperatorError('PLIM_RELOAD_FOLDER_GONE', {
    what: `${gone.join(', ')} is gone, and what files in it said is in force`,
    fix: 'put it back, or take its pattern out of spec.services',
    retryable: false,
  });
}
