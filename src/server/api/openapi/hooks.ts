import { z } from 'zod';
import type { Route } from './parts.ts';

export const HOOK_ROUTES: readonly Route[] = [
  {
    method: 'post',
    path: '/hooks/{name}',
    summary:
      'A tool tells what people have done in it, or of a deployment; signed with the secret of the sink or hook of that name.',
    params: z.object({ name: z.string() }),
    answer: z.object({ taken: z.int().openapi({ description: 'How many events are new.' }) }),
    callback: true,
  },
];
