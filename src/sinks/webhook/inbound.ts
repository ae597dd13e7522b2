import { z } from 'zod';
import { CLOSE_CODES, HOLD_REASONS } from '../../model/incident.ts';
import type { Act } from '../../model/remote-act.ts';
import {
  HookFault,
  type HookRequest,
  type Inbound,
  incidentOf,
  isAnyOf,
  isFresh,
  jsonOf,
  person,
  type ReadContext,
  type RemoteEvent,
  type Verdict,
  written,
} from '../inbound.ts';
import type { WebhookOptions } from './index.ts';
import { keysOf, signatureOf } from './signature.ts';

const text = z.string().min(1).max(8192);
const weight = z.union([z.literal(1), z.literal(2), z.literal(3)]);
const priority = z.union([weight, z.literal(4), z.literal(5)]);
const common = {
  /** `INC-42`, or the correlation id. */
  incident: z.string().max(200),
  by: z.object({ id: z.string().min(1).max(200), name: z.string().max(200).nullish() }),
  at: z.iso.datetime({ offset: true }).nullish(),
};

/** A shape of `data`, and what it says was done. */
const saying = <T extends z.ZodRawShape>(
  shape: T,
  actOf: (data: z.output<z.ZodObject<typeof common & T, z.core.$strict>>) => Act,
) =>
  z
    .strictObject({ ...common, ...shape })
    .transform((data) => ({ said: data as z.output<z.ZodObject<typeof common>>, act: actOf(data as never) }));

/** What may be told, by the name that follows `incident.`: what our own events are called where there is one. */
const DATA = {
  acknowledged: saying({}, () => ({ type: 'acknowledge' })),
  unacknowledged: saying({}, () => ({ type: 'unacknowledge' })),
  assigned: saying({ to: text.max(256) }, ({ to }) => ({ type: 'assign', to: written(to) })),
  held: saying({ reason: z.enum(HOLD_REASONS) }, ({ reason }) => ({ type: 'hold', reason })),
  resumed: saying({}, () => ({ type: 'resume' })),
  noted: saying({ text }, (data) => ({ type: 'note', text: written(data.text) })),
  prioritized: saying(
    { impact: weight.exactOptional(), urgency: weight.exactOptional(), priority: priority.exactOptional() },
    ({ impact, urgency, priority: value }) => ({
      type: 'prioritize',
      ...(impact !== undefined && { impact }),
      ...(urgency !== undefined && { urgency }),
      ...(value !== undefined && { priority: value }),
    }),
  ),
  resolved: saying(
    { code: z.enum(CLOSE_CODES).default('solution_provided'), notes: text.nullish() },
    ({ code, notes }) => ({ type: 'resolve', code, notes: notes == null ? null : written(notes) }),
  ),
  reopened: saying({}, () => ({ type: 'reopen' })),
  merged: saying({ into: text.max(200) }, ({ into }) => ({ type: 'merge', into: written(into) })),
  deleted: saying({}, () => ({ type: 'delete' })),
} as const;
type Kind = keyof typeof DATA;

const envelope = z.object({ type: z.string(), data: z.unknown() });

/**
 * The scheme that it is told by, in the other direction: Standard Webhooks 1.0.0, with `{type, data}` as the body.
 * @see docs/guide/coming-back.md
 */
export const inbound: Inbound<WebhookOptions> = {
  tool: 'Webhook',
  hook: {
    secretsOf: ({ secret, previousSecret, webhookSecret }) =>
      webhookSecret == null ? [secret, previousSecret] : [webhookSecret],
    verify,
    read,
  },
  // It was promised every transition.
  hearsItself: true,
};

function verify({ headers, body }: HookRequest, secret: string, now: number): Verdict {
  const id = headers['webhook-id'] ?? '';
  const timestamp = headers['webhook-timestamp'];
  const given = (headers['webhook-signature'] ?? '').split(' ', 20);
  const expected = keysIn(secret).map((key) => signatureOf(key, id, timestamp ?? '', body));
  if (id === '' || !isAnyOf(given, expected)) return 'forged';
  return isFresh(timestamp, now) ? 'genuine' : 'stale';
}

/** What can't be a key has signed nothing. */
function keysIn(secret: string): Buffer[] {
  try {
    return keysOf(secret);
  } catch (error) {
    if (error instanceof RangeError) return [];
    throw error;
  }
}

function read(request: HookRequest, { deployment }: ReadContext<WebhookOptions>): RemoteEvent[] {
  const id = request.headers['webhook-id']!;
  // Our own message, sent back by somebody who forwards all that they get.
  if (id.startsWith(`plimsoll-${deployment}-`)) return [];
  const parsed = envelope.safeParse(jsonOf(request));
  if (!parsed.success) throw new HookFault('it has no type and data');
  const kind = /^(?:dev\.plimsoll\.)?incident\.([a-z]+)(?:\.v1)?$/.exec(parsed.data.type)?.[1] ?? '';
  if (!Object.hasOwn(DATA, kind))
    throw new HookFault(
      `its type is none of ${Object.keys(DATA)
        .map((one) => `incident.${one}`)
        .join(', ')}`,
    );
  const data = DATA[kind as Kind].safeParse(parsed.data.data);
  if (!data.success)
    throw new HookFault(
      `data.${data.error.issues[0]!.path.join('.') || 'data'} is not what incident.${kind} has there`,
    );
  const { said, act } = data.data;
  const incident = /^INC-\d{1,12}$/.test(said.incident) ? said.incident : incidentOf(deployment, said.incident);
  if (incident === null) throw new HookFault('data.incident is no id of an incident');
  return [
    {
      id: id.slice(0, 200),
      about: { incident },
      at: said.at == null ? null : Date.parse(said.at),
      by: person(said.by.id, said.by.name),
      acts: [act],
    },
  ];
}
