import { statSync } from 'node:fs';

/** Bytes of the files of an embedded store, by what they hold. */
export const storeSizes = (file: string): Readonly<Record<'database' | 'log', number>> => ({
  database: sizeOf(file),
  log: sizeOf(`${file}-wal`),
});

const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;
