import { z } from 'zod';
import { bySharedSecret, HookFault, type Inbound, jsonOf } from '../inbound.ts';
import { approverRow, changeEvent, changeRow } from './changes.ts';
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

/** Posted for a change: `table` says so. */
const postedChange = changeRow.extend({
  table: z.literal('change_request'),
  approvers: z.array(approverRow).max(100).default([]),
});

export const inbound: Inbound<ServiceNowOptions> = {
  tool: 'ServiceNow',
  hook: {
    secretsOf: ({ webhookSecret }) => [webhookSecret],
    verify: bySharedSecret,
    read: (request, context) => {
      const said = jsonOf(request);
      const change = postedChange.safeParse(said);
      if (change.success) return [changeEvent(change.data, change.data.approvers)];
      const parsed = posted.safeParse(said);
      if (!parsed.success) throw new HookFault('it is not a record as the business rule posts it');
      const { notes, ...row } = parsed.data;
      const event = eventOf(row, context);
      if (event === null) return [];
      const noted = notes.flatMap((note) => noteOf({ ...note, element_id: row.sys_id }, row, context) ?? []);
      // What the integration itself did is seen as well by the next look, with how things stand then.
      return isOurs(row.sys_updated_by, row, context) ? noted : [event, ...noted];
    },
  },
  poll,
  compare,
  absorb,
};
