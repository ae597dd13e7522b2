import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Message, Outcome } from '../../../src/model/delivery.ts';
import { email, outcomeOfMail } from '../../../src/sinks/email/index.ts';
import { mailOf } from '../../../src/sinks/email/message.ts';
import { createMail } from '../../../src/sinks/mail.ts';
import { breach, incidentWith } from '../../incidents.ts';
import { messageOf } from '../../messages.ts';
import { SmtpStandIn, textOf } from '../../standins/smtp-server.ts';

const LETTER = {
  from: 'Plimsoll <plimsoll@example.com>',
  to: ['ops@example.com', 'Duty <duty@example.com>'],
  deployment: 'eu1',
  consoleUrl: 'https://plimsoll.example.com',
};
const OVER = incidentWith({ state: 'resolved', resolvedAt: incidentWith().openedAt + 3_600_000 });

let server: SmtpStandIn;
let warnings: string[];

const deliver = (changes: Partial<Message> = {}): Promise<Outcome> =>
  email.deliver(messageOf(changes), {
    options: { url: server.url, from: LETTER.from, to: LETTER.to, tls: 'off' },
    http: async () => ({ kind: 'not_sent', reason: 'no HTTP in this test' }),
    mail: createMail({ allow: ['127.0.0.1'], totalMs: 30_000 }),
    now: () => 0,
    secret: async () => '',
    deployment: LETTER.deployment,
    consoleUrl: LETTER.consoleUrl,
    warn: (code, text) => warnings.push(`${code}: ${text}`),
  });
const headersAndText = async (
  changes: Partial<Message>,
): Promise<{ headers: Record<string, string>; text: string }> => {
  const raw = await mailOf(messageOf(changes), LETTER);
  const end = raw.indexOf('\r\n\r\n');
  const lines = raw
    .slice(0, end)
    .replaceAll(/\r\n[ \t]/g, ' ')
    .split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 2)]),
  );
  return { headers, text: textOf({ headers, body: raw.slice(end + 4) }) };
};

beforeEach(async () => {
  server = await SmtpStandIn.start();
  warnings = [];
});
afterEach(() => server.stop());

describe('an incident', () => {
  it('is one thread, as the golden conversation has it', async () => {
    const first = { kind: 'ok', remote: { id: '<plimsoll-eu1-INC-42-1@example.com>' } };
    expect(await deliver()).toEqual(first);
    const { remote } = first;
    expect(await deliver({ transition: 'resolved', incident: OVER, seq: 2, at: OVER.resolvedAt!, remote })).toEqual(
      first,
    );
    const [opened, resolved] = server.received.map(({ headers }) => headers);
    expect(opened).toMatchObject({
      'message-id': '<plimsoll-eu1-INC-42-1@example.com>',
      'auto-submitted': 'auto-generated',
      from: 'Plimsoll <plimsoll@example.com>',
      to: 'ops@example.com, Duty <duty@example.com>',
      date: 'Sun, 01 Nov 2026 10:17:24 +0000',
    });
    expect(opened).not.toHaveProperty('in-reply-to');
    expect(resolved).toMatchObject({
      'message-id': '<plimsoll-eu1-INC-42-2@example.com>',
      'in-reply-to': '<plimsoll-eu1-INC-42-1@example.com>',
      references: '<plimsoll-eu1-INC-42-1@example.com>',
      subject: `Re: ${opened!['subject']}`,
    });
    expect(server.received[0]).toMatchObject({
      from: 'plimsoll@example.com',
      to: ['ops@example.com', 'duty@example.com'],
    });
    const said = server.received.map(({ to, raw }) => `RCPT TO: ${to.join(', ')}\n${raw.replaceAll('\r\n', '\n')}`);
    await expect(said.join('\n')).toMatchFileSnapshot('../../golden/sinks/email/conversation.txt');
  });

  it('is the same mail in every attempt', async () => {
    server.behaviours.push('hang up after reading');
    expect(await deliver()).toMatchObject({ kind: 'unknown' });
    expect(await deliver({ attempt: 2, mayHaveArrived: true })).toMatchObject({ kind: 'ok' });
    const [first, second] = server.received;
    expect(second!.raw).toBe(first!.raw);
  });

  it('that was suppressed at first begins its thread with the first mail that is sent, in every attempt of it', async () => {
    const seventh = { transition: 'updated', seq: 7, announced: false } as const;
    server.behaviours.push('hang up after reading');
    const unsure = await deliver(seventh);
    expect(unsure).toMatchObject({ kind: 'unknown', remote: { id: '<plimsoll-eu1-INC-42-7@example.com>' } });
    const again = { ...seventh, attempt: 2, mayHaveArrived: true, remote: unsure.remote! };
    expect(await deliver(again)).toMatchObject({ kind: 'ok', remote: unsure.remote! });
    await deliver({ transition: 'resolved', incident: OVER, seq: 8, remote: unsure.remote! });
    const [first, second, end] = server.received;
    expect(second!.raw).toBe(first!.raw);
    expect(first!.headers['subject']).toMatch(/^\[INC-42\] /);
    expect(first!.headers).not.toHaveProperty('in-reply-to');
    expect(textOf(first!)).toMatch(/^P2 open: /);
    expect(end!.headers).toMatchObject({
      subject: `Re: ${first!.headers['subject']}`,
      'in-reply-to': '<plimsoll-eu1-INC-42-7@example.com>',
      references: '<plimsoll-eu1-INC-42-7@example.com>',
    });
  });

  it('that was told before first mails were kept goes on in its thread', async () => {
    expect(await deliver({ transition: 'resolved', incident: OVER, seq: 2 })).toMatchObject({
      remote: { id: '<plimsoll-eu1-INC-42-1@example.com>' },
    });
    expect(server.received[0]!.headers['in-reply-to']).toBe('<plimsoll-eu1-INC-42-1@example.com>');
  });
});

