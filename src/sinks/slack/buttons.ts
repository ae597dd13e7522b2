import { type Incident, isOpen } from '../../model/incident.ts';

export const ACKNOWLEDGE = 'plimsoll_acknowledge';
export const RESOLVE = 'plimsoll_resolve';

/**
 * What can be done right in the channel; nothing, once it is done.
 * @param correlation  what an incident is known by outside: the same channel may hear of several deployments
 */
export function buttonsOf(incident: Incident, correlation: string): object[] {
  if (!isOpen(incident)) return [];
  const button = (text: string, action_id: string, more: object): object => ({
    type: 'button',
    text: { type: 'plain_text', text },
    action_id,
    value: correlation,
    ...more,
  });
  const confirm = {
    title: { type: 'plain_text', text: 'Resolve it?' },
    text: { type: 'plain_text', text: 'All other tools are told that it is over.' },
    confirm: { type: 'plain_text', text: 'Resolve' },
    deny: { type: 'plain_text', text: 'Cancel' },
  };
  const elements = [
    ...(incident.ackedAt === null ? [button('Acknowledge', ACKNOWLEDGE, { style: 'primary' })] : []),
    button('Resolve', RESOLVE, { confirm }),
  ];
  return [{ type: 'actions', elements }];
}
