import { describe, expect, it } from 'vitest';
import { type Incident, SYSTEM, type Transition } from '../../src/model/incident.ts';
import { isOurNote } from '../../src/sinks/inbound.ts';
import { jira } from '../../src/sinks/jira/index.ts';
import { noteText } from '../../src/sinks/ticket-text.ts';
import { incidentWith } from '../incidents.ts';
import { messageOf } from '../messages.ts';

const CONTEXT = { deployment: 'eu1', consoleUrl: 'https://plimsoll.example.com' };
const TRANSITIONS: readonly Transition[] = [
  'opened',
  'acknowledged',
  'updated',
  'escalated',
  'held',
  'resolved',
  'reopened',
  'closed',
];
const late = (timer: 'response' | 'resolution'): Incident => {
  const incident = incidentWith();
  const sla = { timer, percent: 100 } as const;
  return {
    ...incident,
    timeline: [...incident.timeline, { at: incident.openedAt, by: SYSTEM, event: 'sla_breached', text: 'late', sla }],
  };
};
const notes: readonly (readonly [string, string])[] = [
  ...TRANSITIONS.map((transition) => [transition, noteText(messageOf({ transition }), CONTEXT.consoleUrl)] as const),
  ...(['response', 'resolution'] as const).map(
    (timer) =>
      [
        `late ${timer}`,
        noteText(messageOf({ transition: 'updated', incident: late(timer) }), CONTEXT.consoleUrl),
      ] as const,
  ),
  [
    'cancelled',
    noteText(messageOf({ transition: 'closed', incident: incidentWith({ state: 'cancelled' }) }), CONTEXT.consoleUrl),
  ],
];

describe('a note that we wrote and that a tool tells us of', () => {
  it.each(notes)('is known for ours: %s', (_what, text) => {
    expect(isOurNote(text, CONTEXT)).toBe(true);
    expect(isOurNote(`It takes the place of OPS-1, which is gone.\n${text}`, CONTEXT)).toBe(true);
  });

  it.each(notes)(
    'comes from Jira without a word of who has created the issue, and is passed over: %s',
    (_what, text) => {
      const paragraph = { type: 'paragraph', content: [{ type: 'text', text }] };
      const body = JSON.stringify({
        webhookEvent: 'comment_created',
        issue: { key: 'OPS-1', fields: {} },
        comment: { author: { accountId: 'us' }, body: { type: 'doc', version: 1, content: [paragraph] } },
      });
      expect(
        jira.inbound!.hook!.read({ headers: {}, body: Buffer.from(body) }, { options: {} as never, ...CONTEXT }),
      ).toEqual([]);
    },
  );

  it('is not what people say of it', () => {
    expect(isOurNote(`Anna: ${notes[0]![1]}`, CONTEXT)).toBe(false);
    expect(isOurNote('Resolved in Plimsoll, P1. I think', CONTEXT)).toBe(false);
  });
});
