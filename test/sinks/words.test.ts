import { describe, expect, it } from 'vitest';
import { type Incident, SYSTEM } from '../../src/model/incident.ts';
import { mailOf } from '../../src/sinks/email/message.ts';
import { incidentContent, replyContent } from '../../src/sinks/slack/blocks.ts';
import { cardBody } from '../../src/sinks/teams/card.ts';
import { noteText } from '../../src/sinks/ticket-text.ts';
import { heading, newsText, transitionWord } from '../../src/sinks/words.ts';
import { incidentWith } from '../incidents.ts';
import { messageOf } from '../messages.ts';

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

describe('what happened', () => {
  const why = 'nobody acknowledged within 15m: level 2 (boss) is told';
  const last = (event: Incident['timeline'][number]['event'], text: string): Incident => {
    const incident = incidentWith({ summary: 'support-bot: groundedness is low' });
    return { ...incident, timeline: [...incident.timeline, { at: incident.openedAt, by: SYSTEM, event, text }] };
  };

  it.each(['escalated', 'sla_breached', 'disclosed', 'acknowledged', 'assigned', 'held', 'updated'] as const)(
    'is said where how it stands does not say it: %s',
    (event) => {
      expect(newsText(last(event, why))).toBe(`What happened: ${why}`);
    },
  );

  it.each(['opened', 'resolved', 'reopened', 'note', 'prioritized', 'classified', 'suppressed'] as const)(
    'is not said of what people wrote, or of what the heading says: %s',
    (event) => {
      expect(newsText(last(event, why))).toBeNull();
    },
  );

  it('stands in mail, chat and tickets below what is broken, and is no instruction to any of them', async () => {
    const incident = last('escalated', why);
    const message = messageOf({ transition: 'escalated', incident });
    const consoleUrl = 'https://plimsoll.example.com';
    const letter = { from: 'p@example.com', to: ['d@example.com'], deployment: 'eu1', consoleUrl };
    expect(noteText(message, consoleUrl).split('\n')).toEqual([
      'Escalated in Plimsoll, P2. support-bot: groundedness is low',
      `What happened: ${why}`,
      `${consoleUrl}/incidents/INC-42`,
    ]);
    expect(replyContent(message).text).toBe(`Escalated, P2: support-bot: groundedness is low\nWhat happened: ${why}`);
    expect(JSON.stringify(incidentContent(incident, consoleUrl).blocks)).toContain(`What happened: ${why}`);
    expect((await mailOf(message, letter)).replaceAll('=\r\n', '')).toContain(`What happened: ${why}`);
    expect(cardBody(message, consoleUrl)).toContain(`What happened: ${why}`);
  });
});
