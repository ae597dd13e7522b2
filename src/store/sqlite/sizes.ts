import { statSync } from 'node:fs';
import { logOf } from './database.ts';

/** Bytes of the files of an embedded store, by what they hold. */
export const storeSizes = (file: string): Readonly<Record<'database' | 'log', number>> => ({
  database: sizeOf(file),
  log: sizeOf(logOf(file)),
});

const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;
