import type { Message, Outcome } from '../../model/delivery.ts';
import { correlationId } from '../../model/incident.ts';
import { defineSink, type SinkContext } from '../sink.ts';
import { inSteps } from '../steps.ts';
import { keepTicket } from '../ticket.ts';
import { inbound } from './inbound.ts';
import { type JiraOptions, jiraTool } from './tool.ts';

export type { JiraOptions } from './tool.ts';

export const jira = defineSink<JiraOptions>({
  name: 'jira',
  summary: 'Keeps one issue an incident in Jira or Jira Service Management Cloud.',
  class: 'record',
  deliver: (message, context) => inSteps(() => deliver(message, context)),
  inbound,
});

async function deliver(message: Message, context: SinkContext<JiraOptions>): Promise<Outcome> {
  const id = correlationId(context.deployment, message.incident.id);
  return keepTicket(message, await jiraTool(message, id, context), context.warn);
}
