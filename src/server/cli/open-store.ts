import type { StoreConfig } from '../../model/config/deployment.ts';
import { OperatorError } from '../../model/errors.ts';
import type { Reader } from '../../store/reader.ts';
import { placeOf, readerOf } from '../engines.ts';

/** The store of a configuration, to be read beside whatever runs on it. @throws OperatorError with `code` when there is none yet */
export function openStore(store: StoreConfig, code: string): Reader {
  const reader = readerOf(store);
  if (reader !== null) return reader;
  throw new OperatorError(code, {
    what: `there is no store at ${placeOf(store)} yet`,
    fix: 'it is made when Plimsoll is started; spec.store.url says where',
    retryable: false,
  });
}
