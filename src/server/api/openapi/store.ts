import { z } from 'zod';
import type { Route } from './parts.ts';

export const STORE_ROUTES: readonly Route[] = [
  {
    method: 'post',
    path: '/settle',
    summary: 'Brings tallies in memory into the store.',
    answer: z.object({ settled: z.boolean() }),
  },
  {
    method: 'post',
    path: '/store/move',
    summary: 'A step of plimsoll migrate, which moves the store of a running Plimsoll.',
    body: z.object({
      step: z.enum(['begin', 'renew', 'hold', 'release', 'leave']),
      to: z.string().optional().openapi({ description: 'Of begin: where to, without a password.' }),
      id: z.string().optional().openapi({ description: 'Of every other step: what begin answered.' }),
    }),
    answer: z.object({ id: z.string(), phase: z.enum(['following', 'held', 'gone']).nullable() }),
  },
];
