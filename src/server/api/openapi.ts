import { OpenAPIRegistry, OpenApiGeneratorV31 } from '@asteasolutions/zod-to-openapi';
import { z } from 'zod';
import { ROUTE_ACCESS } from '../access/permissions.ts';
import { ACCESS_ROUTES } from './openapi/access.ts';
import { AUDIT_ROUTES } from './openapi/audit.ts';
import { CHANGE_EVIDENCE_ROUTES, CHANGE_ROUTES } from './openapi/changes.ts';
import { DEPENDENCY_ROUTES } from './openapi/dependencies.ts';
import { DEPLOYMENT_ROUTES } from './openapi/deployment.ts';
import { HISTORY_ROUTES } from './openapi/history.ts';
import { HOOK_ROUTES } from './openapi/hooks.ts';
import { INCIDENT_ROUTES } from './openapi/incidents.ts';
import { INTERACTION_ROUTES } from './openapi/interactions.ts';
import { MEASURE_ROUTES } from './openapi/measures.ts';
import { OBJECTIVE_ROUTES } from './openapi/objectives.ts';
import { OUTBOX_ROUTES } from './openapi/outbox.ts';
import type { Route } from './openapi/parts.ts';
import { PROBLEM_ROUTES } from './openapi/problems.ts';
import { SERVICE_ROUTES } from './openapi/services.ts';
import { SIGNAL_ROUTES } from './openapi/signals.ts';
import { SILENCE_ROUTES } from './openapi/silences.ts';
import { STORE_ROUTES } from './openapi/store.ts';
import { STREAM_ROUTES } from './openapi/streams.ts';
import { TAXONOMY_ROUTES } from './openapi/taxonomy.ts';

const Problem = z
  .object({ type: z.string(), title: z.string(), status: z.int(), code: z.string(), detail: z.string() })
  .openapi('Problem', { description: 'RFC 9457; the code is stable.' });

/** Every route under /api/v1, with what it takes and answers. A test compares it with the routes that are there. */
export const ROUTES: readonly Route[] = [
  ...DEPLOYMENT_ROUTES,
  ...SIGNAL_ROUTES,
  ...CHANGE_ROUTES,
  ...SERVICE_ROUTES,
  ...DEPENDENCY_ROUTES,
  ...MEASURE_ROUTES,
  ...INTERACTION_ROUTES,
  ...OBJECTIVE_ROUTES,
  ...INCIDENT_ROUTES,
  ...CHANGE_EVIDENCE_ROUTES,
  ...PROBLEM_ROUTES,
  ...OUTBOX_ROUTES,
  ...SILENCE_ROUTES,
  ...TAXONOMY_ROUTES,
  ...ACCESS_ROUTES,
  ...AUDIT_ROUTES,
  ...HISTORY_ROUTES,
  ...HOOK_ROUTES,
  ...STORE_ROUTES,
  ...STREAM_ROUTES,
  { method: 'get', path: '/openapi.json', summary: 'This document.', answer: z.record(z.string(), z.unknown()) },
];

const content = (schema: z.ZodType, mediaType = 'application/json') => ({ content: { [mediaType]: { schema } } });
const problem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: Problem } },
});

/** Nobody has to say who they are as long as Plimsoll is open, and nowhere where anybody may. */
const securityOf = (route: string): Record<string, string[]>[] =>
  ROUTE_ACCESS[route]?.may === 'anybody' ? [] : [{}, { token: [] }];

const refusalsOf = <T>(route: string, said: (description: string) => T): Record<number, T> => {
  const may = ROUTE_ACCESS[route]?.may ?? 'administer';
  if (may === 'anybody') return {};
  return {
    401: said('Nobody said who sends this, or their token is not valid.'),
    ...(may === 'anyone' ? {} : { 403: said(`Whoever sends this lacks the permission to ${may}.`) }),
    429: said('Too many failed attempts: come again after Retry-After seconds.'),
  };
};

const CALLBACK_REFUSALS = {
  401: problem('Not signed with the secret of this sink, or too long ago.'),
  403: problem('The sink has no secret to know callbacks by.'),
  413: problem('The body is too large; nothing was kept.'),
  429: problem('Too many callbacks, or too many that were refused.'),
};

/** The OpenAPI 3.1 document of this API. */
export function openApi(version: string): Record<string, unknown> {
  const registry = new OpenAPIRegistry();
  registry.registerComponent('securitySchemes', 'token', { type: 'http', scheme: 'bearer' });
  for (const { method, path, summary, params, query, body, answer, mediaType, conflict, callback } of ROUTES)
    registry.registerPath({
      method,
      path: `/api/v1${path}`,
      summary,
      security: securityOf(`${method.toUpperCase()} /api/v1${path}`),
      request: {
        ...(params === undefined ? {} : { params }),
        ...(query === undefined ? {} : { query }),
        ...(body === undefined ? {} : { body: content(body) }),
      },
      responses: {
        200: { description: 'Done.', ...content(answer, mediaType) },
        400: problem('The request can not be read.'),
        ...refusalsOf(`${method.toUpperCase()} /api/v1${path}`, problem),
        ...(params === undefined ? {} : { 404: problem('Not found.') }),
        ...(callback === true ? CALLBACK_REFUSALS : {}),
        ...(conflict === true ? { 409: problem('Not possible in this state; lists what is.') } : {}),
        ...(body === undefined ? {} : { 413: problem('The body is too large; nothing was kept.') }),
        ...(method === 'post' ? { 503: problem('Come again after Retry-After seconds; nothing was kept.') } : {}),
      },
    });
  return new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: '3.1.0',
    info: {
      title: 'Plimsoll',
      version,
      description: 'The load line for AI services.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
  }) as unknown as Record<string, unknown>;
}
