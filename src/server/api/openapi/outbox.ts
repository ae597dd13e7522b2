import { z } from 'zod';
import { TRANSITIONS } from '../../../model/incident.ts';
import { PROBLEM_TRANSITIONS } from '../../../model/problem.ts';
import { byId, list, paging, type Route, textOrNull, time } from './parts.ts';

export const Delivery = z
  .object({
    sink: z.string(),
    seq: z.int(),
    transition: z.enum(TRANSITIONS),
    state: z.string(),
    attempts: z.int(),
    createdAt: time,
    settledAt: time.nullable(),
    lastError: textOrNull,
    remoteId: textOrNull,
    remoteUrl: textOrNull,
  })
  .openapi('Delivery');
const messageParts = {
  id: z.string(),
  sink: z.string(),
  incident: z.string().openapi({ description: 'What it is about: an incident, or a problem (`PRB-1`).' }),
  service: z.string(),
  seq: z.int(),
  transition: z.enum([...new Set([...TRANSITIONS, ...PROBLEM_TRANSITIONS])]),
  state: z.enum(['pending', 'delivered', 'dead', 'superseded', 'discarded']),
  attempts: z.int(),
  createdAt: time,
  settledAt: time.nullable(),
  nextAttemptAt: time.nullable(),
  lastError: textOrNull,
};
const OutboxMessage = z.object(messageParts).openapi('OutboxMessage');
const ReplayedMessage = z
  .object({
    ...messageParts,
    needless: textOrNull.openapi({ description: 'Why it is not sent, though it was asked for; null: it will be.' }),
  })
  .openapi('ReplayedMessage');
const Destination = z
  .object({
    name: z.string(),
    type: z.string(),
    class: z.enum(['record', 'page', 'chat', 'note']),
    fallback: textOrNull.openapi({ description: 'Who is told when this one can not be.' }),
    way: z.enum(['open', 'paused', 'down', 'gone']).nullable().openapi({
      description: 'Whether messages leave: paused when it asked for less; null where another replica delivers.',
    }),
    since: time.nullable().openapi({ description: 'Since when it is down or gone.' }),
    waiting: z.int(),
    oldestAt: time.nullable(),
    dead: z.int(),
    tookAt: time.nullable().openapi({ description: 'When it last took a message or a test.' }),
    selfTest: z
      .object({ at: time, passedAt: time.nullable(), reason: textOrNull })
      .nullable()
      .openapi({ description: 'Of one that may go deaf without a word: its last test.' }),
  })
  .openapi('Destination');
export type DeliveryJson = z.output<typeof Delivery>;
export type OutboxMessageJson = z.output<typeof OutboxMessage>;
export type DestinationJson = z.output<typeof Destination>;

export const OUTBOX_ROUTES: readonly Route[] = [
  {
    method: 'get',
    path: '/outbox',
    summary: 'Messages about incidents and problems that wait for their destination or were given up, newest first.',
    query: z.object({
      ...paging,
      state: z.enum(['pending', 'dead', 'delivered', 'superseded', 'discarded']).optional(),
      sink: z.string().optional(),
      incident: z.string().optional(),
    }),
    answer: list('messages', OutboxMessage),
  },
  {
    method: 'post',
    path: '/outbox/{id}/replay',
    summary: 'A message that was given up is sent again, unless nobody needs to hear it any more.',
    params: byId,
    answer: ReplayedMessage,
    conflict: true,
  },
  {
    method: 'post',
    path: '/outbox/{id}/discard',
    summary: 'A message is not to be sent.',
    params: byId,
    body: z.object({ reason: z.string() }),
    answer: OutboxMessage,
    conflict: true,
  },
  {
    method: 'get',
    path: '/destinations',
    summary: 'Where incidents are told, and how each of them is.',
    answer: z.object({ destinations: z.array(Destination) }),
  },
];
