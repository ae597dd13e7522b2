import type { Message, Outcome } from '../../model/delivery.ts';
import { outcomeOf } from '../outcome.ts';
import { defineSink, type SinkContext } from '../sink.ts';
import { inSteps, secretOf } from '../steps.ts';
import { cardBody } from './card.ts';

export interface TeamsOptions {
  /** Reference to the address of a flow, which holds its own key: `env:NAME` or `file:/path`. */
  readonly url: string;
}

type Context = SinkContext<TeamsOptions>;

export const teams = defineSink<TeamsOptions>({
  name: 'teams',
  summary: 'Posts a card to Microsoft Teams for what happens to an incident, through a Workflows flow.',
  class: 'chat',
  deliver: (message, context) => inSteps(() => deliver(message, context)),
});

/** Addresses of before, which answer no more or take another kind of body. */
const RETIRED = ['.logic.azure.com', '.webhook.office.com'];

/** No id comes back and no key is looked at, so that each transition is a card of its own. */
async function deliver(message: Message, context: Context): Promise<Outcome> {
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
    body: cardBody(message, context.consoleUrl),
  });
  return outcomeOf(result, context.now());
}
