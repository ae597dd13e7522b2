import { z } from 'zod';
import type { Act } from '../../model/remote-act.ts';
import {
  HookFault,
  type HookRequest,
  hmacHex,
  type Inbound,
  incidentOf,
  isAnyOf,
  isFresh,
  jsonOf,
  person,
  type ReadContext,
  type RemoteEvent,
  secretsIn,
  type Verdict,
} from '../inbound.ts';
import type { SlackOptions } from './api.ts';
import { ACKNOWLEDGE, RESOLVE } from './buttons.ts';

const interaction = z.object({
  type: z.string(),
  user: z.object({ id: z.string().min(1), username: z.string().nullish(), name: z.string().nullish() }),
  channel: z.object({ id: z.string() }).nullish(),
  actions: z
    .array(z.object({ action_id: z.string(), value: z.string().nullish(), action_ts: z.string().default('') }))
    .max(20)
    .default([]),
});

/**
 * What people do with the buttons of a message.
 * @see https://docs.slack.dev/authentication/verifying-requests-from-slack/
 */
export const inbound: Inbound<SlackOptions> = {
  tool: 'Slack',
  hook: { secretsOf: ({ signingSecret }) => [signingSecret], verify, read, silent: true },
  hearsItself: true,
};

function verify({ headers, body }: HookRequest, secret: string, now: number): Verdict {
  const timestamp = headers['x-slack-request-timestamp'];
  const expected = secretsIn(secret).map((one) => `v0=${hmacHex(one, `v0:${timestamp ?? ''}:`, body)}`);
  if (!isAnyOf([headers['x-slack-signature']], expected)) return 'forged';
  return isFresh(timestamp, now) ? 'genuine' : 'stale';
}

/** A form whose one field is JSON. What was pressed in another channel, or in a message of another Plimsoll, is of no concern. */
function read({ body }: HookRequest, { options, deployment }: ReadContext<SlackOptions>): RemoteEvent[] {
  const payload = new URLSearchParams(Buffer.from(body).toString('utf8')).get('payload');
  const parsed = interaction.safeParse(
    payload === null ? null : jsonOf({ body: Buffer.from(payload, 'utf8') }, 'its payload'),
  );
  if (!parsed.success) throw new HookFault('it is not an interaction of Slack');
  const { type, user, channel, actions } = parsed.data;
  if (type !== 'block_actions' || channel?.id !== options.channel) return [];
  return actions.flatMap(({ action_id, value, action_ts }) => {
    const incident = incidentOf(deployment, value);
    const act = ACTS[action_id];
    if (incident === null || act === undefined) return [];
    const at = Math.round(Number(action_ts) * 1000);
    return [
      {
        id: `${user.id}:${action_id}:${incident}:${action_ts}`.slice(0, 200),
        about: { incident },
        at: Number.isFinite(at) && at > 0 ? at : null,
        by: person(user.id, user.name ?? user.username),
        acts: [act],
      },
    ];
  });
}

const ACTS: Readonly<Record<string, Act>> = {
  [ACKNOWLEDGE]: { type: 'acknowledge' },
  [RESOLVE]: { type: 'resolve', code: 'solution_provided', notes: null },
};
