import { z } from 'zod';
import { isPriority, type Priority } from '../../model/incident.ts';
import type { Act } from '../../model/remote-act.ts';
import {
  HookFault,
  type HookRequest,
  hmacHex,
  type Inbound,
  incidentOf,
  isAnyOf,
  jsonOf,
  person,
  type RemoteEvent,
  secretsIn,
  type Verdict,
  written,
} from '../inbound.ts';
import type { PagerDutyOptions } from './index.ts';
import type { Told } from './told.ts';

const reference = z.object({ id: z.string(), type: z.string().default(''), summary: z.string().nullish() });
const callback = z.object({
  event: z.object({
    id: z.string().min(1).max(200),
    event_type: z.string(),
    occurred_at: z.string().nullish(),
    agent: reference.nullish(),
    data: z
      .object({
        id: z.string().nullish(),
        incident_key: z.string().nullish(),
        assignees: z.array(reference).nullish(),
        priority: reference.nullish(),
        resolve_reason: z.object({ type: z.string(), incident: reference.nullish() }).nullish(),
        content: z.string().nullish(),
        incident: reference.nullish(),
      })
      .nullish(),
  }),
});
type Data = NonNullable<z.output<typeof callback>['event']['data']>;

/**
 * Webhooks of version 3. They carry no time of their own, so what keeps a request from being told again is its event's id.
 * @see https://developer.pagerduty.com/docs/webhooks/v3-overview/
 */
export const inbound: Inbound<PagerDutyOptions> = {
  tool: 'PagerDuty',
  hook: { secretsOf: ({ webhookSecret }) => [webhookSecret], verify, read, isUndated: true },
  idIn: ({ state }) => (state as Told | undefined)?.incident ?? null,
  absorb: (remote, event) => ({ ...remote, state: after(remote.state as Told | undefined, event) }),
};

/** `v1=<hex>`, one for each secret in force, with a comma between them. */
function verify({ headers, body }: HookRequest, secret: string): Verdict {
  const given = (headers['x-pagerduty-signature'] ?? '').split(',', 10).map((one) => one.trim());
  const expected = secretsIn(secret).map((one) => `v1=${hmacHex(one, body)}`);
  return isAnyOf(given, expected) ? 'genuine' : 'forged';
}

function read(request: HookRequest, { deployment }: { deployment: string }): RemoteEvent[] {
  const parsed = callback.safeParse(jsonOf(request));
  if (!parsed.success) throw new HookFault('it is not an event of version 3');
  const { id, event_type, occurred_at, agent, data } = parsed.data.event;
  const about = data && aboutOf(data, deployment);
  if (!data || about === null || about === undefined) return [];
  const doer = agent?.type.startsWith('user') ? agent : null;
  const isPerson = doer !== null;
  const type = event_type.replace(/^incident\./, '');
  const acts = isPerson || type === 'unacknowledged' ? actsOf(type, data) : [];
  const at = Date.parse(occurred_at ?? '');
  return [
    {
      id,
      about,
      at: Number.isFinite(at) ? at : null,
      by: doer && person(doer.id, doer.summary),
      acts,
      shows: { type, incident: 'incident' in about ? (data.id ?? null) : null },
      ...(acts.length === 0 && { own: true as const }),
    },
  ];
}

/** A note names the incident alone, by PagerDuty's own id of it. */
function aboutOf(data: Data, deployment: string): RemoteEvent['about'] | null {
  const incident = incidentOf(deployment, data.incident_key);
  if (incident !== null) return { incident };
  return data.incident == null ? null : { remoteId: data.incident.id };
}

function actsOf(type: string, { assignees, priority, resolve_reason: why, content }: Data): Act[] {
  switch (type) {
    case 'acknowledged':
    case 'unacknowledged':
      return [{ type: type === 'acknowledged' ? 'acknowledge' : 'unacknowledge' }];
    case 'resolved':
      return why?.type.startsWith('merge') === true
        ? [
            {
              type: 'merge',
              into: written(why.incident?.summary ?? why.incident?.id ?? 'another incident').slice(0, 200),
            },
          ]
        : [{ type: 'resolve', code: 'solution_provided', notes: null }];
    case 'reopened':
      return [{ type: 'reopen' }];
    case 'reassigned':
    case 'delegated': {
      const to = written(assignees?.[0]?.summary ?? '').slice(0, 256);
      return to === '' ? [] : [{ type: 'assign', to }];
    }
    case 'priority_updated': {
      const value = priorityNamed(priority?.summary ?? '');
      return value === null ? [] : [{ type: 'prioritize', priority: value }];
    }
    case 'annotated': {
      const text = written(content ?? '');
      return text === '' ? [] : [{ type: 'note', text }];
    }
    default:
      return [];
  }
}

/** `P2`, as they are called unless somebody named them otherwise. */
function priorityNamed(name: string): Priority | null {
  const value = Number(/^\s*(?:P|SEV-?)([1-5])\b/i.exec(name)?.[1] ?? Number.NaN);
  return isPriority(value) ? value : null;
}

/** What PagerDuty's alert is like, after somebody did something to it. */
function after(told: Told | undefined, { shows, own }: RemoteEvent): Told | undefined {
  if (told === undefined) return told;
  const { type, incident } = shows as { type: string; incident: string | null };
  const known = incident === null ? told : { ...told, incident };
  if (own === true) return known;
  if (type === 'acknowledged') return { ...known, acknowledged: true };
  if (type === 'unacknowledged') return { ...known, acknowledged: false };
  if (type === 'resolved') return { ...known, open: false, acknowledged: false };
  return type === 'reopened' ? { ...known, open: true, acknowledged: false } : known;
}
