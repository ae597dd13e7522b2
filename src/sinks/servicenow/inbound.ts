import { z } from 'zod';
import { bySharedSecret, HookFault, type Inbound, jsonOf } from '../inbound.ts';
import { absorb, compare } from './compare.ts';
import type { ServiceNowOptions } from './door.ts';
import { poll } from './poll.ts';
import { eventOf, isOurs, journalRow, noteOf, shownRow } from './shown.ts';

const posted = shownRow.extend({
  notes: z
    .array(journalRow.omit({ element_id: true }))
    .max(50)
    .default([]),
});

export const inbound: Inbound<ServiceNowOptions> = {
  tool: 'ServiceNow',
  hook: {
    secretsOf: ({ webhookSecret }) => [webhookSecret],
    verify: bySharedSecret,
    read: (request, context) => {
      const parsed = posted.safeParse(jsonOf(request));
      if (!parsed.success) throw new HookFault('it is not a record as the business rule posts it');
      const { notes, ...row } = parsed.data;
      const event = eventOf(row, context);
      if (event === null) return [];
      const said = notes.flatMap((note) => noteOf({ ...note, element_id: row.sys_id }, row, context) ?? []);
      // What the integration itself did is seen as well by the next look, with how things stand then.
      return isOurs(row.sys_updated_by, row, context) ? said : [event, ...said];
    },
  },
  poll,
  compare,
  absorb,
};
