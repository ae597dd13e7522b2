import { bySharedSecret, HookFault, type Inbound, jsonOf } from '../inbound.ts';
import { absorb, compare } from './compare.ts';
import type { ITopOptions } from './door.ts';
import { poll } from './poll.ts';
import { eventOf, shownTicket } from './shown.ts';

export const inbound: Inbound<ITopOptions> = {
  tool: 'iTop',
  hook: {
    secretsOf: ({ webhookSecret }) => [webhookSecret],
    verify: bySharedSecret,
    read: (request) => {
      const parsed = shownTicket.safeParse(jsonOf(request));
      if (!parsed.success || !/^\d{1,12}$/.test(parsed.data.id))
        throw new HookFault('it is not a ticket as the notification posts it');
      return [eventOf(parsed.data)];
    },
  },
  poll,
  compare,
  absorb,
};
