import { alertEvents } from '../alerts-inbound.ts';
import { bySharedSecret, type Inbound } from '../inbound.ts';
import type { AlertmanagerOptions } from './index.ts';
import { poll } from './poll.ts';

/** A receiver of type webhook, with the secret as its bearer token (`http_config.authorization`). */
export const inbound: Inbound<AlertmanagerOptions> = {
  tool: 'Alertmanager',
  hook: { secretsOf: ({ webhookSecret }) => [webhookSecret], verify: bySharedSecret, read: alertEvents },
  poll,
};
