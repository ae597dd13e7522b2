import { expect, it } from 'vitest';
import { type Incident, SYSTEM } from '../../src/model/incident.ts';
import { transitionWord } from '../../src/sinks/words.ts';
import { incidentWith } from '../incidents.ts';

const after = (sla: NonNullable<Incident['timeline'][number]['sla']>): Incident => {
  const incident = incidentWith();
  const entry = { at: incident.openedAt, by: SYSTEM, event: 'sla_breached', text: 'missed', sla } as const;
  return { ...incident, timeline: [...incident.timeline, entry] };
};

it.each([
  ['a change', incidentWith(), 'updated', 'Changed'],
  ['an answer that is late', after({ timer: 'response', percent: 100 }), 'updated', 'Not acknowledged in time'],
  ['an end that is late', after({ timer: 'resolution', percent: 100 }), 'updated', 'Not resolved in time'],
  ['what follows it', after({ timer: 'resolution', percent: 100 }), 'resolved', 'Resolved'],
  ['what is called off', incidentWith({ state: 'cancelled' }), 'closed', 'Cancelled'],
] as const)('%s has a word of its own', (_what, incident, transition, word) => {
  expect(transitionWord({ incident, transition })).toBe(word);
});
