import type { SinkClass } from '../../model/delivery.ts';
import type { Told } from './row.ts';

/** A message that a person wants to be sent once more, and what is known of its incident by now. */
export interface Revived {
  readonly transition: Told;
  /** A later message of the same incident has reached this destination. */
  readonly isOvertaken: boolean;
  /** The incident is over. */
  readonly isOver: boolean;
}

/** How the destination is told. */
export interface Teller {
  readonly class: SinkClass;
  readonly everyTransition: boolean;
}

/**
 * Why a message needn't be sent any more, in words for who asked; null: it is put back among those that wait. A destination that
 * already knows something newer isn't told what was before, and nobody is woken for what is over. Who hears of each transition
 * hears of this one, too: its place in the order is in it.
 */
export function needless({ transition, isOvertaken, isOver }: Revived, { class: kind, everyTransition }: Teller) {
  if (everyTransition) return null;
  if (isOvertaken) return 'something newer has been delivered since';
  const isEnd = transition === 'resolved' || transition === 'closed';
  if ((kind === 'page' || kind === 'chat') && isOver && !isEnd) return 'the incident is over';
  return null;
}
