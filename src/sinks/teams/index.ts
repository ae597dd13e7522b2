import type { Outcome } from '../../model/delivery.ts';
import { DAY_MS } from '../../model/time.ts';
import { outcomeOf } from '../outcome.ts';
import { defineSink, type SinkContext } from '../sink.ts';
import { inSteps, secretOf } from '../steps.ts';
import { cardBody, noticeBody } from './card.ts';

export interface TeamsOptions {
  /** Reference to the address of a flow, which holds its own key: `env:NAME` or `file:/path`. */
  readonly url: string;
}

type Context = SinkContext<TeamsOptions>;

export const teams = defineSink<TeamsOptions>({
  name: 'teams',
  summary: 'Posts a card to Microsoft Teams for what happens to an incident, through a Workflows flow.',
  class: 'chat',
  deliver: (message, context) => inSteps(() => post(cardBody(message, context.consoleUrl), context)),
  announce: (notice, context) => inSteps(() => post(noticeBody(notice), context)),
  testEveryMs: 7 * DAY_MS,
});

/** Addresses of before, which answer no more or take another kind of body. */
const RETIRED = ['.logic.azure.com', '.webhook.office.com'];

/**
 * No id comes back and no key is looked at, so that each transition is a card of its own. A flow ends with the account of who made
 * it, and nobody is told: hence the weekly test.
 */
async function post(body: string, context: Context): Promise<Outcome> {
  const { options } = context;
  const url = await secretOf(context, options.url);
  const host = URL.parse(url)?.hostname ?? '';
  if (RETIRED.some((end) => host.endsWith(end)))
    context.warn(
      'retired_address',
      `${options.url} holds an address of a kind that was retired: copy the new one from the flow ("When a Teams webhook request is received")`,
    );
  const result = await context.http({
    method: 'POST',
    url,
    headers: { 'content-type': 'application/json' },
    body,
  });
  return outcomeOf(result, context.now());
}
