import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Message, Outcome, Remote } from '../../../src/model/delivery.ts';
import type { Incident, Transition } from '../../../src/model/incident.ts';
import { RESPONSE_MAX_BYTES } from '../../../src/sinks/http.ts';
import type { Http } from '../../../src/sinks/sink.ts';
import { escaped, incidentContent, replyContent } from '../../../src/sinks/slack/blocks.ts';
import { slack } from '../../../src/sinks/slack/index.ts';
import { incidentWith } from '../../incidents.ts';
import { messageOf } from '../../messages.ts';
import { Conversation } from '../../standins/conversation.ts';
import { noMail } from '../../standins/no-mail.ts';
import { SLACK_CHANNEL, SLACK_TOKEN, SlackModel } from '../../standins/slack.ts';
import { remoteOf } from '../telling.ts';

const CONSOLE = 'https://plimsoll.example.com';
const OPENED = incidentWith().openedAt;

let tool: SlackModel;
let conversation: Conversation;
let warnings: string[];
let channel: string;

/** As the one way out does: no more than the first 64 KB. */
const cut =
  (http: Http): Http =>
  async (request) => {
    const result = await http(request);
    return result.kind === 'answer' ? { ...result, body: result.body.slice(0, RESPONSE_MAX_BYTES) } : result;
  };
const deliver = (changes: Partial<Message>): Promise<Outcome> =>
  slack.deliver(messageOf(changes), {
    options: { url: 'https://slack.com/', token: 'env:TOKEN', channel, signingSecret: null },
    http: cut(conversation.http),
    mail: noMail,
    now: () => OPENED,
    secret: async () => `${SLACK_TOKEN}\n`,
    deployment: 'eu1',
    consoleUrl: CONSOLE,
    warn: (code) => warnings.push(code),
  });
let seq = 0;
const tell = (transition: Transition, remote: Remote | null = null, changes: Partial<Incident> = {}) =>
  deliver({ transition, remote, incident: incidentWith(changes), seq: ++seq });
const methods = (): string[] =>
  conversation.exchanges.map(({ request }) => request.path.replace(/\?.*/, '').replace('/api/', ''));

beforeEach(() => {
  tool = new SlackModel();
  conversation = new Conversation(tool.answer);
  warnings = [];
  channel = SLACK_CHANNEL;
  seq = 0;
});

const OVER: Partial<Incident> = {
  state: 'resolved',
  resolvedAt: OPENED + 3_600_000,
  summary: 'support-bot: groundedness has recovered, after 77 min, at 2026-11-01 11:17 UTC',
};

describe('an incident', () => {
  it('is one message with a thread, as the golden conversation has it', async () => {
    let remote = remoteOf(await tell('opened'));
    remote = remoteOf(await tell('acknowledged', remote, { state: 'in_progress' }));
    remote = remoteOf(await tell('escalated', remote, { state: 'in_progress', priority: 1 }));
    remote = remoteOf(await tell('resolved', remote, OVER));
    const [parent, ...others] = tool.parents;
    expect(others).toEqual([]);
    expect(parent).toMatchObject({ edits: 3, text: expect.stringMatching(/^P2 resolved: support-bot: /) });
    expect(tool.replies(parent!.ts).map(({ text, isBroadcast }) => [text.split(':')[0], isBroadcast])).toEqual([
      ['Acknowledged, P2', false],
      ['Escalated, P1', true],
      ['Resolved, P2', false],
    ]);
    expect(remote.id).toBe(`${SLACK_CHANNEL}/${parent!.ts}`);
    await expect(conversation.text([SLACK_TOKEN])).toMatchFileSnapshot('../../golden/sinks/slack/conversation.json');
  });

  it('whose message was deleted gets another one', async () => {
    const remote = remoteOf(await tell('opened'));
    tool.delete(tool.parents[0]!.ts);
    const after = remoteOf(await tell('updated', remote));
    expect(after.id).not.toBe(remote.id);
    expect([tool.parents.length, tool.messages.length]).toEqual([1, 1]);
  });

  it('whose message may no longer be changed has its news in the thread', async () => {
    const remote = remoteOf(await tell('opened'));
    tool.troubles.push({ method: 'chat.update', error: 'edit_window_closed' });
    expect(await tell('resolved', remote, OVER)).toMatchObject({ kind: 'ok' });
    expect([tool.replies(tool.parents[0]!.ts).length, warnings]).toEqual([1, ['edit_window_closed']]);
  });
});

