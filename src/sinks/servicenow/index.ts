import type { Message, Outcome } from '../../model/delivery.ts';
import { correlationId } from '../../model/incident.ts';
import { defineSink, type SinkContext } from '../sink.ts';
import { inSteps } from '../steps.ts';
import { keepTicket } from '../ticket.ts';
import { doorOf, type ServiceNowOptions } from './door.ts';
import { unknownGroups } from './groups.ts';
import { importRow } from './import-set.ts';
import { inbound } from './inbound.ts';
import { tableTool } from './table.ts';

export type { ServiceNowOptions } from './door.ts';

export const servicenow = defineSink<ServiceNowOptions>({
  name: 'servicenow',
  summary: 'Keeps one incident record in ServiceNow, by the Table API or an import set.',
  class: 'record',
  deliver: (message, context) => inSteps(() => deliver(message, context)),
  inbound,
  unknownGroups,
});

async function deliver(message: Message, context: SinkContext<ServiceNowOptions>): Promise<Outcome> {
  const id = correlationId(context.deployment, message.incident.id);
  const door = await doorOf(context);
  if (context.options.mode === 'import_set') return importRow(message, id, door);
  return keepTicket(message, tableTool(message, id, door), context.warn);
}
