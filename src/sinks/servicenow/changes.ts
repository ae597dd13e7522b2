import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { ChangeState } from '../../model/change.ts';
import type { ChangeStanding, DecidedThere } from '../../model/remote-change.ts';
import { type AskedChange, type Look, person, type RemoteEvent, written } from '../inbound.ts';
import type { SinkContext } from '../sink.ts';
import { Failed } from '../steps.ts';
import { type Door, doorOf, type ServiceNowOptions } from './door.ts';
import { pages } from './rows.ts';
import { momentOf, secondOf } from './shown.ts';

/** A record of `change_request` as the Table API shows it, and as a business rule posts it: strings only. */
export const changeRow = z.object({
  sys_id: z.string().min(1).max(64),
  number: z.string().max(64).default(''),
  state: z.string().default(''),
  approval: z.string().default(''),
  type: z.string().default(''),
  /** When it is planned. */
  start_date: z.string().default(''),
  end_date: z.string().default(''),
  sys_mod_count: z.string().default(''),
  sys_updated_on: z.string().default(''),
});
type ChangeRow = z.output<typeof changeRow>;

/** A record of `sysapproval_approver`: what one person has decided. */
export const approverRow = z.object({
  sysapproval: z.string(),
  state: z.string().default(''),
  comments: z.string().default(''),
  sys_updated_on: z.string().default(''),
  'approver.user_name': z.string().default(''),
  'approver.name': z.string().default(''),
});
type ApproverRow = z.output<typeof approverRow>;

/** Values of `change_request.state`; change models may have others, which say nothing here. */
const STATES: ReadonlyMap<string, ChangeState> = new Map<string, ChangeState>(
  Object.entries({
    '-5': 'new',
    '-4': 'assess',
    '-3': 'authorize',
    '-2': 'scheduled',
    '-1': 'implement',
    '0': 'review',
    '3': 'closed',
    '4': 'cancelled',
  } as const),
);
const AFTER_APPROVAL: readonly (ChangeState | undefined)[] = ['scheduled', 'implement', 'review', 'closed'];

const ROWS_READ = 40;
const APPROVERS_READ = 40;
/** A query that is longer than this may not arrive. */
const ASKED_AT_ONCE = 50;
/** What stands in a query without being able to mean something else there. */
const REFERENCE = /^[A-Za-z0-9_-]{1,64}$/;

interface Cursor {
  /** By `sys_id`: how it was when it was last told of. */
  readonly seen: Readonly<Record<string, string>>;
}

/** How those changes stand that are known here by number or `sys_id`; told of again when either side has changed. */
export async function lookAtChanges(
  cursor: unknown,
  asked: readonly AskedChange[],
  context: SinkContext<ServiceNowOptions>,
): Promise<Look> {
  const door = await doorOf(context);
  const { seen: before } = (cursor as Cursor | null) ?? { seen: {} };
  const events: RemoteEvent[] = [];
  const seen: Record<string, string> = {};
  const readable = asked.filter(({ reference }) => REFERENCE.test(reference));
  if (readable.length < asked.length)
    door.warn('odd_reference', 'a change is said to be called something there that is neither a number nor a sys_id');
  for (let from = 0; from < readable.length; from += ASKED_AT_ONCE) {
    const some = readable.slice(from, from + ASKED_AT_ONCE);
    for (const row of await rowsOf(some, door)) {
      const mark = markOf(some.filter(({ reference }) => isCalled(row, reference)));
      const shown = `${row.sys_mod_count} ${mark}`;
      const approvers = before[row.sys_id] === shown ? [] : await approversOf(row, door);
      if (approvers === null) continue;
      if (before[row.sys_id] !== shown) events.push(changeEvent(row, approvers, `:${mark}`));
      seen[row.sys_id] = shown;
    }
  }
  return { events, cursor: { seen } satisfies Cursor };
}

/** Its search looks at no capitals, and one name that is written otherwise must not stop the look at all others. */
const isCalled = ({ number, sys_id }: ChangeRow, name: string): boolean =>
  [number, sys_id].some((one) => one.toLowerCase() === name.toLowerCase());

