import type { Interaction } from '../model/interaction.ts';

/** 32 bits, without a sign. */
export type IdHash = number;

/** What an id is of: ids of different domains never meet. The numbers, and the hash, are stored: they never change. */
export const OF_TRACE = 0;
export const OF_RESPONSE = 1;
export const OF_CONVERSATION = 2;
/** Of the application's own ids. */
export const OF_INTERACTION = 3;
/** Of ratings. */
export const OF_IDENTITY = 4;

/** Hash of an id of so many latin-1 characters. */
export function hashId(id: string, domain: number): IdHash {
  let hash = seed(domain, id.length);
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193);
  return finish(hash);
}

/** As `hashId`, of an id that lies in bytes. */
export function hashBytes(bytes: Uint8Array, at: number, length: number, domain: number): IdHash {
  let hash = seed(domain, length);
  for (let i = at; i < at + length; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  return finish(hash);
}

const seed = (domain: number, length: number): number => 0x811c9dc5 ^ Math.imul(domain + length, 0x9e3779b1);

function finish(mixed: number): IdHash {
  let hash = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d);
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39);
  return (hash ^ (hash >>> 15)) >>> 0;
}

/** What ratings may call an interaction, beside the ids of its spans. */
export function namesOf(interaction: Pick<Interaction, 'conversationId' | 'interactionRef'> | null): IdHash[] {
  const names: IdHash[] = [];
  if (interaction === null) return names;
  if (interaction.conversationId !== '') names.push(hashId(interaction.conversationId, OF_CONVERSATION));
  if (interaction.interactionRef !== '') names.push(hashId(interaction.interactionRef, OF_INTERACTION));
  return names;
}
