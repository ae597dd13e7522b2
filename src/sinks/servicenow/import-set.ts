import { z } from 'zod';
import type { Message, Outcome } from '../../model/delivery.ts';
import { change, Failed, parsedJson } from '../steps.ts';
import { noteText } from '../ticket-text.ts';
import type { Door } from './door.ts';
import { changedFields, openingFields, openingOf, type Told, toldOf, withoutMarkup } from './record.ts';

const answer = z.object({
  result: z.array(z.object({ status: z.string(), sys_id: z.string().optional(), table: z.string().optional() })).min(1),
});

/**
 * One row of an import set, whose transform map coalesces on `correlation_id`: the same row twice is one record, so nothing
 * has to be looked up. A repetition leaves out the note, which would be added again.
 */
export async function importRow(message: Message, id: string, door: Door): Promise<Outcome> {
  const { incident, remote } = message;
  const told = remote?.state as Told | undefined;
  const changed = changedFields(incident, told ?? openingOf(incident), null, message.transition);
  const response = await change(door, {
    method: 'POST',
    url: `${door.url}/api/now/import/${encodeURIComponent(door.table)}`,
    headers: door.headers,
    body: JSON.stringify({
      ...(told === undefined ? openingFields(incident, door.consoleUrl) : {}),
      ...changed,
      ...(message.mayHaveArrived || message.transition === 'opened'
        ? {}
        : { work_notes: withoutMarkup(noteText(message, door.consoleUrl)) }),
      correlation_id: id,
      correlation_display: 'Plimsoll',
    }),
  });
  const parsed = answer.safeParse(parsedJson(response.body));
  if (!parsed.success) throw new Failed({ kind: 'unknown', reason: 'its answer names no row of the import set' });
  const failed = parsed.data.result.find(({ status }) => status === 'error');
  if (failed !== undefined)
    throw new Failed({ kind: 'permanent', reason: 'the transform map took the row for an error: see the import log' });
  const made = parsed.data.result[0]!;
  const url =
    made.sys_id === undefined || made.table === undefined
      ? {}
      : {
          id: made.sys_id,
          url: `${door.url}/nav_to.do?uri=${encodeURIComponent(`${made.table}.do?sys_id=${made.sys_id}`)}`,
        };
  return {
    kind: 'ok',
    remote: {
      ...url,
      state: { ...toldOf(incident), ...(told?.assigned !== undefined && { assigned: told.assigned }) },
    },
  };
}
