import { Router } from 'express';
import { z } from 'zod';
import { endWhenOut } from '../access/stream.ts';
import { MAX_LISTENERS } from '../explain/tap.ts';
import type { ApiContext } from './context.ts';
import { Problem } from './problem.ts';
import { readQuery } from './query.ts';

const explainQuery = {
  service: z.string().max(256).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(20),
};

/** How spans that arrive are read, as they arrive. */
export function explainRoutes({ tap, access }: ApiContext): Router {
  const router = Router();
  router.get('/explain', (request, response) => {
    const { service, limit } = readQuery(explainQuery, request.query);
    if (tap.isFull)
      throw new Problem(
        503,
        'PLIM_EXPLAIN_LISTENERS',
        'Too many listen',
        `${MAX_LISTENERS} listen to explanations already: end one of them (plimsoll explain-span --tail), then try again`,
      );
    tap.listen(response, { limit, ...(service !== undefined && { service }) });
    endWhenOut(request, response, access);
  });
  return router;
}
