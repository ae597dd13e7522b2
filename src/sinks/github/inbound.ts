import type { HookConfig } from '../../model/config/hook.ts';
import {
  HookFault,
  type HookRequest,
  hmacHex,
  type Inbound,
  isAnyOf,
  jsonOf,
  secretsIn,
  type Verdict,
} from '../inbound.ts';
import { deploymentEvents, told } from './deployment.ts';

export type GitHubOptions = Pick<HookConfig & { readonly type: 'github' }, 'secret' | 'deployments'>;

/**
 * Deployments, and how they go on.
 * @see https://docs.github.com/en/webhooks/webhook-events-and-payloads#deployment_status
 */
export const github: Inbound<GitHubOptions> = {
  tool: 'GitHub',
  deploys: true,
  hook: { secretsOf: ({ secret }) => [secret], verify, read, isUndated: true },
};

function verify({ headers, body }: HookRequest, secret: string): Verdict {
  const expected = secretsIn(secret).map((one) => `sha256=${hmacHex(one, body)}`);
  return isAnyOf([headers['x-hub-signature-256']], expected) ? 'genuine' : 'forged';
}

function read(request: HookRequest, { options }: { readonly options: GitHubOptions }) {
  if (request.headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true)
    throw new HookFault('it comes as a form: set the content type of the webhook to application/json');
  const said = jsonOf(request);
  // A ping, or an event that was not asked for. Which event it is stands in the body as well, and that is signed.
  if (typeof said !== 'object' || said === null || !('deployment' in said)) return [];
  const event = told.safeParse(said);
  if (!event.success)
    throw new HookFault(`${event.error.issues[0]!.path.join('.')} is not what a deployment has there`);
  return deploymentEvents(event.data, options.deployments);
}
