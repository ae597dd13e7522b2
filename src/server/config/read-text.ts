import { readFileSync } from 'node:fs';

/** A file, or in words why it can't be read. */
export function readText(file: string): { readonly text: string } | { readonly fault: string } {
  try {
    return { text: readFileSync(file, 'utf8') };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return { fault: 'there is no such file' };
    return { fault: code === 'EISDIR' ? 'this is a folder, not a file' : `can't be read: ${code}` };
  }
}
