import { z } from 'zod';
import type { Message } from '../../model/delivery.ts';
import type { HttpRequest } from '../sink.ts';
import { ask, change, Failed, parsedJson } from '../steps.ts';
import type { Ticket, TicketTool } from '../ticket.ts';
import { noteText } from '../ticket-text.ts';
import type { Door } from './door.ts';
import {
  changedFields,
  type Fields,
  isFinal,
  openingFields,
  openingOf,
  type Told,
  toldOf,
  withoutMarkup,
} from './record.ts';

interface Incident extends Ticket {
  readonly state: string;
  /** The last of our messages that it holds; 0 when that can't be seen. */
  readonly seq: number;
}

const row = z.object({
  sys_id: z.string().min(1),
  state: z.string().default(''),
  correlation_id: z.string().default(''),
  correlation_display: z.string().default(''),
});
const one = z.object({ result: row });
const many = z.object({ result: z.array(row) });

const FIELDS = 'sys_id,state,correlation_id,correlation_display';
/** More than one is odd already. */
const ROWS_READ = 10;

/** Written with each change, so that a repetition can see whether it was taken. */
const displayOf = (seq: number): string => `Plimsoll, message ${seq}`;
const seqOf = (display: string): number => Number(/^Plimsoll, message (\d{1,9})$/.exec(display)?.[1] ?? 0);

/** The Table API. `correlation_id` is looked up before a record is created, and the answer is checked. */
export function tableTool(message: Message, id: string, door: Door): TicketTool<Incident, Told> {
  const { incident, seq, transition } = message;
  const table = `${door.url}/api/now/table/${encodeURIComponent(door.table)}`;
  const shown = `sysparm_fields=${FIELDS}&sysparm_exclude_reference_link=true`;
  const note = withoutMarkup(noteText(message, door.consoleUrl));
  const incidentOf = ({ sys_id, state, correlation_display }: z.output<typeof row>): Incident => ({
    id: sys_id,
    url: `${door.url}/nav_to.do?uri=${encodeURIComponent(`${door.table}.do?sys_id=${sys_id}`)}`,
    state,
    isFinal: isFinal(state),
    seq: seqOf(correlation_display),
  });
  const write = async (method: 'POST' | 'PATCH', address: string, fields: Fields): Promise<z.output<typeof row>> => {
    const request: HttpRequest = {
      method,
      url: `${address}?${shown}`,
      headers: door.headers,
      body: JSON.stringify(fields),
    };
    const answer = one.safeParse(parsedJson((await change(door, request, method === 'PATCH')).body));
    if (!answer.success) throw new Failed({ kind: 'unknown', reason: 'its answer names no record' });
    return answer.data.result;
  };
  const look = (url: string) => ask(door, { method: 'GET', url, headers: door.headers });

  return {
    opening: openingOf(incident),

    read: async (sysId) => {
      const answer = await look(`${table}/${encodeURIComponent(sysId)}?${shown}`);
      if (answer === null) return null;
      const found = one.safeParse(parsedJson(answer.body));
      if (!found.success) throw new Failed({ kind: 'retry', reason: 'its answer names no record' });
      return incidentOf(found.data.result);
    },

    find: async () => {
      const query = encodeURIComponent(`correlation_id=${id}^ORDERBYsys_created_on`);
      const answer = await look(`${table}?sysparm_query=${query}&${shown}&sysparm_limit=${ROWS_READ}`);
      if (answer === null) throw new Failed({ kind: 'permanent', reason: `there is no table ${door.table}` });
      const found = many.safeParse(parsedJson(answer.body));
      if (!found.success) throw new Failed({ kind: 'retry', reason: 'its answer is no list of records' });
      const rows = found.data.result;
      const ours = rows.filter((candidate) => candidate.correlation_id === id);
      // A condition that it doesn't understand is left out, and everybody's records come back.
      if (ours.length < rows.length)
        throw new Failed({
          kind: 'permanent',
          reason: 'it does not search by correlation_id: other records came back',
        });
      return ours.map(incidentOf);
    },

    create: async (replaces) => {
      const before = replaces === null ? {} : { work_notes: `It takes the place of ${replaces}, which is gone.` };
      // What needs a second step isn't told yet.
      const isWhole = Object.keys(changedFields(incident, openingOf(incident), null, 'opened')).length === 0;
      const marks = { correlation_id: id, correlation_display: displayOf(isWhole ? seq : 0) };
      return incidentOf(
        await write('POST', table, { ...openingFields(incident, door.consoleUrl), ...marks, ...before }),
      );
    },

    tell: async (there, told, isNew) => {
      const { assigned } = told;
      const now: Told = { ...toldOf(incident), ...(assigned !== undefined && { assigned }) };
      if (message.mayHaveArrived && there.seq >= seq) return now;
      const changed = changedFields(incident, told, there.state, transition);
      if (isNew && Object.keys(changed).length === 0) return now;
      const { state } = await write('PATCH', `${table}/${encodeURIComponent(there.id)}`, {
        ...changed,
        work_notes: note,
        correlation_display: displayOf(seq),
      });
      if (changed['state'] !== undefined && state !== '' && state !== changed['state'])
        door.warn('state_refused', `a record was to be in state ${changed['state']} and is in ${state.slice(0, 20)}`);
      return now;
    },
  };
}
