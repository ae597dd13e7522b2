import { z } from 'zod';
import { Sampled } from './estimates.ts';
import { spent, tokenParts } from './measures.ts';
import { byName, environment, numberOrNull, type Route, range, share, textOrNull, time } from './parts.ts';
import { OpenIncidents } from './services.ts';

const dependencyNode = {
  kind: z.enum(['service', 'model', 'tool', 'vector_store', 'agent', 'guardrail', 'external']).openapi({
    description: '`external`: named under `dependsOn`, and no service that is known here.',
  }),
  provider: textOrNull,
  name: z.string(),
};
const DependencyGraph = z
  .object({
    from: time,
    to: time,
    nodes: z.array(
      z.object({
        ...dependencyNode,
        recent: z
          .object({ minutes: z.int(), n: z.int(), failed: z.int() })
          .openapi({ description: 'Its calls of the last minutes, by all services that may be read.' }),
        failing: z.boolean().openapi({
          description: 'A service with open incidents; else that surely more than 5 % of its recent calls failed.',
        }),
        openIncidents: OpenIncidents,
        above: z
          .array(
            z.object({
              service: z.string(),
              environment: textOrNull,
              through: z.array(z.string()).openapi({ description: 'Services in between; empty: directly.' }),
              openIncidents: OpenIncidents,
            }),
          )
          .openapi({ description: 'Services that stand on it, directly or not: those that are hit when it fails.' }),
      }),
    ),
    edges: z.array(
      z.object({
        service: z.string(),
        environment: textOrNull,
        ...dependencyNode,
        source: z.enum(['declared', 'called', 'both']).openapi({
          description: 'Whether its file says so, calls of the last day show it, or both.',
        }),
        relation: z.string(),
        criticality: z.int().nullable(),
        n: z.int(),
        failed: z.int(),
      }),
    ),
  })
  .openapi('DependencyGraph');
const Dependencies = z
  .object({
    dependencies: z.array(
      z.object({
        kind: z
          .string()
          .openapi({ description: '`model`, `tool`, `retrieval` ...; `other` for all beyond the first hundred.' }),
        provider: textOrNull,
        name: textOrNull.openapi({ description: 'The model of a model call; of any other what it is called.' }),
        n: z.int(),
        failed: z.int(),
        value: share.nullable().openapi({ description: 'Share of the calls that did not fail.' }),
        low: share.nullable(),
        high: share.nullable(),
        sampled: Sampled.optional(),
        p50Ms: numberOrNull,
        p95Ms: numberOrNull,
        tokens: z.object({ n: z.int(), ...tokenParts }).nullable(),
        cost: z
          .object({ currency: z.string(), ...spent })
          .nullable()
          .openapi({ description: 'Null where nothing of it is known: that is no cost of 0.' }),
      }),
    ),
  })
  .openapi('Dependencies');

export type DependenciesJson = z.output<typeof Dependencies>;
export type DependencyGraphJson = z.output<typeof DependencyGraph>;

export const DEPENDENCY_ROUTES: readonly Route[] = [
  {
    method: 'get',
    path: '/services/{name}/dependencies',
    summary:
      'What a service called, by whole hours of the last day or of the time asked for; what failed most comes first.',
    params: byName,
    query: z.object({ ...range, environment }),
    answer: Dependencies,
  },
  {
    method: 'get',
    path: '/dependencies',
    summary: 'What stands on what, as files say and calls show, and which services are above it.',
    query: z.object({ service: z.string().optional(), environment }),
    answer: DependencyGraph,
  },
];
