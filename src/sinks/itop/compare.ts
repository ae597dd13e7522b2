import type { Remote } from '../../model/delivery.ts';
import type { Priority } from '../../model/incident.ts';
import type { Act } from '../../model/remote-act.ts';
import type { RemoteEvent } from '../inbound.ts';
import type { Shows } from './shown.ts';
import { WEIGHTS } from './ticket.ts';
import type { Told } from './tool.ts';

/** iTop's own table: impact (department, service, person) over urgency (critical to low). */
const COMPUTED = ['1124', '1234', '2334'];

const toldIn = ({ state }: Remote): Told | undefined => (state as { readonly told?: Told } | undefined)?.told;

/** What people have done since, where a ticket stands so and was last told that. */
export function compare(shown: unknown, remote: Remote): Act[] {
  const shows = shown as Shows;
  const told = toldIn(remote);
  if (told === undefined) return [];
  const priority = priorityShown(shows, told);
  return [
    ...(priority === told.priority ? [] : [{ type: 'prioritize' as const, priority }]),
    ...placeActs(shows, told),
    ...assignedActs(shows, told),
  ];
}

function priorityShown({ impact, urgency }: Shows, { priority }: Told): Priority {
  const said = WEIGHTS[priority];
  const computed = COMPUTED[Number(impact) - 1]?.[Number(urgency) - 1];
  // Two of ours may be one of theirs.
  return computed === undefined || (said.impact === impact && said.urgency === urgency)
    ? priority
    : (Number(computed) as Priority);
}

const isOver = (place: string | null): boolean => place === 'resolved' || place === 'closed';

/** One that we assign ourselves goes to whom the configuration names: who has it at first is nobody's doing. */
function assignedActs({ agent, place }: Shows, told: Told): Act[] {
  if (agent === '' || told.agent === undefined || told.agent === agent || isOver(place)) return [];
  return [{ type: 'assign', to: agent }];
}

function placeActs({ place, code, solution }: Shows, told: Told): Act[] {
  if (place === null || place === told.place) return [];
  if (isOver(place))
    return isOver(told.place)
      ? []
      : [
          {
            type: 'resolve',
            code: code === 'duplicate' ? 'duplicate' : 'solution_provided',
            notes: solution || null,
          },
        ];
  const again: Act[] = isOver(told.place) ? [{ type: 'reopen' }] : [];
  if (place === 'pending') return [...again, { type: 'hold', reason: 'awaiting_caller' }];
  if (place === 'assigned') return [...again, { type: told.place === 'pending' ? 'resume' : 'acknowledge' }];
  return again;
}

/** What the ticket was last told, or has shown since. */
export function absorb(remote: Remote, { shows: shown }: RemoteEvent): Remote {
  const told = toldIn(remote);
  if (shown === undefined || told === undefined) return remote;
  const shows = shown as Shows;
  const now: Told = {
    place: shows.place ?? told.place,
    priority: priorityShown(shows, told),
    ...(shows.agent === '' ? {} : { agent: shows.agent }),
  };
  return { ...remote, state: { ...(remote.state as object), told: now } };
}
