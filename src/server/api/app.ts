import express, { type Express } from 'express';
import helmet from 'helmet';
import { guard, scopeFor } from '../access/guard.ts';
import { refuseStrangeHosts } from '../access/known-host.ts';
import { oidcRoutes } from '../access/oidc-routes.ts';
import { endWhenOut } from '../access/stream.ts';
import { auditRoutes } from './audit.ts';
import { jsonBodies } from './body.ts';
import { changeEvidenceRoutes } from './change-evidence.ts';
import { changeRoutes } from './changes.ts';
import { configurationJson } from './configuration.ts';
import type { ApiContext } from './context.ts';
import { allowPagesOf, refuseOtherPages } from './cors.ts';
import { dependencyRoutes } from './dependencies.ts';
import { dependencyGraphRoutes } from './dependency-graph.ts';
import { deploymentRoutes } from './deployment.ts';
import { explainRoutes } from './explain.ts';
import { historyRoutes } from './history.ts';
import { hookRoutes } from './hooks.ts';
import { incidentStatisticsRoutes } from './incident-statistics.ts';
import { incidentRoutes } from './incidents.ts';
import { interactionRoutes } from './interactions.ts';
import { metricsPage } from './metrics.ts';
import { moveRoutes } from './move.ts';
import { objectiveRoutes } from './objectives.ts';
import { openApi } from './openapi.ts';
import { outboxRoutes } from './outbox.ts';
import { problemHandler, unknownRoute } from './problem.ts';
import { problemTrendRoutes } from './problem-trend.ts';
import { problemRoutes } from './problems.ts';
import { serviceRecordRoutes } from './service-record.ts';
import { serviceRoutes } from './services.ts';
import { sessionRoutes } from './session.ts';
import { signalRoutes } from './signals.ts';
import { silenceRoutes } from './silences.ts';
import { taxonomyRoutes } from './taxonomy.ts';
import { tokenRoutes } from './tokens.ts';

/** The API, the health checks and the metrics, without a socket: tests speak to it as they are. */
export function createApp(context: ApiContext, console?: express.RequestHandler): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('query parser', 'simple');
  app.use(
    helmet({
      contentSecurityPolicy: {
        useDefaults: false,
        directives: {
          defaultSrc: ["'none'"],
          scriptSrc: ["'self'"],
          styleSrc: ["'self'"],
          imgSrc: ["'self'", 'data:'],
          connectSrc: ["'self'"],
          fontSrc: ["'self'"],
          manifestSrc: ["'self'"],
          baseUri: ["'none'"],
          formAction: ["'self'"],
          frameAncestors: ["'none'"],
        },
      },
      // Behind plain HTTP browsers ignore it; where there is TLS they come back over nothing else.
      strictTransportSecurity: context.access.isSecure,
    }),
  );
  app.use(refuseStrangeHosts(context.access, () => context.feedbackFrom));
  app.get('/healthz', (_request, response) => {
    response.json({ status: 'ok', version: context.version });
  });
  app.get('/readyz', (_request, response) => {
    const reason = context.notReady();
    const configuration = configurationJson(context.configuration());
    response.status(reason === null ? 200 : 503).json({
      ...(reason === null ? { status: 'ready' } : { status: 'not ready', reason }),
      role: context.role(),
      configuration,
    });
  });
  app.get('/metrics', guard(context.access), metricsPage(context.metrics));
  const api = express.Router();
  // First, so that a page can read why it is refused, too.
  api.use(
    '/feedback',
    allowPagesOf(() => context.feedbackFrom),
  );
  api.use(refuseOtherPages);
  // One address says different things to different people, whom a cookie may tell apart.
  api.use((_request, response, next) => {
    response.set('Cache-Control', 'private, no-cache');
    next();
  });
  api.use(guard(context.access));
  // Before bodies are read: what is signed are the bytes as they came.
  api.use(hookRoutes(context));
  api.use(jsonBodies(context.limits, (limit) => context.metrics.self.limited('rest', limit)));
  api.use(deploymentRoutes(context));
  api.use(signalRoutes(context));
  api.use(changeRoutes(context));
  api.use(serviceRoutes(context));
  api.use(serviceRecordRoutes(context));
  api.use(dependencyRoutes(context));
  api.use(dependencyGraphRoutes(context));
  api.use(interactionRoutes(context));
  api.use(objectiveRoutes(context));
  api.use(taxonomyRoutes());
  api.use(incidentStatisticsRoutes(context));
  api.use(incidentRoutes(context));
  api.use(changeEvidenceRoutes(context));
  api.use(problemTrendRoutes(context));
  api.use(problemRoutes(context));
  api.use(outboxRoutes(context));
  api.use(silenceRoutes(context));
  api.use(explainRoutes(context));
  api.use(tokenRoutes(context));
  api.use(sessionRoutes(context));
  api.use(auditRoutes(context));
  api.use(historyRoutes(context));
  api.use(moveRoutes(context));
  // For `plimsoll verify`: what lies in the writer's memory is brought into the store.
  api.post('/settle', async (_request, response) => {
    await context.writer.settle();
    response.json({ settled: true });
  });
  api.get('/events', (request, response) => {
    context.events.listen(response, scopeFor(response, 'read'));
    endWhenOut(request, response, context.access);
  });
  // Made when somebody asks: every start would take the time, and most are never asked.
  let document: ReturnType<typeof openApi> | null = null;
  api.get('/openapi.json', (_request, response) => {
    document ??= openApi(context.version);
    response.json(document);
  });
  api.use(unknownRoute);
  app.use('/api/v1', api);
  app.use(oidcRoutes(context));
  if (console !== undefined) app.use(console);
  app.use(unknownRoute);
  app.use(problemHandler(context.report));
  return app;
}
