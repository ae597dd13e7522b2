import { type Request, type RequestHandler, Router } from 'express';
import { ipKeyGenerator, rateLimit } from 'express-rate-limit';
import type { Millis } from '../../model/time.ts';
import { sourceOf } from '../access/gate.ts';
import { HookDesk } from '../inbound/hook-desk.ts';
import type { ApiContext } from './context.ts';
import { Problem } from './problem.ts';

const MINUTE: Millis = 60_000;
/** Of one address, right or wrong. */
export const HOOKS_A_MINUTE = 600;

/**
 * What tools tell of what people have done in them. Whoever calls shows no token: a callback is verified by the secret of its
 * destination, over its bytes as they came, and kept before it is answered; it is dealt with afterwards.
 */
export function hookRoutes(context: ApiContext): Router {
  const router = Router();
  const desk = new HookDesk(context);
  router.post('/hooks/:name', limited(context), async (request, response) => {
    const { name } = request.params;
    const { isSilent, taken } = await desk.take(String(name), request);
    response.status(200);
    if (isSilent) response.end();
    else response.json({ taken });
  });
  return router;
}

const limited = (context: ApiContext): RequestHandler =>
  rateLimit({
    windowMs: MINUTE,
    limit: HOOKS_A_MINUTE,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    keyGenerator: (request) => ipKeyGenerator(sourceOf(request.socket.remoteAddress).replace('/64', '')),
    handler: (request, response) => {
      context.metrics.self.hook(nameOf(context, request), 'limited');
      response.set('Retry-After', String(MINUTE / 1000));
      throw new Problem(
        429,
        'PLIM_HOOK_RATE',
        'Too many callbacks',
        `at most ${HOOKS_A_MINUTE} in a minute from one address: come again in a minute`,
      );
    },
  });

/** Metrics name destinations that there are, and nothing that a stranger made up. */
const nameOf = (context: ApiContext, request: Request): string | null =>
  context.hooks.callers().find(({ name }) => name === request.params['name'])?.name ?? null;
