import { readFileSync } from 'node:fs';

const parts = (reference: string): { kind: 'env' | 'file'; name: string } | null => {
  const match = /^(env|file):(.+)$/.exec(reference);
  return match === null ? null : { kind: match[1] as 'env' | 'file', name: match[2]! };
};

/** Why a secret can't be had now; null when it can. Names the reference, never a value. */
export function secretProblem(reference: string): string | null {
  const found = parts(reference);
  if (found === null) return 'neither env:NAME nor file:/path';
  if (found.kind === 'env') return process.env[found.name] ? null : `the environment variable ${found.name} is not set`;
  try {
    return readFileSync(found.name, 'utf8').trim() === '' ? `the file ${found.name} is empty` : null;
  } catch (error) {
    return `the file ${found.name} can't be read (${(error as NodeJS.ErrnoException).code})`;
  }
}

/** The secret behind a reference, read anew each time, so that it can be rotated without a restart. @throws Error that names the reference */
export function secretNow(reference: string): string {
  const found = parts(reference);
  const problem = secretProblem(reference);
  if (found === null || problem !== null) throw new Error(`the secret ${reference} can't be had: ${problem}`);
  return found.kind === 'env' ? process.env[found.name]! : readFileSync(found.name, 'utf8').trim();
}

export const readSecret = async (reference: string): Promise<string> => secretNow(reference);
