import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeIncident } from '../../src/incidents/text.ts';
import type { Incident } from '../../src/model/incident.ts';
import { mailOf } from '../../src/sinks/email/message.ts';
import { toldOf } from '../../src/sinks/grafana/annotation.ts';
import { openingFields as itopFields } from '../../src/sinks/itop/ticket.ts';
import { trigger } from '../../src/sinks/pagerduty/event.ts';
import { openingFields, withoutMarkup } from '../../src/sinks/servicenow/record.ts';
import { incidentContent } from '../../src/sinks/slack/blocks.ts';
import { cardBody } from '../../src/sinks/teams/card.ts';
import { breach, incidentWith } from '../incidents.ts';
import { messageOf } from '../messages.ts';

/**
 * Whatever a model, a tenant or a prompt is called, each tool shows it as text: no markup, mention, link, image, header or function of
 * its own comes out of a name. One incident, with hostile names wherever telemetry has a say, through all media.
 */
const NASTY = [
  '<script>alert(1)</script>',
  '<!channel> <@U0123456789> <https://evil.example|click>',
  '*bold* _it_ `code` ~no~ :fire:',
  '[click](https://evil.example) ![x](https://evil.example/x.png)',
  '{{DATE(2020-01-01T00:00:00Z, LONG)}} #{7*7}',
  '\r\nBcc: evil@example.com\r\n\r\nhi',
  '[code]<img src=x onerror=alert(1)>[/code]',
  '"><a href="javascript:alert(1)">x</a>',
  '&lt;b&gt; &amp;amp; &#60;',
  '\u202etxet \u0000\u0007\u2028 \ud800',
  '=cmd|calc!A1',
];
const nasty = fc
  .tuple(fc.constantFrom(...NASTY), fc.string({ unit: 'binary', maxLength: 40 }))
  .map(([one, other]) => `${one}${other}`);

const incidents: fc.Arbitrary<Incident> = fc
  .record({ a: nasty, b: nasty, c: nasty, d: nasty })
  .map(({ a, b, c, d }) => {
    const facts = incidentWith({
      service: a,
      environment: b,
      supportGroup: c,
      category: `ai.accuracy.${d}`,
      slices: [{ ...incidentWith().slices[0]!, name: `tenant=${b}`, dimension: 'tenant', value: b }],
      changes: [{ id: c, type: d, before: a, after: b, at: breach.startedAt, origin: 'declared' }],
      traces: { bad: [d], good: [] },
      breaches: [
        {
          ...breach,
          objective: c,
          evidence: { ...breach.evidence, objective: c, estimate: { ...breach.evidence.estimate, subject: a } },
        },
      ],
    });
    return { ...facts, ...describeIncident(facts) };
  });
const CONSOLE = 'https://plimsoll.example.com';
const check = (look: (incident: Incident) => void | Promise<void>): Promise<void> =>
  fc.assert(
    fc.asyncProperty(incidents, async (incident) => look(incident)),
    { numRuns: 150 },
  );
/** Every text of a structure, with the key that it stands under. */
function textsOf(value: unknown, key = ''): [string, string][] {
  if (typeof value === 'string') return [[key, value]];
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([name, item]) => textsOf(item, Array.isArray(value) ? key : name));
}
const OURS = /^https:\/\/(plimsoll\.example\.com|wiki\.example\.com|grafana\.example\.com|tracer\.example)\//;
const tagsIn = (html: string): string[] => html.match(/<[^>]*>?/g) ?? [];

describe('hostile names are text', () => {
  it('in Slack', () =>
    check((incident) => {
      const { text, blocks } = incidentContent(incident, CONSOLE);
      const plain = JSON.stringify(blocks).length;
      expect(plain).toBeLessThan(8_000);
      for (const one of [text, ...textsOf(blocks.filter((_, i) => i !== 3)).map(([, words]) => words)])
        expect(one.replaceAll(/&(amp|lt|gt);/g, '')).not.toMatch(/[<>&]/);
      // The one place with markup: our links alone.
      for (const block of blocks as { text?: { type: string; text: string } }[]) {
        if (block.text?.type !== 'mrkdwn') continue;
        for (const [, href = ''] of block.text.text.matchAll(/<([^|>]*)\|/g)) expect(href).toMatch(OURS);
        expect(block.text.text.replaceAll(/<[^|<>]*\|[A-Za-z0-9 ]+>/g, '')).not.toMatch(/[<>]/);
      }
    }));

  it('in Teams', () =>
    check((incident) => {
      const card = JSON.parse(cardBody(messageOf({ incident }), CONSOLE)).attachments[0].content;
      for (const { type, inlines } of card.body) {
        expect(type).toBe('RichTextBlock');
        for (const { type: run, text } of inlines) {
          expect(run).toBe('TextRun');
          expect(text).not.toContain('{{');
        }
      }
      for (const { url } of card.actions) expect(url).toMatch(OURS);
    }));

  it('in mail', () =>
    check(async (incident) => {
      const letter = { from: 'p@example.com', to: ['duty@example.com'], deployment: 'eu1', consoleUrl: CONSOLE };
      const raw = await mailOf(messageOf({ incident }), letter);
      const head = raw
        .slice(0, raw.indexOf('\r\n\r\n'))
        .replaceAll(/\r\n[ \t]/g, ' ')
        .split('\r\n');
      const names = head.map((line) => line.split(':')[0]!.toLowerCase()).toSorted();
      expect(names).toEqual(
        [
          'auto-submitted',
          'content-transfer-encoding',
          'content-type',
          'date',
          'from',
          'message-id',
          'mime-version',
          'subject',
          'to',
        ].toSorted(),
      );
      expect(head.find((line) => line.startsWith('To:'))).toBe('To: duty@example.com');
      expect(raw).toContain('Content-Type: text/plain; charset=utf-8');
    }));

  it('in annotations of Grafana', () =>
    check((incident) => {
      const { text } = toldOf(incident, CONSOLE, 0);
      expect(tagsIn(text)).toEqual(['<br>', `<a href="${CONSOLE}/incidents/INC-42">`, '</a>']);
    }));

  it('in iTop', () =>
    check((incident) => {
      const options = {
        url: CONSOLE,
        user: 'u',
        password: 'p',
        organization: '1',
        caller: '1',
        team: '1',
        agent: '1',
        webhookSecret: null,
        poll: 60_000,
      };
      const { description, title } = itopFields(incident, 'plimsoll-eu1-INC-42', options, CONSOLE) as Record<
        string,
        string
      >;
      expect(new Set(tagsIn(description!))).toEqual(new Set(['<br>']));
      expect(title).not.toMatch(/[\r\n]/);
    }));

  it('in ServiceNow', () =>
    check((incident) => {
      const fields = openingFields(incident, CONSOLE);
      for (const value of Object.values(fields)) expect(value).not.toMatch(/\[\/?code\]/i);
      expect(fields['short_description']!.length).toBeLessThanOrEqual(160);
      expect(fields['short_description']).not.toMatch(/[\r\n]/);
      expect(withoutMarkup(incident.summary)).not.toMatch(/\[\/?code\]/i);
    }));

  it('in PagerDuty', () =>
    check((incident) => {
      const event = trigger(incident, { deployment: 'eu1', consoleUrl: CONSOLE });
      for (const [key, value] of textsOf(event)) {
        if (key === 'href') expect(value).toMatch(OURS);
        if (key !== 'description') expect(value).not.toMatch(/[\p{Cc}\p{Cf}]/u);
        expect(value.isWellFormed()).toBe(true);
      }
    }));
});
