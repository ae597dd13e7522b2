import type { Outcome } from '../../model/delivery.ts';
import { outcomeOf, secretUnreadable } from '../outcome.ts';
import { defineSink, type SinkContext } from '../sink.ts';
import { checkpointBody, eventBody, noticeBody } from './event.ts';
import { inbound } from './inbound.ts';
import { problemBody } from './problem-event.ts';
import { keysOf, signedHeaders } from './signature.ts';

export interface WebhookOptions {
  /** The whole address that is posted to. May hold a key, so it is treated as a secret. */
  readonly url: string;
  /** `env:NAME` or `file:/path`. */
  readonly secret: string;
  /** Of what comes back, as `secret`; null: the same. */
  readonly webhookSecret: string | null;
  /** While one replaces the other both sign. */
  readonly previousSecret?: string | null;
}

export const webhook = defineSink<WebhookOptions>({
  name: 'webhook',
  summary: 'Posts every transition of incidents and problems as a signed CloudEvent (Standard Webhooks).',
  class: 'record',
  everyTransition: true,
  deliver: (message, context) => post(message.deliveryId, () => eventBody(message, context), context),
  problem: (message, context) => post(message.deliveryId, () => problemBody(message, context), context),
  announce: (notice, context) => post(notice.deliveryId, () => noticeBody(notice, context), context),
  anchor: (checkpoint, context) => post(checkpoint.deliveryId, () => checkpointBody(checkpoint, context), context),
  inbound,
});

async function post(id: string, bodyOf: () => string, context: SinkContext<WebhookOptions>): Promise<Outcome> {
  const { options, now } = context;
  const keys: Buffer[] = [];
  for (const reference of [options.secret, options.previousSecret]) {
    if (reference == null) continue;
    const secret = await context.secret(reference).catch(() => null);
    if (secret === null) return secretUnreadable(reference);
    try {
      keys.push(...keysOf(secret));
    } catch (error) {
      return { kind: 'permanent', reason: `the secret ${reference} holds no key: ${(error as RangeError).message}` };
    }
  }
  const body = bodyOf();
  const result = await context.http({
    method: 'POST',
    url: options.url,
    headers: { 'content-type': 'application/cloudevents+json', ...signedHeaders(keys, id, now(), body) },
    body,
  });
  return outcomeOf(result, now());
}
