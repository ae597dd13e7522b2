import type { Message, Outcome } from '../../model/delivery.ts';
import { correlationId } from '../../model/incident.ts';
import { defineSink, type SinkContext } from '../sink.ts';
import { Failed } from '../steps.ts';
import { keepTicket } from '../ticket.ts';
import { doorOf, type ServiceNowOptions } from './door.ts';
import { importRow } from './import-set.ts';
import { tableTool } from './table.ts';

export type { ServiceNowOptions } from './door.ts';

export const servicenow = defineSink<ServiceNowOptions>({
  name: 'servicenow',
  summary: 'Keeps one incident record in ServiceNow, by the Table API or an import set.',
  class: 'record',
  deliver,
});

async function deliver(message: Message, context: SinkContext<ServiceNowOptions>): Promise<Outcome> {
  const id = correlationId(context.deployment, message.incident.id);
  try {
    const door = await doorOf(context);
    if (context.options.mode === 'import_set') return await importRow(message, id, door);
    return await keepTicket(message, tableTool(message, id, door), context.warn);
  } catch (error) {
    if (error instanceof Failed) return error.outcome;
    throw error;
  }
}
