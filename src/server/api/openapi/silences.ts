import { z } from 'zod';
import { MATCHER_OPERATORS, SILENCE_LABELS } from '../../../model/silence.ts';
import { actor, byId, list, orNull, paging, type Route, time } from './parts.ts';

const Silence = z
  .object({
    id: z.string().openapi({ example: 'SIL-1' }),
    state: z.enum(['pending', 'active', 'expired']),
    matchers: z.array(z.object({ label: z.string(), operator: z.string(), value: z.string() })),
    startsAt: time,
    endsAt: time,
    createdAt: time,
    createdBy: actor,
    comment: z.string(),
    expiredBy: orNull(actor).openapi({ description: 'Who has ended it before its time.' }),
  })
  .openapi('Silence');
export type SilenceInfoJson = z.output<typeof Silence>;

export const SILENCE_ROUTES: readonly Route[] = [
  {
    method: 'get',
    path: '/silences',
    summary: 'Who does not want to be told of what, newest first.',
    query: z.object({
      ...paging,
      state: z.enum(['current', 'expired']).optional().openapi({ description: '`current`: those that are not over.' }),
    }),
    answer: list('silences', Silence),
  },
  {
    method: 'get',
    path: '/silences/{id}',
    summary: 'One silence.',
    params: byId,
    answer: Silence,
  },
  {
    method: 'post',
    path: '/silences',
    summary: 'Pages and chats are not told for a while of the incidents that all of its matchers fit; 30 days at most.',
    body: z.object({
      matchers: z.array(
        z.object({
          label: z.enum(SILENCE_LABELS),
          operator: z.enum(MATCHER_OPERATORS).optional(),
          value: z.string().openapi({ description: 'Text, or a pattern that has to fit all of it.' }),
        }),
      ),
      startsAt: time.optional().openapi({ description: 'Now when absent.' }),
      endsAt: time,
      comment: z.string(),
    }),
    answer: Silence,
  },
  {
    method: 'delete',
    path: '/silences/{id}',
    summary: 'A silence ends now. What it hid and is still broken is told.',
    params: byId,
    answer: Silence,
  },
];
