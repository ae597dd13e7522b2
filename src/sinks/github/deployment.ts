import { z } from 'zod';
import type { DeploymentRule } from '../../model/config/hook.ts';
import { JsonFault, parseJson } from '../../model/json.ts';
import { plainText } from '../../model/plain-text.ts';
import type { Deployed, Phase } from '../../model/remote-change.ts';
import { CHANGE_TYPES, versionRef } from '../../model/signals.ts';
import { HookFault, person, type RemoteEvent, written } from '../inbound.ts';

const user = z.object({ login: z.string(), type: z.string().nullish() });
const status = z.object({ id: z.int(), state: z.string(), description: z.string().nullish(), created_at: z.string() });

/** The parts of a `deployment` and of a `deployment_status` event that are read. */
export const told = z.object({
  deployment: z.object({
    id: z.int(),
    sha: z.string().min(1).max(64),
    ref: z.string().min(1).max(256),
    task: z.string(),
    environment: z.string().min(1).max(256),
    description: z.string().nullish(),
    payload: z.unknown(),
    creator: user.nullish(),
    created_at: z.string(),
  }),
  deployment_status: status.nullish(),
  repository: z.object({ full_name: z.string().max(200), html_url: z.url({ protocol: /^https?$/ }).max(500) }),
  workflow_run: z.object({ triggering_actor: user.nullish(), actor: user.nullish() }).nullish(),
  sender: user.nullish(),
});
type Told = z.output<typeof told>;

/** What whoever deploys may say in the payload of the deployment, under `plimsoll`. */
const words = z.strictObject({
  service: z.string().min(1).max(256).optional(),
  type: z.enum(CHANGE_TYPES).optional(),
  change: z.string().min(1).max(256).optional(),
  before: versionRef.optional(),
  after: versionRef.optional(),
});

/** What statuses stand for; `inactive` is of one that another has followed. */
const PHASE_OF: ReadonlyMap<string, Phase> = new Map<string, Phase>(
  Object.entries({
    queued: 'ordered',
    pending: 'ordered',
    waiting: 'ordered',
    in_progress: 'begun',
    success: 'implemented',
    failure: 'failed',
    error: 'failed',
  } as const),
);

/** What a deployment, or a status of one, tells by the first rule that it fits; nothing, where there is none. Throws `HookFault`. */
export function deploymentEvents(event: Told, rules: readonly DeploymentRule[]): RemoteEvent[] {
  const { deployment, deployment_status: said } = event;
  const rule = rules.find((one) => fits(one, event));
  const phase = said == null ? 'ordered' : PHASE_OF.get(said.state);
  if (rule === undefined || phase === undefined) return [];
  const id = String(deployment.id);
  const at = momentOf(said?.created_at ?? deployment.created_at);
  return [
    {
      // Ids of deliveries are not signed, and what they are ids of is.
      id: said == null ? `deployment:${id}` : `status:${said.id}`,
      about: { deployment: id },
      at,
      by: whoOf(event),
      acts: [],
      deployed: deployedOf(event, rule, phase, at),
    },
  ];
}

const fits = ({ repository, deployedTo, task }: DeploymentRule, { deployment, repository: of }: Told): boolean => {
  const [owner, name] = repository.toLowerCase().split('/');
  const [itsOwner, itsName] = of.full_name.toLowerCase().split('/');
  return (
    owner === itsOwner &&
    (name === '*' || name === itsName) &&
    (deployedTo === null || deployedTo === deployment.environment) &&
    task === deployment.task
  );
};

function deployedOf(event: Told, rule: DeploymentRule, phase: Phase, at: number): Deployed {
  const { deployment, deployment_status: status, repository } = event;
  const said = wordsIn(deployment.payload);
  const { html_url: url } = repository;
  const after = said.after ?? deployment[rule.version];
  return {
    deployment: String(deployment.id),
    service: serviceOf(rule, said.service),
    environment: rule.environment ?? deployment.environment,
    type: said.type ?? rule.type,
    change: said.change ?? null,
    before: said.before === undefined ? null : refOf(said.before),
    after: refOf(after),
    description: [status?.description, deployment.description].map((text) => written(text ?? '')).find(Boolean) ?? null,
    compare: `${url}/compare/{before}...${inPath(deployment[rule.version])}`,
    link: `${url}/commit/${inPath(deployment.sha)}`,
    phase,
    order: status?.id ?? 0,
    at,
  };
}

const inPath = (text: string): string => encodeURIComponent(text.toWellFormed());

function refOf(said: z.output<typeof versionRef>): Deployed['after'] {
  if (typeof said !== 'string') return said;
  const id = plainText(said, 256);
  if (id === '') throw new HookFault('a version has nothing in it that could be read');
  return { id };
}

function serviceOf({ services }: DeploymentRule, named: string | undefined): string {
  if (named !== undefined && services.includes(named)) return named;
  if (named === undefined && services.length === 1) return services[0]!;
  throw new HookFault(
    `payload.plimsoll.service is none of ${services.join(', ')}, which the rule of its repository names`,
  );
}

/** A payload is an object, or a text that may hold one. */
function wordsIn(payload: unknown): z.output<typeof words> {
  const whole = typeof payload === 'string' ? parsed(payload) : payload;
  const own = typeof whole === 'object' && whole !== null ? (whole as { plimsoll?: unknown }).plimsoll : undefined;
  if (own === undefined) return {};
  const read = words.safeParse(own);
  if (read.success) return read.data;
  const { path, message } = read.error.issues[0]!;
  throw new HookFault(`payload.${['plimsoll', ...path].join('.')} can't be read: ${plainText(message, 200)}`);
}

function parsed(text: string): unknown {
  try {
    return parseJson(Buffer.from(text));
  } catch (error) {
    if (error instanceof JsonFault) return null;
    throw error;
  }
}

/** Whoever deployed: a program that did so was set off by somebody. */
function whoOf({ deployment: { creator }, workflow_run: run, sender }: Told): RemoteEvent['by'] {
  const somebody = [creator, run?.triggering_actor, run?.actor, sender].filter((one) => one != null);
  const who = somebody.find(({ type }) => type !== 'Bot') ?? somebody[0];
  return who === undefined ? null : person(who.login, who.login);
}

function momentOf(text: string): number {
  const at = Date.parse(text);
  if (!Number.isFinite(at)) throw new HookFault('created_at is no time');
  return at;
}
