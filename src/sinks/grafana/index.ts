import { z } from 'zod';
import type { Message, Outcome } from '../../model/delivery.ts';
import { correlationId } from '../../model/incident.ts';
import { defineSink, type HttpRequest, type SinkContext } from '../sink.ts';
import { ask, change, Failed, inSteps, parsedJson, secretOf, withoutSlash } from '../steps.ts';
import { keepTicket, type Ticket, type TicketTool } from '../ticket.ts';
import { marksOf, type Told, tagsOf, toldOf } from './annotation.ts';
import { inbound } from './inbound.ts';

export interface GrafanaOptions {
  /** Base address. */
  readonly url: string;
  /** `env:NAME` or `file:/path` of a service account's token. */
  readonly token: string;
  /** Of the annotations, below `url`. */
  readonly path: string;
  /** Reference to what its alerting signs with, or shows; null: none reports. */
  readonly webhookSecret: string | null;
}

export const grafana = defineSink<GrafanaOptions>({
  name: 'grafana',
  summary: 'Marks the time of each incident in Grafana as an annotation.',
  class: 'note',
  deliver: (message, context) => inSteps(() => deliver(message, context)),
  inbound,
});

async function deliver(message: Message, context: SinkContext<GrafanaOptions>): Promise<Outcome> {
  const token = await secretOf(context, context.options.token);
  return keepTicket(message, annotationTool(message, token, context), context.warn);
}

const made = z.object({ id: z.number() });
const found = z.array(z.object({ id: z.number(), tags: z.array(z.string()).nullish() }));

function annotationTool(
  message: Message,
  token: string,
  context: SinkContext<GrafanaOptions>,
): TicketTool<Ticket, Told> {
  const { incident } = message;
  const { options, consoleUrl } = context;
  const id = correlationId(context.deployment, incident.id);
  const marks = marksOf(incident.id, id);
  const address = `${withoutSlash(options.url)}/${options.path.replace(/^\/+|\/+$/g, '')}`;
  const request = (method: HttpRequest['method'], url: string, body?: object): HttpRequest => ({
    method,
    url,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const ticketOf = (key: number): Ticket => ({ id: `${key}`, isFinal: false });

  /** All of its tags have to be there: some versions answer with what has any of them. */
  const find = async (): Promise<Ticket[]> => {
    const query = marks.map((mark) => `tags=${encodeURIComponent(mark)}`).join('&');
    const answer = await ask(context, request('GET', `${address}?${query}&limit=100`));
    if (answer === null)
      throw new Failed({ kind: 'permanent', reason: 'answered 404: there are no annotations at this address' });
    const read = found.safeParse(parsedJson(answer.body));
    if (!read.success) throw new Failed({ kind: 'retry', reason: 'its answer is no list of annotations' });
    return read.data
      .filter(({ tags }) => marks.every((mark) => tags?.includes(mark)))
      .toSorted((a, b) => a.id - b.id)
      .map((one) => ticketOf(one.id));
  };

  const opening: Told = { ...toldOf(incident, consoleUrl, message.at), timeEnd: null };
  return {
    opening,
    find,
    read: async (key) => (await find()).find((one) => one.id === key) ?? null,

    create: async () => {
      const body = { time: incident.startedAt, tags: tagsOf(incident, id), text: opening.text };
      const answer = made.safeParse(parsedJson((await change(context, request('POST', address, body))).body));
      if (!answer.success) throw new Failed({ kind: 'unknown', reason: 'its answer names no annotation' });
      return ticketOf(answer.data.id);
    },

    tell: async (there, told) => {
      const now = toldOf(incident, consoleUrl, message.at);
      const changed = {
        ...(now.text === told.text ? {} : { text: now.text }),
        // The end of one that is open again stays until it is over: an end can't be taken back.
        ...(now.timeEnd === told.timeEnd || now.timeEnd === null ? {} : { timeEnd: now.timeEnd }),
      };
      if (Object.keys(changed).length > 0)
        await change(context, request('PATCH', `${address}/${encodeURIComponent(there.id)}`, changed), true);
      return now;
    },
  };
}
