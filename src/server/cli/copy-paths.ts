import { existsSync, statSync } from 'node:fs';
import { OperatorError } from '../../model/errors.ts';
import { BESIDE } from '../../store/sqlite/copy.ts';
import { lockFileOf, placeOf } from '../../store/sqlite/database.ts';
import { localKeyFileOf } from '../access/local-key.ts';
import { keyFileOf } from '../audit/key-file.ts';

/** Sees to it that nothing is overwritten that nobody wants overwritten. @throws OperatorError */
export function checkTarget(source: string, target: string, mayOverwrite: boolean): void {
  if (placeOf(source) === placeOf(target))
    throw new OperatorError('PLIM_COPY_ONTO_ITSELF', {
      what: `${target} is the file that would be copied from`,
      fix: 'name another file',
      retryable: false,
    });
  if (existsSync(target) && statSync(target).size > 0 && !mayOverwrite)
    throw new OperatorError('PLIM_COPY_EXISTS', {
      what: `${target} is there already`,
      fix: 'name another file, or write --force: what is there is then gone',
      retryable: false,
    });
}

/** Whoever names one by mistake would lose the newest of the store, or its key, also with --force. @throws OperatorError */
export function checkNotOfStore(store: string, target: string): void {
  const place = placeOf(store);
  const own = [...BESIDE.map((part) => place + part), lockFileOf(store), localKeyFileOf(store), keyFileOf(store)];
  if (own.some((file) => placeOf(file) === placeOf(target)))
    throw new OperatorError('PLIM_COPY_ONTO_ITSELF', {
      what: `${target} is a file that the store ${store} needs`,
      fix: 'name another file',
      retryable: false,
    });
}
