import { z } from 'zod';
import { CHANGE_TYPES } from '../signals.ts';
import { map } from './document.ts';
import { label, list, maybe, secret, text } from './fields.ts';

const repository = z
  .string({ error: 'expected a repository like acme/support-bot, or acme/*' })
  .regex(/^[\w.-]+\/([\w.-]+|\*)$/, 'expected a repository like acme/support-bot, or acme/*');

/** Which service, environment and version a deployment is of. */
const deployment = map({
  repository,
  /** The environment as the tool calls it; none: all of them. */
  deployedTo: maybe(text),
  /** The environment as Plimsoll calls it; none: the same name. */
  environment: maybe(text),
  task: text.default('deploy'),
  /** Of several the deployment says in its payload which one it is. */
  services: list(text).min(1, 'expected one service or more'),
  type: z.enum(CHANGE_TYPES).default('infrastructure'),
  /** What the version is called. */
  version: z.enum(['sha', 'ref'], { error: 'expected sha or ref' }).default('sha'),
});
export type DeploymentRule = z.output<typeof deployment>;

const github = map({
  name: label,
  type: z.literal('github'),
  /** Signs what comes. */
  secret,
  deployments: list(deployment).min(1, 'expected one rule or more'),
});

/** Tools that tell of changes, and are told nothing. */
export const hook = z.discriminatedUnion('type', [github]);
export type HookConfig = z.output<typeof hook>;
