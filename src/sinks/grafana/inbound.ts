import { alertEvents } from '../alerts-inbound.ts';
import {
  bySharedSecret,
  type HookRequest,
  hmacHex,
  type Inbound,
  isAnyOf,
  isFresh,
  secretsIn,
  type Verdict,
} from '../inbound.ts';
import type { GrafanaOptions } from './index.ts';

/**
 * A contact point of type webhook: signed (HMAC, hex, with or without a time), or with the secret as a bearer token.
 * @see https://grafana.com/docs/grafana/latest/alerting/configure-notifications/manage-contact-points/integrations/webhook-notifier/
 */
export const inbound: Inbound<GrafanaOptions> = {
  tool: 'Grafana',
  hook: { secretsOf: ({ webhookSecret }) => [webhookSecret], verify, read: alertEvents },
};

const SIGNATURE = 'x-grafana-alerting-signature';
/** The name that docs/guide/coming-back.md has people give to the header of the time. */
const TIMESTAMP = 'x-grafana-alerting-timestamp';

function verify(request: HookRequest, secret: string, now: number): Verdict {
  const { headers, body } = request;
  const given = headers[SIGNATURE];
  if (given === undefined) return bySharedSecret(request, secret);
  const timestamp = headers[TIMESTAMP];
  const signed = timestamp === undefined ? [body] : [`${timestamp}:`, body];
  const expected = secretsIn(secret).map((one) => hmacHex(one, ...signed));
  if (!isAnyOf([given], expected)) return 'forged';
  return timestamp === undefined || isFresh(timestamp, now) ? 'genuine' : 'stale';
}
