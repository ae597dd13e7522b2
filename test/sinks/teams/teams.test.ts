import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Message, Outcome } from '../../../src/model/delivery.ts';
import { CARD_MAX_BYTES, cardBody } from '../../../src/sinks/teams/card.ts';
import { teams } from '../../../src/sinks/teams/index.ts';
import { breach, incidentWith } from '../../incidents.ts';
import { messageOf } from '../../messages.ts';
import { Conversation } from '../../standins/conversation.ts';
import { noMail } from '../../standins/no-mail.ts';
import { TeamsModel } from '../../standins/teams.ts';

const FLOW =
  'https://prod.environment.api.powerplatform.com:443/powerautomate/automations/direct/workflows/f/triggers/manual/paths/invoke?api-version=1&sig=FLOW-KEY';
const CONSOLE = 'https://plimsoll.example.com';

let tool: TeamsModel;
let conversation: Conversation;
let warnings: string[];
let url: string;

const deliver = (changes: Partial<Message> = {}): Promise<Outcome> =>
  teams.deliver(messageOf(changes), {
    options: { url: 'env:FLOW' },
    http: conversation.http,
    mail: noMail,
    now: () => 0,
    secret: async () => `${url}\n`,
    deployment: 'eu1',
    consoleUrl: CONSOLE,
    warn: (code, text) => warnings.push(`${code}: ${text}`),
  });

beforeEach(() => {
  tool = new TeamsModel();
  conversation = new Conversation(tool.answer);
  warnings = [];
  url = FLOW;
});

describe('an incident', () => {
  it('is a card for each thing that happens, as the golden conversation has it', async () => {
    await deliver();
    const over = incidentWith({ state: 'resolved', resolvedAt: incidentWith().openedAt + 3_600_000 });
    await deliver({ transition: 'resolved', incident: over, seq: 2 });
    expect(tool.posted.map(({ body }) => [body[0]!.id, body[0]!.inlines![0]!.text.split(': ')[0]])).toEqual([
      ['plimsoll-eu1-INC-42-1', 'P2 open'],
      ['plimsoll-eu1-INC-42-2', 'P2 resolved'],
    ]);
    await expect(conversation.text(['FLOW-KEY'])).toMatchFileSnapshot('../../golden/sinks/teams/conversation.json');
  });

  it('whose first card comes after a silence is open there, and has not changed', async () => {
    await deliver({ transition: 'updated', seq: 7, announced: false });
    await deliver({ transition: 'updated', seq: 8 });
    const cards = tool.posted.map(({ body }) => body[0]!.inlines![0]!.text.split(': ')[0]);
    expect(cards).toEqual(['P2 open', 'Changed, P2 open']);
    expect(conversation.text([])).toContain('Opened: INC-42');
  });

  it('is delivered as far as can be known when the flow fails later', async () => {
    tool.drops = true;
    expect(await deliver()).toEqual({ kind: 'ok' });
    expect(tool.posted).toEqual([]);
  });
});

describe('the address', () => {
  it.each(['https://prod-1.westeurope.logic.azure.com/x?sig=k', 'https://a.webhook.office.com/y?sig=k'])(
    '%s is of a kind that was retired, and is not shown',
    async (retired) => {
      url = retired;
      await deliver();
      expect(warnings).toEqual([expect.stringMatching(/^retired_address: env:FLOW holds/)]);
      expect(warnings[0]).not.toContain('azure');
    },
  );

  it('without its key is a dead letter', async () => {
    url = FLOW.replace(/sig=.*/, '');
    expect(await deliver()).toEqual({ kind: 'permanent', reason: 'answered 401' });
  });

  it('is asked for less when it says so', async () => {
    tool.burst = 0;
    expect(await deliver()).toMatchObject({ kind: 'retry', throttled: true, afterMs: 17_000 });
  });
});

const texts = (body: string): string[] =>
  JSON.parse(body).attachments[0].content.body.map((one: { inlines: { text: string }[] }) => one.inlines[0]!.text);

describe('a card', () => {
  it('works nothing out that stands in a name', () => {
    const incident = incidentWith({ description: 'model {{{DATE(2026-01-01,SHORT)}} [click](https://evil.example)' });
    const [, , line] = texts(cardBody(messageOf({ incident }), CONSOLE));
    expect(line).toBe('model { { {DATE(2026-01-01,SHORT)}} [click](https://evil.example)');
    expect(cardBody(messageOf({ incident }), CONSOLE)).not.toContain('"TextBlock"');
  });

  it('fits, whatever is in the incident, and always leads to it', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.tuple(fc.constantFrom('x', '"', '漢', '\ud800', '\n', '{{'), fc.nat(1000)).map(([one, n]) => one.repeat(n)),
    );
    fc.assert(
      fc.property(text, text, fc.nat(200), (a, b, n) => {
        const incident = incidentWith({
          title: a,
          summary: b,
          description: `${a}\n${b}\n`.repeat(Math.min(n, 10)),
          supportGroup: a,
          breaches: [{ ...breach, objective: b }],
          traces: { bad: Array(5).fill('f'.repeat(32)), good: [] },
          links: { runbook: `https://x.example/${a}`, dashboard: b, trace: `https://t.example/${b}/{traceId}` },
        });
        const body = cardBody(messageOf({ incident }), CONSOLE);
        expect(Buffer.byteLength(body)).toBeLessThan(CARD_MAX_BYTES);
        for (const one of texts(body)) expect(one).not.toMatch(/\{\{/);
        const { actions } = JSON.parse(body).attachments[0].content;
        expect(actions[0]).toEqual({ type: 'Action.OpenUrl', title: 'Evidence', url: `${CONSOLE}/incidents/INC-42` });
        for (const action of actions) expect(action.url).toMatch(/^https?:\/\/[^\s<>"]+$/);
      }),
      { numRuns: 60 },
    );
  });
});
