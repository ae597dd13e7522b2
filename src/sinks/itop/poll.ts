import type { Poll, RemoteEvent } from '../inbound.ts';
import { parsedJson } from '../steps.ts';
import { type Door, doorOf, type ITopOptions } from './door.ts';
import { entriesOf, eventOf, FIELDS, goneOf, shownTicket } from './shown.ts';
import { CLASS } from './tool.ts';

/** Of the tickets that are looked at: when each was last changed, and until when its logs were read. */
type Cursor = Readonly<Record<string, { readonly updated: string; readonly logged: string }>>;

const AT_ONCE = 40;
const LOGS = ['private_log', 'public_log'] as const;

/** Asks for the tickets of all incidents that can still change: by their ids, so that neither clocks nor time zones matter. */
export const poll: Poll<ITopOptions> = {
  everyMs: ({ poll: everyMs }) => everyMs,
  look: async (cursor, told, context) => {
    const before = (cursor as Cursor | null) ?? {};
    const door = await doorOf(context);
    const ids = told.flatMap(({ remote }) => (/^\d{1,12}$/.test(remote.id ?? '') ? [remote.id!] : []));
    const events: RemoteEvent[] = [];
    const after: Record<string, Cursor[string]> = {};
    for (let from = 0; from < ids.length; from += AT_ONCE) {
      const asked = ids.slice(from, from + AT_ONCE);
      const tickets = await ticketsOf(asked, door);
      for (const id of asked) {
        const ticket = tickets.get(id);
        const known = before[id];
        if (ticket === undefined) {
          // One that was never seen may only be hidden from the user.
          if (known !== undefined) events.push(goneOf(id));
          continue;
        }
        after[id] = known ?? { updated: '', logged: '' };
        if (known?.updated === ticket.last_update) continue;
        const entries = (await logsOf(id, door)).flatMap((value) => entriesOf(id, value, context));
        const logged = known?.logged ?? '';
        const fresh = entries.filter(({ date }) => date >= logged).toSorted((a, b) => (a.date < b.date ? -1 : 1));
        events.push(...fresh.map(({ event }) => event), eventOf(ticket));
        after[id] = { updated: ticket.last_update, logged: fresh.at(-1)?.date ?? logged };
      }
    }
    return { events, cursor: after };
  },
};

async function ticketsOf(ids: readonly string[], door: Door) {
  const found = await door.get({
    operation: 'core/get',
    class: CLASS,
    key: `SELECT ${CLASS} WHERE id IN (${ids.join(',')})`,
    output_fields: FIELDS,
  });
  return new Map(
    found.flatMap(({ key, fields }) => {
      const ticket = shownTicket.safeParse({ ...fields, id: key });
      return ticket.success ? [[key, ticket.data] as const] : [];
    }),
  );
}

/** A log that is longer than what is read of an answer is left out. */
async function logsOf(id: string, door: Door): Promise<unknown[]> {
  const logs: unknown[] = [];
  for (const name of LOGS) {
    const body = parsedJson(await door.text({ operation: 'core/get', class: CLASS, key: id, output_fields: name })) as
      | { objects?: Record<string, { fields?: Record<string, unknown> }> | null }
      | undefined;
    logs.push(...Object.values(body?.objects ?? {}).map(({ fields }) => fields?.[name]));
  }
  return logs;
}
