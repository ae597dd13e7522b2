import type { Message } from '../../model/delivery.ts';
import type { Priority } from '../../model/incident.ts';
import type { SinkContext } from '../sink.ts';
import { withoutSlash } from '../steps.ts';
import type { Ticket, TicketTool } from '../ticket.ts';
import { noteText } from '../ticket-text.ts';
import { type Door, Internal, type ITopObject, type ITopOptions, onceMore } from './door.ts';
import {
  fieldsOf,
  html,
  markOf,
  nextStimulus,
  openingFields,
  type Place,
  placeOf,
  placeOfStatus,
  weightsOf,
} from './ticket.ts';

interface ITopTicket extends Ticket {
  readonly place: Place | null;
  /** Of one that was created in this visit: the id of the one before it. */
  readonly replaces?: string;
}

/** Of what people may change as well: what we said last. */
export interface Told {
  readonly place: Place;
  readonly priority: Priority;
  /** Whom people have given it to there, as far as the ticket has shown. */
  readonly agent?: string;
}

export const CLASS = 'Incident';
/** From new to closed. */
const MOST_STEPS = 4;
const COMMENT = 'Plimsoll';
const MOVES_IT: ReadonlySet<string> = new Set(['resolved', 'reopened', 'closed']);

export function itopTool(
  message: Message,
  id: string,
  door: Door,
  { options, consoleUrl, warn }: SinkContext<ITopOptions>,
): TicketTool<ITopTicket, Told> {
  const { incident, deliveryId } = message;
  const get = (key: unknown, fields: string) =>
    door.get({ operation: 'core/get', class: CLASS, key, output_fields: fields });
  const ticketOf = ({ key, fields }: ITopObject): ITopTicket => {
    const place = placeOfStatus(fields['status']);
    const url = `${withoutSlash(options.url)}/pages/UI.php?operation=details&class=${CLASS}&id=${encodeURIComponent(key)}`;
    return { id: key, url, place, isFinal: place === 'closed' };
  };

  const find = async (): Promise<ITopTicket[]> => {
    const found = await get(`SELECT ${CLASS} WHERE description LIKE '%${markOf(id)}%'`, 'id,status');
    return found.toSorted((a, b) => Number(a.key) - Number(b.key)).map(ticketOf);
  };

  const insert = (): Promise<ITopObject> =>
    door.set({
      operation: 'core/create',
      class: CLASS,
      comment: COMMENT,
      fields: openingFields(incident, id, options, consoleUrl),
      output_fields: 'id,status',
    });

  const move = async (ticket: ITopTicket, to: Place): Promise<void> => {
    let here = ticket.place;
    for (let step = 0; step < MOST_STEPS && here !== null; step++) {
      const stimulus = nextStimulus(here, to);
      if (stimulus === null) break;
      const moved = await onceMore(() =>
        door.set({
          operation: 'core/apply_stimulus',
          class: CLASS,
          key: ticket.id,
          stimulus,
          comment: COMMENT,
          fields: fieldsOf(stimulus, incident, options),
          output_fields: 'status',
        }),
      );
      here = placeOfStatus(moved.fields['status']);
    }
    if (here !== to) warn('not_moved', `a ticket was to be ${to} and is ${here ?? 'in a status of its own'}`);
  };

  const holdsNote = async (ticket: ITopTicket): Promise<boolean> => {
    const log = await door.text({ operation: 'core/get', class: CLASS, key: ticket.id, output_fields: 'private_log' });
    return log.includes(markOf(deliveryId));
  };

  return {
    opening: { place: 'new', priority: incident.priority },

    read: async (key) => {
      const [found] = await get(key, 'id,status');
      return found === undefined ? null : ticketOf(found);
    },

    find,

    create: async (replaces) => {
      const before = replaces === null ? {} : { replaces };
      try {
        return { ...ticketOf(await insert()), ...before };
      } catch (error) {
        // It may have come after the ticket was made, so it is looked for before the second try.
        if (!(error instanceof Internal)) throw error;
        const made = (await find()).find((ticket) => ticket.id !== replaces);
        return { ...(made ?? ticketOf(await insert())), ...before };
      }
    },

    tell: async (there, told, isNew) => {
      const { agent } = told;
      const now: Told = {
        place: placeOf(incident),
        priority: incident.priority,
        ...(agent !== undefined && { agent }),
      };
      const mayMove = there.place !== 'resolved' || now.place === 'closed' || message.transition === 'reopened';
      // Somebody may have done the opposite there in the meantime: these say how it stands whatever was said before.
      const isMoved = now.place !== told.place || MOVES_IT.has(message.transition);
      if (isMoved && now.place !== there.place && mayMove) await move(there, now.place);
      const isChanged = now.priority !== told.priority;
      const isSaid = isNew && now.place === told.place && there.replaces === undefined;
      if (isSaid || (message.mayHaveArrived && (await holdsNote(there)))) return now;
      // Once closed it takes no more: the solution says how it ended.
      if (now.place === 'closed' && mayMove && now.place !== told.place) return now;
      const before =
        there.replaces === undefined ? '' : `It takes the place of ticket ${there.replaces}, which is gone.\n`;
      const note = `${html(`${before}${noteText(message, consoleUrl)}`)} ${markOf(deliveryId)}`;
      await onceMore(() =>
        door.set({
          operation: 'core/update',
          class: CLASS,
          key: there.id,
          comment: COMMENT,
          fields: {
            ...(isChanged ? weightsOf(now.priority) : {}),
            private_log: { add_item: { message: note, format: 'html' } },
          },
          output_fields: 'status',
        }),
      );
      return now;
    },
  };
}
