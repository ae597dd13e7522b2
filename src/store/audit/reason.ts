import { createHash } from 'node:crypto';
import type { Actor } from '../../model/incident.ts';

/**
 * What the audit log keeps of what a person has written: its SHA-256. The words stay in the record; that it was these the log can show.
 * Of what Plimsoll does by itself nothing.
 * @param text  as the record keeps it
 */
export const reasonOf = (by: Actor, text: string): { readonly reasonSha256?: string } =>
  by.kind === 'system' ? {} : { reasonSha256: createHash('sha256').update(text).digest('hex') };
