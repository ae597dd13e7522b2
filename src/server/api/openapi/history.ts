import { z } from 'zod';
import { type Route, textOrNull, time } from './parts.ts';

const History = z
  .object({
    waiting: z.int().openapi({ description: 'Half hours of services with minutes that are still to be written.' }),
    oldest: time.nullable(),
    stopped: textOrNull.openapi({ description: 'Why nothing is written until somebody has seen to it.' }),
    sweptTo: time
      .nullable()
      .openapi({ description: 'All that is stored is being written, from now back, and has come to here.' }),
  })
  .openapi('History');

export const HISTORY_ROUTES: readonly Route[] = [
  {
    method: 'get',
    path: '/history',
    summary: 'Where the event-time history outside stands.',
    answer: z.object({ history: History.optional() }),
  },
  {
    method: 'post',
    path: '/history/rebuild',
    summary: 'Takes away what of that history can be made again from the store, and makes it again.',
    body: z.object({ since: time.optional() }),
    answer: z.object({ from: time, history: History }),
    conflict: true,
  },
];