/** Several may be called the same there: what any of them becomes is a reason to tell it again. */
const markOf = (asked: readonly AskedChange[]): string =>
  createHash('sha256')
    .update(asked.map(({ mark }) => mark).join('\n'))
    .digest('hex')
    .slice(0, 16);

async function rowsOf(asked: readonly AskedChange[], door: Door): Promise<ChangeRow[]> {
  const names = asked.map(({ reference }) => reference);
  const query = `numberIN${names.join(',')}^ORsys_idIN${names.join(',')}^ORDERBYsys_id`;
  const rows: ChangeRow[] = [];
  for await (const page of pages('change_request', query, ROWS_READ, changeRow, door)) {
    if (page === null) throw new Failed({ kind: 'retry', reason: 'its answer is no list of changes' });
    // A condition that it doesn't understand is left out, and everybody's records come back.
    if (page.some((row) => !names.some((name) => isCalled(row, name))))
      throw new Failed({ kind: 'permanent', reason: 'it does not search changes by number: other records came back' });
    rows.push(...page);
  }
  return rows;
}

/**
 * Who has decided. Where the user may not read that, the change as a whole says whether it is approved, and not by whom.
 * @returns null: somebody has, and it can't be told who: it may be whoever asks for the change
 */
async function approversOf({ sys_id }: ChangeRow, door: Door): Promise<ApproverRow[] | null> {
  const query = `sysapproval=${sys_id}^stateINapproved,rejected^ORDERBYsys_updated_on^ORDERBYsys_id`;
  const rows: ApproverRow[] = [];
  try {
    for await (const page of pages('sysapproval_approver', query, APPROVERS_READ, approverRow, door)) {
      if (page !== null) {
        rows.push(...page);
        continue;
      }
      door.warn('odd_approver', 'what somebody has decided of a change is longer than what is read: it is not taken');
      return null;
    }
  } catch (error) {
    if (!(error instanceof Failed) || error.outcome.kind !== 'permanent') throw error;
    door.warn('no_approvers', 'who has approved a change can not be read: the user needs to read sysapproval_approver');
  }
  return rows;
}

/** What a record tells. @param mark  beyond its own count of changes: what else it was told for */
export function changeEvent(row: ChangeRow, approvers: readonly ApproverRow[], mark = ''): RemoteEvent {
  const { sys_id, number, sys_mod_count, sys_updated_on } = row;
  const at = momentOf(sys_updated_on);
  const reference = number === '' ? sys_id : number;
  const order = /^\d{1,15}$/.test(sys_mod_count) ? { order: Number(sys_mod_count) } : {};
  return {
    id: `change:${sys_id}:${sys_mod_count || sys_updated_on}${mark}`.slice(0, 200),
    about: { externalRefs: [reference, sys_id] },
    at,
    by: null,
    acts: [],
    standing: {
      reference,
      ...standingOf(row),
      decided: approvers.flatMap((one) => decidedIn(one, row)),
      at,
      ...windowOf(row),
      ...order,
    },
  };
}

/** Dates of which the last is not after the first say nothing. */
function windowOf({ start_date, end_date }: ChangeRow): Pick<ChangeStanding, 'window'> {
  const [from, to] = [secondOf(start_date), secondOf(end_date)];
  const isNone = (from === null && to === null) || (from !== null && to !== null && to <= from);
  return isNone ? {} : { window: { from, to } };
}

/** A standard change is approved by being one, once it has got so far; all others by people. */
function standingOf({ state, approval, type }: ChangeRow): Pick<ChangeStanding, 'approval' | 'state'> {
  const known = STATES.get(state);
  const isPassed = type === 'standard' && approval === 'not requested' && AFTER_APPROVAL.includes(known);
  return {
    state: known ?? null,
    approval: approval === 'rejected' ? 'rejected' : approval === 'approved' || isPassed ? 'approved' : 'pending',
  };
}

function decidedIn(one: ApproverRow, { sys_id }: ChangeRow): DecidedThere[] {
  if (one.sysapproval !== sys_id || !['approved', 'rejected'].includes(one.state)) return [];
  const comment = written(one.comments);
  return [
    {
      by: person(one['approver.user_name'], one['approver.name']),
      at: momentOf(one.sys_updated_on),
      isApproved: one.state === 'approved',
      comment: comment === '' ? null : comment,
    },
  ];
}
