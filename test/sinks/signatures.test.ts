import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HookRequest, Verdict } from '../../src/sinks/inbound.ts';
import { type SinkType, sinks } from '../../src/sinks/index.ts';

const BODY = '{"test": 2432232314}';
const AT = 1_614_265_330_000;
const HEX = 'ec2b354a4fcfaf5425526006e04c2d969feef9a2439937dd7f4fc8ef93084661';
const SECRET = 'plimsoll-test';

const verdict = (type: SinkType, headers: Record<string, string>, body: string, secret = SECRET, now = AT): Verdict => {
  const request: HookRequest = { headers, body: Buffer.from(body) };
  return sinks[type].inbound!.hook!.verify(request, secret, now);
};

describe('the published vectors', () => {
  it('Standard Webhooks', () => {
    const headers = {
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    };
    const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
    expect(verdict('webhook', headers, BODY, secret)).toBe('genuine');
    const rotating = { ...headers, 'webhook-signature': `v1,AAAA v1a,BBBB ${headers['webhook-signature']}` };
    expect(verdict('webhook', rotating, BODY, `whsec_AAAA\n${secret}`)).toBe('genuine');
    expect(verdict('webhook', headers, `${BODY} `, secret)).toBe('forged');
    expect(verdict('webhook', { ...headers, 'webhook-id': 'msg_other' }, BODY, secret)).toBe('forged');
    expect(verdict('webhook', headers, BODY, 'whsec_!!!')).toBe('forged');
    expect(verdict('webhook', headers, BODY, secret, AT + 300_000)).toBe('genuine');
    expect(verdict('webhook', headers, BODY, secret, AT + 301_000)).toBe('stale');
    expect(verdict('webhook', headers, BODY, secret, AT - 301_000)).toBe('stale');
  });

  it('PagerDuty, and two secrets while one takes the place of the other', () => {
    expect(verdict('pagerduty', { 'x-pagerduty-signature': `v1=${HEX}` }, BODY)).toBe('genuine');
    expect(verdict('pagerduty', { 'x-pagerduty-signature': `v1=00,v1=${HEX}` }, BODY, `new\n${SECRET}`)).toBe(
      'genuine',
    );
    expect(verdict('pagerduty', { 'x-pagerduty-signature': HEX }, BODY)).toBe('forged');
    expect(verdict('pagerduty', { 'x-pagerduty-signature': `v1=${HEX.toUpperCase()}` }, BODY)).toBe('forged');
    expect(verdict('pagerduty', {}, BODY)).toBe('forged');
  });

  it('Jira', () => {
    expect(verdict('jira', { 'x-hub-signature': `sha256=${HEX}` }, BODY)).toBe('genuine');
    expect(verdict('jira', { 'x-hub-signature': `sha1=${HEX}` }, BODY)).toBe('forged');
    expect(verdict('jira', { 'x-hub-signature': `sha256=${HEX}` }, `${BODY}\n`)).toBe('forged');
  });

  it('Grafana, with and without a time', () => {
    const timed = '1297a754a783ab1144191efc8ed4ad2d9fa675f57eb453be8cc493db74c09b9a';
    const headers = { 'x-grafana-alerting-signature': timed, 'x-grafana-alerting-timestamp': '1614265330' };
    expect(verdict('grafana', headers, BODY)).toBe('genuine');
    expect(verdict('grafana', headers, BODY, SECRET, AT + 400_000)).toBe('stale');
    expect(verdict('grafana', { ...headers, 'x-grafana-alerting-timestamp': '1614265331' }, BODY)).toBe('forged');
    expect(verdict('grafana', { 'x-grafana-alerting-signature': HEX }, BODY)).toBe('genuine');
    // A signature without its time is no signature of the body alone.
    expect(verdict('grafana', { 'x-grafana-alerting-signature': timed }, BODY)).toBe('forged');
    expect(verdict('grafana', { authorization: `Bearer ${SECRET}` }, BODY)).toBe('genuine');
    // Who shows a wrong signature is not let in by another way.
    expect(verdict('grafana', { 'x-grafana-alerting-signature': 'x', authorization: `Bearer ${SECRET}` }, BODY)).toBe(
      'forged',
    );
  });

  it('Slack', () => {
    const body =
      'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c';
    const headers = {
      'x-slack-signature': 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
      'x-slack-request-timestamp': '1531420618',
    };
    const secret = '8f742231b10e8888abcd99yyyzzz85a5';
    const at = 1_531_420_618_000;
    expect(verdict('slack', headers, body, secret, at)).toBe('genuine');
    expect(verdict('slack', headers, body, secret, at + 301_000)).toBe('stale');
    expect(verdict('slack', headers, body, 'another', at)).toBe('forged');
    expect(verdict('slack', { 'x-slack-signature': headers['x-slack-signature'] }, body, secret, at)).toBe('forged');
  });

  it.each(['servicenow', 'itop', 'alertmanager'] as const)('%s shows the secret', (type) => {
    expect(verdict(type, { 'x-plimsoll-secret': SECRET }, BODY)).toBe('genuine');
    expect(verdict(type, { authorization: `Bearer ${SECRET}` }, BODY)).toBe('genuine');
    for (const given of ['', 'plimsoll-tes', 'plimsoll-test ', 'PLIMSOLL-TEST'])
      expect(verdict(type, { 'x-plimsoll-secret': given }, BODY)).toBe('forged');
    expect(verdict(type, {}, BODY)).toBe('forged');
  });
});

describe('whatever comes', () => {
  const hooked = (Object.keys(sinks) as SinkType[]).filter((type) => sinks[type].inbound?.hook !== undefined);
  const header = fc.constantFrom(
    'x-pagerduty-signature',
    'x-hub-signature',
    'x-slack-signature',
    'x-slack-request-timestamp',
    'webhook-id',
    'webhook-timestamp',
    'webhook-signature',
    'x-grafana-alerting-signature',
    'x-plimsoll-secret',
    'authorization',
  );

  it.each(hooked)('%s takes nothing for genuine that nobody signed, and does not fall over', (type) => {
    fc.assert(
      fc.property(fc.dictionary(header, fc.string({ unit: 'binary' })), fc.uint8Array(), (headers, body) => {
        const given = sinks[type].inbound!.hook!.verify({ headers, body }, 'a secret that nobody knows', AT);
        expect(given).not.toBe('genuine');
      }),
      { numRuns: 300 },
    );
  });

  it('bytes are signed, not characters', () => {
    const body = Buffer.from([0xff, 0xfe, 0x00, 0x7b]);
    const signature = `v1=${createHmac('sha256', SECRET).update(body).digest('hex')}`;
    const request = { headers: { 'x-pagerduty-signature': signature }, body };
    expect(sinks.pagerduty.inbound!.hook!.verify(request, SECRET, AT)).toBe('genuine');
  });
});
