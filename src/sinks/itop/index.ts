import type { Message, Outcome } from '../../model/delivery.ts';
import { correlationId } from '../../model/incident.ts';
import { defineSink, type SinkContext } from '../sink.ts';
import { inSteps } from '../steps.ts';
import { keepTicket } from '../ticket.ts';
import { doorOf, type ITopOptions } from './door.ts';
import { inbound } from './inbound.ts';
import { itopTool } from './tool.ts';

export type { ITopOptions } from './door.ts';

export const itop = defineSink<ITopOptions>({
  name: 'itop',
  summary: 'Keeps one ticket of class Incident in Combodo iTop.',
  class: 'record',
  deliver: (message, context) => inSteps(() => deliver(message, context)),
  inbound,
});

async function deliver(message: Message, context: SinkContext<ITopOptions>): Promise<Outcome> {
  const id = correlationId(context.deployment, message.incident.id);
  return keepTicket(message, itopTool(message, id, await doorOf(context), context), context.warn);
}
