import { z } from 'zod';
import type { Route } from './parts.ts';

export const STREAM_ROUTES: readonly Route[] = [
  {
    method: 'get',
    path: '/events',
    summary: 'Server-sent events: tick, incident, change.',
    answer: z.string(),
    mediaType: 'text/event-stream',
  },
  {
    method: 'get',
    path: '/explain',
    summary: 'Server-sent events named explanation: how spans that arrive are read, some of them under load.',
    query: z.object({ service: z.string().optional(), limit: z.number().int().min(1).max(1000).default(20) }),
    answer: z.string(),
    mediaType: 'text/event-stream',
  },
];
