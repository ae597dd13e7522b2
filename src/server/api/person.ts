import type { Actor } from '../../model/incident.ts';
import { badRequest } from './problem.ts';

/** Somebody who has signed in is known by name; whoever holds a token, or comes where nobody signs in, is not. */
export const isNamed = ({ kind, id }: Actor): boolean => kind === 'user' && id !== 'local';

/** Who did it, by the name that is said of them. @throws Problem  for a name of somebody who has one */
export function calledAs(who: Actor, person: string | undefined): Actor {
  if (person === undefined) return who;
  if (isNamed(who)) throw badRequest('person: you are signed in, and are that person: leave it out');
  return { ...who, name: person };
}
