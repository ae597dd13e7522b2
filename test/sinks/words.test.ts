import { expect, it } from 'vitest';
import { type Incident, SYSTEM } from '../../src/model/incident.ts';
import { heading, transitionWord } from '../../src/sinks/words.ts';
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
  expect(transitionWord({ incident, transition, announced: true })).toBe(word);
});

it.each([
  ['updated', 'Opened', 'P2 open: '],
  ['escalated', 'Escalated', 'Escalated, P2 open: '],
  ['resolved', 'Resolved', 'P2 open: '],
] as const)(
  'who first hears of it when it is %s reads "%s": nothing was there that could have changed',
  (transition, word, begins) => {
    const message = { incident: incidentWith(), transition, announced: false };
    expect(transitionWord(message)).toBe(word);
    expect(heading(message).startsWith(begins)).toBe(true);
  },
);

it('who first hears that a target was missed reads that', () => {
  const incident = after({ timer: 'response', percent: 100 });
  expect(transitionWord({ incident, transition: 'updated', announced: false })).toBe('Not acknowledged in time');
});
