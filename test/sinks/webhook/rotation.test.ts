import { Webhook } from 'standardwebhooks';
import { expect, it } from 'vitest';
import type { HttpRequest } from '../../../src/sinks/sink.ts';
import { webhook } from '../../../src/sinks/webhook/index.ts';
import { messageOf } from '../../messages.ts';
import { noMail } from '../../standins/no-mail.ts';

const key = (text: string): string => `whsec_${Buffer.from(text.padEnd(32, '.')).toString('base64')}`;
const SECRETS: Readonly<Record<string, string>> = { 'env:NEW': key('new'), 'env:OLD': key('old') };

const sent = async (options: { secret: string; previousSecret: string | null }) => {
  const requests: HttpRequest[] = [];
  const outcome = await webhook.deliver(messageOf(), {
    options: { url: 'https://ops.example.com/in', webhookSecret: null, ...options },
    http: async (request) => {
      requests.push(request);
      return { kind: 'answer', status: 200, headers: {}, body: '' };
    },
    mail: noMail,
    now: Date.now,
    secret: async (reference) => SECRETS[reference] ?? Promise.reject(new Error('gone')),
    deployment: 'eu1',
    consoleUrl: 'https://plimsoll.example.com',
    warn: () => {},
  });
  return { outcome, request: requests[0] };
};

it('while one signing secret replaces the other, receivers with either take what is sent', async () => {
  const { request } = await sent({ secret: 'env:NEW', previousSecret: 'env:OLD' });
  for (const secret of Object.values(SECRETS))
    expect(() => new Webhook(secret).verify(request!.body!, request!.headers)).not.toThrow();
  expect(request!.headers['webhook-signature']!.split(' ')).toHaveLength(2);
  const alone = (await sent({ secret: 'env:NEW', previousSecret: null })).request!;
  expect(() => new Webhook(SECRETS['env:OLD']!).verify(alone.body!, alone.headers)).toThrow();
});

it('of two signing secrets both have to be there: nothing is sent with one of them alone', async () => {
  const { outcome, request } = await sent({ secret: 'env:NEW', previousSecret: 'env:GONE' });
  expect([outcome.kind, request]).toEqual(['retry', undefined]);
});
