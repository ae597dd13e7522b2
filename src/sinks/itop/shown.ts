import { createHash } from 'node:crypto';
import { z } from 'zod';
import { textOfHtml } from '../html.ts';
import { isOurNote, person, type ReadContext, type RemoteEvent, written } from '../inbound.ts';
import type { ITopOptions } from './door.ts';
import { type Place, placeOfStatus } from './ticket.ts';

const text = z.union([z.string(), z.number()]).transform(String).default('');

/** A ticket as the web services show it, and as a notification posts it. */
export const shownTicket = z.object({
  id: text,
  status: text,
  impact: text,
  urgency: text,
  last_update: text,
  agent_id_friendlyname: text,
  resolution_code: text,
  solution: text,
});
export type ShownTicket = z.output<typeof shownTicket>;
export const FIELDS = Object.keys(shownTicket.shape).join(',');

/** How a ticket stands, as far as people change it. */
export interface Shows {
  readonly place: Place | null;
  readonly impact: string;
  readonly urgency: string;
  readonly agent: string;
  readonly code: string;
  readonly solution: string;
}

/** iTop does not say who has changed a ticket: it is taken to be the one whom it is given to. */
export function eventOf(ticket: ShownTicket): RemoteEvent {
  const { id, status, impact, urgency, last_update, agent_id_friendlyname: agent, resolution_code: code } = ticket;
  const shows: Shows = {
    place: placeOfStatus(status),
    impact,
    urgency,
    agent: written(agent).slice(0, 256),
    code,
    solution: written(textOfHtml(ticket.solution)),
  };
  return {
    id: `${id}:${last_update}:${digest(JSON.stringify(shows))}`,
    about: { remoteId: id },
    at: null,
    by: person(agent, agent),
    acts: [],
    shows,
  };
}

/** One that is gone. */
export const goneOf = (id: string): RemoteEvent => ({
  id: `${id}:gone`,
  about: { remoteId: id },
  at: null,
  by: null,
  acts: [{ type: 'delete' }],
});

const entry = z.object({
  date: text,
  user_login: text,
  message: text,
  message_html: text,
});
const log = z.object({ entries: z.array(entry).default([]) });

export interface Entry {
  readonly date: string;
  readonly event: RemoteEvent;
}

/** What people have written into a log, without what we did. */
export function entriesOf(id: string, value: unknown, context: ReadContext<ITopOptions>): Entry[] {
  const read = log.safeParse(value);
  if (!read.success) return [];
  return read.data.entries.flatMap(({ date, user_login, message, message_html }) => {
    const said = written(message.trim() === '' ? textOfHtml(message_html) : message);
    if (said === '' || user_login === context.options.user || isOurNote(said, context)) return [];
    return [
      {
        date,
        event: {
          id: `${id}:log:${date}:${digest(said)}`,
          about: { remoteId: id },
          at: null,
          by: person(user_login, user_login),
          acts: [{ type: 'note', text: said }],
        },
      },
    ];
  });
}

const digest = (value: string): string => createHash('sha256').update(value).digest('hex').slice(0, 16);
