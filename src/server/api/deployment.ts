import { Router } from 'express';
import { iso } from '../../model/time.ts';
import type { ApiContext } from './context.ts';

/** Which Plimsoll this is, and where telemetry is sent to. */
export function deploymentRoutes(context: ApiContext): Router {
  const router = Router();
  router.get('/deployment', (_request, response) => {
    response.json({
      name: context.deployment,
      version: context.version,
      now: iso(context.now()),
      otlpHttp: context.otlpHttp(),
    });
  });
  return router;
}
