import { expect, it } from 'vitest';
import { lines, noteText, openingText } from '../../src/sinks/ticket-text.ts';
import { incidentWith } from '../incidents.ts';
import { messageOf } from '../messages.ts';

const CONSOLE = 'https://plimsoll.example.com';

it('a ticket says for whom it is', () => {
  expect(openingText(incidentWith(), CONSOLE).split('\n').at(-1)).toBe(
    'Plimsoll INC-42, ai.hallucination.ungrounded, for ai-platform',
  );
});

it('a ticket holds its links, however long the description is', () => {
  const incident = incidentWith({ description: 'd'.repeat(40_000) });
  expect(lines(openingText(incident, CONSOLE))).toContain('Runbook: https://wiki.example.com/runbooks/support-bot\n');
});

it('a note says what happened and how urgent it is now, where the summary is the same as before', () => {
  const incident = incidentWith({ summary: 'support-bot: groundedness is low', priority: 1 });
  expect(noteText(messageOf({ transition: 'escalated', incident }), CONSOLE)).toBe(
    'Escalated in Plimsoll, P1. support-bot: groundedness is low\nhttps://plimsoll.example.com/incidents/INC-42',
  );
});

it('a note about one that was cancelled does not say that it was closed', () => {
  const incident = incidentWith({ state: 'cancelled' });
  expect(noteText(messageOf({ transition: 'closed', incident }), CONSOLE)).toMatch(/^Cancelled in Plimsoll, P2\. /);
});
