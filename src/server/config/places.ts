import { dirname, join, sep } from 'node:path';

/** Whether a path names files by what they look like. */
export const isPattern = (path: string): boolean => /[*?{[]/.test(path);

/** The folder under which every file of an absolute pattern lies, and whether there may be folders in between. */
export function folderOf(pattern: string): { readonly folder: string; readonly isDeep: boolean } {
  const segments = pattern.split(/[\\/]/);
  const first = segments.findIndex(isPattern);
  if (first < 0) return { folder: dirname(pattern), isDeep: false };
  return { folder: join(sep, ...segments.slice(0, first)), isDeep: first < segments.length - 1 };
}
