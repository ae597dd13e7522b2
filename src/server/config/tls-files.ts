import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';

/** Where the certificate chain and its key lie, both PEM. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
}

/** What they hold now. @throws what the disk says */
export const readTls = ({ cert, key }: TlsFiles): { readonly cert: Buffer; readonly key: Buffer } => ({
  cert: readFileSync(cert),
  key: readFileSync(key),
});

/**
 * Why no door could speak TLS with these files; null when it could. Says nothing of what is in them.
 * @param read  what they held when they were read
 */
export function tlsProblem(
  files: TlsFiles,
  read: () => ReturnType<typeof readTls> = () => readTls(files),
): string | null {
  try {
    createSecureContext(read());
    return null;
  } catch (error) {
    const { code, message, path } = error as NodeJS.ErrnoException;
    return path === undefined
      ? `${files.cert} and ${files.key} are no certificate and its key: ${message}`
      : `the file ${path} can't be read (${code})`;
  }
}