describe('an answer that did not come', () => {
  it('to the first message: it is found again, among much that others said', async () => {
    tool.chatter = 20_000;
    tool.troubles.push({ method: 'chat.postMessage', afterwards: 'fatal_error' });
    expect(await deliver({})).toEqual({ kind: 'unknown', reason: 'answered 200, but refused it (fatal_error)' });
    for (let n = 50; n < 53; n++) await deliver({ incident: incidentWith({ id: `INC-${n}` }) });
    expect(await deliver({ attempt: 2, mayHaveArrived: true })).toMatchObject({ kind: 'ok' });
    expect(tool.parents).toHaveLength(4);
    expect(methods().at(-1)).toBe('chat.update');
    expect(warnings).toEqual([]);
  });

  it('to a reply: it is not said twice, and the message is not taken for it', async () => {
    const remote = remoteOf(await tell('opened'));
    const message = { transition: 'escalated', remote, seq: 2, mayHaveArrived: true } as const;
    expect(await deliver(message)).toMatchObject({ kind: 'ok' });
    expect(await deliver(message)).toMatchObject({ kind: 'ok' });
    expect(tool.replies(tool.parents[0]!.ts)).toHaveLength(1);
  });

  it('and was superseded: a later transition finds the message, not a reply that is shown in the channel', async () => {
    const remote = remoteOf(await tell('opened'));
    await tell('escalated', remote);
    expect(await tell('resolved', null, OVER)).toMatchObject({ kind: 'ok', remote: { id: remote.id } });
    expect(tool.parents).toHaveLength(1);
  });

  it('can not be looked for: it is posted again, and that is said', async () => {
    await deliver({});
    tool.troubles.push({ method: 'conversations.history', error: 'missing_scope' });
    expect(await deliver({ mayHaveArrived: true })).toMatchObject({ kind: 'ok' });
    expect([tool.parents.length, warnings]).toEqual([2, ['cannot_search']]);
  });

  it('is not looked for for ever', async () => {
    tool.chatter = 1;
    for (let n = 100; n < 200; n++) await deliver({ incident: incidentWith({ id: `INC-${n}` }) });
    expect(await deliver({ mayHaveArrived: true })).toMatchObject({ kind: 'ok' });
    expect(warnings).toEqual(['not_found']);
    expect(methods().filter((method) => method === 'conversations.history')).toHaveLength(16);
  });

  it('nor are things said again while the search itself fails', async () => {
    tool.troubles.push({ method: 'conversations.history', retryAfter: 30 });
    expect(await deliver({ mayHaveArrived: true })).toMatchObject({ kind: 'retry', throttled: true, afterMs: 30_000 });
    expect(tool.messages).toEqual([]);
  });
});

describe('200 with ok: false', () => {
  it.each([
    ['not_in_channel', 'permanent'],
    ['invalid_blocks', 'permanent'],
    ['token_revoked', 'permanent'],
    ['rate_limited', 'retry'],
    ['internal_error', 'unknown'],
  ])('%s is %s', async (error, kind) => {
    tool.troubles.push({ method: 'chat.postMessage', error });
    expect(await deliver({})).toMatchObject({ kind, reason: `answered 200, but refused it (${error})` });
  });

  it('says nothing that Slack might have made up', async () => {
    tool.troubles.push({ method: 'chat.postMessage', error: `${SLACK_TOKEN} is wrong` });
    expect(await deliver({})).toEqual({ kind: 'permanent', reason: 'answered 200, but refused it (another error)' });
  });

  it('a channel that is not there is a dead letter', async () => {
    channel = '#ops';
    expect(await deliver({})).toMatchObject({
      kind: 'permanent',
      reason: expect.stringContaining('channel_not_found'),
    });
  });

  it('a page of a proxy is no answer', async () => {
    conversation = new Conversation(() => ({ status: 200, body: '<html>sign in</html>' }));
    expect(await deliver({})).toMatchObject({ kind: 'unknown' });
  });
});

describe('texts', () => {
  it('are escaped', () => {
    expect(escaped('<!channel> & <https://x|y>', 100)).toBe('&lt;!channel&gt; &amp; &lt;https://x|y&gt;');
  });

  it('are cut between characters and entities', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), fc.integer({ min: 1, max: 40 }), (text, max) => {
        const out = escaped(`&<${text}`, max);
        expect(out.length).toBeLessThanOrEqual(max);
        expect(out.isWellFormed()).toBe(true);
        expect(out.replaceAll(/&(amp|lt|gt);/g, '')).not.toMatch(/[&<>]/);
      }),
    );
  });

  it('keep to the limits, whatever is in the incident', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc
        .tuple(fc.constantFrom('x', '<', '"', '漢', '\ud800', '*_~`', '\n'), fc.nat(4000))
        .map(([one, n]) => one.repeat(n)),
    );
    fc.assert(
      fc.property(text, text, (a, b) => {
        const incident = incidentWith({
          title: a,
          summary: b,
          description: `${a}\n${b}`,
          supportGroup: a,
          links: { runbook: `https://x.example/${b}`, dashboard: a, trace: `https://t.example/<${a}>|{traceId}` },
        });
        for (const content of [incidentContent(incident, CONSOLE), replyContent(messageOf({ incident }))]) {
          const body = JSON.stringify({ channel: SLACK_CHANNEL, ...content });
          const headers = { authorization: `Bearer ${SLACK_TOKEN}` };
          const said = new SlackModel().answer({ method: 'POST', path: '/api/chat.postMessage', headers, body, at: 0 });
          expect(said.body).toContain('"ok":true');
        }
      }),
      { numRuns: 100 },
    );
  });
});
