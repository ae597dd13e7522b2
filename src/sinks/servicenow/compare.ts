import type { Remote } from '../../model/delivery.ts';
import { type CloseCode, type HoldReason, isWeight } from '../../model/incident.ts';
import type { Act } from '../../model/remote-act.ts';
import { type RemoteEvent, written } from '../inbound.ts';
import { HOLD_REASONS, isOver, type Told } from './record.ts';
import type { Shows } from './shown.ts';

/** Of an import set the whole, of the Table API a part of what is kept. */
const toldIn = ({ state }: Remote): Told | undefined =>
  typeof state === 'object' && state !== null && 'told' in state
    ? (state.told as Told | undefined)
    : (state as Told | undefined);

/** What people have done since, where a record stands so and was last told that. */
export function compare(shown: unknown, remote: Remote): Act[] {
  const shows = shown as Shows;
  const told = toldIn(remote);
  if (told?.state === undefined) return [];
  return [...weightActs(shows, told), ...assignedActs(shows, told), ...stateActs(shows, told)];
}

function weightActs({ impact, urgency }: Shows, told: Told): Act[] {
  const [i, u] = [Number(impact), Number(urgency)];
  if (!isWeight(i) || !isWeight(u) || (i === told.impact && u === told.urgency)) return [];
  return [{ type: 'prioritize', impact: i, urgency: u }];
}

const assignedActs = ({ assigned, byUs, state }: Shows, told: Told): Act[] =>
  byUs || assigned === '' || assigned === told.assigned || isOver(state)
    ? []
    : [{ type: 'assign', to: written(assigned).slice(0, 256) }];

function stateActs({ state, hold_reason, close_code, close_notes }: Shows, told: Told): Act[] {
  const reason = holdOf(hold_reason);
  if (
    state === told.state &&
    (state !== '3' || told.hold === null || HOLD_REASONS[told.hold] === hold_reason || hold_reason === '')
  )
    return [];
  const again: Act[] = isOver(told.state) && !isOver(state) ? [{ type: 'reopen' }] : [];
  switch (state) {
    case '1':
      return again;
    case '2':
      return [...again, { type: told.state === '3' ? 'resume' : 'acknowledge' }];
    case '3':
      return [...again, { type: 'hold', reason }];
    case '6':
    case '7':
      return isOver(told.state)
        ? []
        : [
            {
              type: 'resolve',
              code: CODES[close_code.toLowerCase()] ?? 'solution_provided',
              notes: close_notes || null,
            },
          ];
    case '8':
      return isOver(told.state)
        ? []
        : [{ type: 'resolve', code: 'no_resolution', notes: close_notes || 'cancelled in ServiceNow' }];
    default:
      return [];
  }
}

const holdOf = (native: string): HoldReason =>
  (Object.entries(HOLD_REASONS) as [HoldReason, string][]).find(([, value]) => value === native)?.[0] ??
  'awaiting_caller';

/** Choices of `close_code`, of newer instances and of older ones. */
const CODES: Readonly<Record<string, CloseCode>> = {
  duplicate: 'duplicate',
  'known error': 'known_error',
  'no resolution provided': 'no_resolution',
  'resolved by caller': 'resolved_by_caller',
  'resolved by change': 'resolved_by_change',
  'resolved by problem': 'resolved_by_problem',
  'resolved by request': 'resolved_by_request',
  'solution provided': 'solution_provided',
  'workaround provided': 'workaround_provided',
  'user error': 'user_error',
  'solved (permanently)': 'solution_provided',
  'solved (work around)': 'workaround_provided',
  'not solved (not reproducible)': 'no_resolution',
  'not solved (too costly)': 'no_resolution',
  'closed/resolved by caller': 'resolved_by_caller',
};

/** What the record was last told, or has shown since. */
export function absorb(remote: Remote, { shows: shown }: RemoteEvent): Remote {
  const told = toldIn(remote);
  if (shown === undefined || told?.state === undefined) return remote;
  const { state, hold_reason, impact, urgency, assigned } = shown as Shows;
  const [i, u] = [Number(impact), Number(urgency)];
  const isHeld = state === '3';
  const isSameHold = told.hold !== null && HOLD_REASONS[told.hold] === hold_reason;
  const now: Told = {
    ...told,
    state: state === '' ? told.state : state,
    hold: isHeld ? (isSameHold ? told.hold : holdOf(hold_reason)) : null,
    ...(isWeight(i) && { impact: i }),
    ...(isWeight(u) && { urgency: u }),
    assigned,
  };
  const { state: kept } = remote;
  const isWhole = !(typeof kept === 'object' && kept !== null && 'told' in kept);
  return { ...remote, state: isWhole ? now : { ...(kept as object), told: now } };
}
