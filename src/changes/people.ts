import type { Actor } from '../model/incident.ts';

/** Where nobody signs in, everybody is this one. */
const isAnybody = ({ kind, id }: Actor): boolean => kind === 'user' && id === 'local';

const plain = (name: string): string => name.trim().toLowerCase();

/** A person who is known by name: they have signed in, or whoever holds the token says who it is. */
export const isNamed = (actor: Actor): boolean =>
  actor.kind === 'user' && !isAnybody(actor) ? true : actor.name !== undefined && plain(actor.name) !== '';

/** Whether two may be one person. Without a name nobody can be told from somebody who is as unknown. */
export function maySame(one: Actor, other: Actor): boolean {
  const names = [one.name, other.name].map((name) => (name === undefined ? '' : plain(name)));
  if (names[0] !== '' && names[0] === names[1]) return true;
  // Whoever comes where nobody signs in, and says no name, may be anybody.
  if ([one, other].some((actor, i) => isAnybody(actor) && names[i] === '')) return true;
  if (isAnybody(one) && isAnybody(other)) return false;
  if (one.kind === other.kind && one.id === other.id) return true;
  const ids = [one, other].map(idOf);
  return ids[0] === ids[1] || ids[0] === names[1] || ids[1] === names[0];
}

/** `itsm/anna` is the person anna, whichever tool that is in. */
const idOf = ({ kind, id }: Actor): string => plain(kind === 'sink' ? id.slice(id.indexOf('/') + 1) : id);