describe('addresses that the server refuses', () => {
  it('are said, without their names, while the others have the mail', async () => {
    server.refused.set('duty@example.com', 550);
    expect(await deliver()).toMatchObject({ kind: 'ok' });
    expect(warnings).toEqual([expect.stringMatching(/^recipients_refused: the server refused 1 of 2 addresses/)]);
    expect(warnings[0]).not.toContain('duty');
  });

  it.each([
    [421, 'retry'],
    [450, 'retry'],
    [550, 'permanent'],
  ] as const)('all of them, with %i: %s', async (code, kind) => {
    for (const address of ['ops@example.com', 'duty@example.com']) server.refused.set(address, code);
    expect(await deliver()).toEqual({ kind, reason: `answered ${code}` });
  });
});

it('what isn’t public or was not sent is said as it is', () => {
  expect(outcomeOfMail({ kind: 'forbidden', reason: 'no' })).toEqual({ kind: 'permanent', reason: 'no' });
  expect(outcomeOfMail({ kind: 'not_sent', reason: 'no' })).toEqual({ kind: 'retry', reason: 'no' });
  expect(outcomeOfMail({ kind: 'no_answer', reason: 'no' })).toEqual({ kind: 'unknown', reason: 'no' });
});

describe('what a name brings along', () => {
  it('becomes no link, while our own stay', async () => {
    const incident = incidentWith({
      summary: 'bot: worst in prompt_version=https://evil.example/a?b and www.evil.example',
      description: `See javascript://x, or ${incidentWith().links.runbook}.`,
    });
    const { text } = await headersAndText({ incident });
    expect(text).toContain('prompt_version=https[:]//evil.example/a?b and www[.]evil.example');
    expect(text).toContain('See javascript[:]//x, or https://wiki.example.com/runbooks/support-bot.');
    expect(text).toContain('Evidence: https://plimsoll.example.com/incidents/INC-42');
  });

  it('becomes no header and no other person, whatever it is', async () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.constantFrom(
        'x\r\nBcc: everybody@example.com',
        'x\nBcc: everybody@example.com\n\n<html>',
        'x\u2028Bcc: y@example.com',
        '=?utf-8?q?=0d=0aBcc:_y?=',
        '\r\n.\r\nQUIT',
      ),
    );
    await fc.assert(
      fc.asyncProperty(text, text, async (a, b) => {
        const incident = incidentWith({
          title: a,
          summary: b,
          description: `${a}\n${b}`,
          service: a,
          category: b,
          supportGroup: a,
          breaches: [{ ...breach, objective: b }],
        });
        const { headers } = await headersAndText({ incident, seq: 2, transition: 'updated' });
        expect(Object.keys(headers).toSorted()).toEqual([
          'auto-submitted',
          'content-transfer-encoding',
          'content-type',
          'date',
          'from',
          'in-reply-to',
          'message-id',
          'mime-version',
          'references',
          'subject',
          'to',
        ]);
        expect(headers['content-type']).toBe('text/plain; charset=utf-8');
        expect(headers['to']).toBe('ops@example.com, Duty <duty@example.com>');
      }),
      { numRuns: 200 },
    );
  });
});
