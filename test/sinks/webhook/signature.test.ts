import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { expect, it } from 'vitest';
import { keysOf, signedHeaders } from '../../../src/sinks/webhook/signature.ts';

it('signs the vector that the libraries agree on', () => {
  const headers = signedHeaders(
    keysOf('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'),
    'msg_p5jXN8AQM9LWM0D4loKWxJek',
    1_614_265_330_999,
    '{"test": 2432232314}',
  );
  expect(headers).toEqual({
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  });
});

it('is accepted by the reference library, whatever the body and whichever of two keys it holds', () => {
  const secret = fc
    .uint8Array({ minLength: 24, maxLength: 64 })
    .map((bytes) => `whsec_${Buffer.from(bytes).toString('base64')}`);
  const text = fc.string({ unit: 'grapheme' });
  fc.assert(
    fc.property(secret, secret, text, text, (one, two, id, value) => {
      const body = JSON.stringify({ value });
      const headers = signedHeaders(keysOf(`${one}\n${two}\n`), id || 'x', Date.now(), body);
      for (const key of [one, two]) expect(new Webhook(key).verify(body, headers)).toEqual({ value });
    }),
  );
});

it('takes a plain text for its UTF-8 bytes', () => {
  const [key] = keysOf('grün');
  expect(key).toEqual(Buffer.from('grün', 'utf8'));
  const headers = signedHeaders([key!], 'id', Date.now(), '{}');
  expect(new Webhook(key!, { format: 'raw' }).verify('{}', headers)).toEqual({});
});

it.each(['', '\n', 'whsec_', 'whsec_not base64', 'whsec_äöü', 'good\nwhsec_!'])(
  'refuses %j without repeating it',
  (secret) => {
    expect(() => keysOf(secret)).toThrow(RangeError);
    try {
      keysOf(secret);
    } catch (error) {
      expect((error as Error).message).toMatch(/^(it is empty|whsec_ has to be followed by base64)$/);
    }
  },
);
