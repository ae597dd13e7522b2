import { Router } from 'express';
import { z } from 'zod';
import {
  type Called,
  type DependencyEdge,
  type DependencyNode,
  dependencyEdges,
  type Linked,
  nodeKey,
} from '../../catalog/dependency-graph.ts';
import { servicesAbove } from '../../catalog/impact.ts';
import { availability } from '../../measures/availability.ts';
import { estimateShare } from '../../measures/share.ts';
import { type Incident, isOpen } from '../../model/incident.ts';
import { type CountedService, countedKey } from '../../model/names.ts';
import { HOUR_MS, iso, MINUTE_MS } from '../../model/time.ts';
import { type DependencyCalls, dependencyCalls } from '../../store/sqlite/dependency-calls.ts';
import { mayFor } from '../access/guard.ts';
import { CALLED } from '../components-seen.ts';
import type { ApiContext } from './context.ts';
import { notFound, unknownService } from './problem.ts';
import { environment, readQuery } from './query.ts';
import { allServices } from './services.ts';

const CALLS = availability();
/** Calls of the last minutes say whether something fails now. */
const NOW_MINUTES = 60;
/** Something fails when more than this share of its calls surely did: the whole 95 % interval lies above. */
const FAILING_SHARE = 0.05;

/** What stands on what, from files and from calls, and who is hit when something fails. */
export function dependencyGraphRoutes(context: ApiContext): Router {
  const router = Router();
  router.get('/dependencies', (request, response) => {
    const query = readQuery({ ...environment, service: z.string().optional() }, request.query);
    const services = allServices(context).filter((one) => mayFor(response, 'read', one.name));
    const isMeant = ({ name, environment }: CountedService): boolean =>
      (query.service === undefined || name === query.service) &&
      (query.environment === undefined || environment === '' || environment === query.environment);
    if (query.service !== undefined && !services.some(isMeant)) throw notFound(unknownService(query.service));
    const now = context.now();
    const hour = Math.floor(now / HOUR_MS);
    const edges = dependencyEdges(services.map((service) => linked(context, service, hour)));
    const shown = edges.filter(({ service }) => isMeant(service));
    const nodes = new Map<string, DependencyNode>();
    for (const { name } of services.filter(isMeant)) {
      const node: DependencyNode = { kind: 'service', provider: null, name };
      nodes.set(nodeKey(node), node);
    }
    for (const edge of shown) nodes.set(nodeKey(edge), edge);
    const recent = recentCalls(context, services);
    response.json({
      from: iso((hour - 23) * HOUR_MS),
      to: iso(now),
      nodes: [...nodes.values()].map((node) => nodeToJson(context, node, edges, recent)),
      edges: shown.map(edgeToJson),
    });
  });
  return router;
}

const calledOf = (context: ApiContext, calls: readonly DependencyCalls[]): Called[] =>
  calls.flatMap(({ kind, provider, name, tally }) => {
    const called = CALLED[kind ?? ''];
    const text = context.dictionary.textOrNull(name);
    if (called === undefined || text === null) return [];
    const { n, bad } = CALLS.eventsOf(tally);
    return n === 0
      ? []
      : [{ kind: called, provider: context.dictionary.textOrNull(provider), name: text, n, failed: bad }];
  });

const codeOf = ({ dictionary }: ApiContext, service: CountedService) => dictionary.code(countedKey(service));

function linked(context: ApiContext, service: CountedService, hour: number): Linked {
  const calls = dependencyCalls(context.reader, 'hour', [codeOf(context, service)], hour - 23, hour);
  const declared = context.catalog.byName(service.name, service.environment) ?? context.register.aloneNamed(service);
  return { service, declared, called: calledOf(context, calls) };
}

/** Calls of the last minutes by what was called, of these services together. */
function recentCalls(context: ApiContext, services: readonly CountedService[]): Map<string, Called> {
  const minute = Math.floor(context.now() / MINUTE_MS);
  const codes = services.map((one) => codeOf(context, one));
  const calls = calledOf(context, dependencyCalls(context.reader, 'minute', codes, minute - NOW_MINUTES + 1, minute));
  return new Map(calls.map((one) => [nodeKey(one), one]));
}

function nodeToJson(
  context: ApiContext,
  node: DependencyNode,
  edges: readonly DependencyEdge[],
  recent: ReadonlyMap<string, Called>,
): Record<string, unknown> {
  const open = node.kind === 'service' ? openOf(context, node.name, null) : [];
  const calls = recentOf(node, recent);
  return {
    kind: node.kind,
    provider: node.provider,
    name: node.name,
    recent: { minutes: NOW_MINUTES, n: calls.n, failed: calls.failed },
    failing: open.length > 0 || isFailing(calls),
    openIncidents: open,
    above: servicesAbove(node, edges).map(({ service, through }) => ({
      service: service.name,
      environment: service.environment === '' ? null : service.environment,
      through,
      openIncidents: openOf(context, service.name, service.environment),
    })),
  };
}

/** Of what a file names alone, calls of all that goes by the name. */
function recentOf(node: DependencyNode, recent: ReadonlyMap<string, Called>): { n: number; failed: number } {
  if (node.kind !== 'external' && node.kind !== 'service') return recent.get(nodeKey(node)) ?? { n: 0, failed: 0 };
  const those = [...recent.values()].filter(({ name, provider }) => name === node.name || provider === node.name);
  return {
    n: those.reduce((sum, { n }) => sum + n, 0),
    failed: those.reduce((sum, { failed }) => sum + failed, 0),
  };
}

function isFailing({ n, failed }: { n: number; failed: number }): boolean {
  const { high } = estimateShare({ n, bad: failed, eligible: n, hidden: 0 });
  return high !== null && high < 1 - FAILING_SHARE;
}

/** @param environment  null: in any */
const openOf = ({ book }: ApiContext, name: string, environment: string | null) =>
  book.incidents
    .filter((one) => isOpen(one) && one.service === name && isIn(one, environment))
    .map(({ id, title, priority, state }) => ({ id, title, priority, state }));

const isIn = (incident: Incident, environment: string | null): boolean =>
  environment === null || (incident.environment ?? '') === environment;

const edgeToJson = ({ service, ...edge }: DependencyEdge): Record<string, unknown> => ({
  service: service.name,
  environment: service.environment === '' ? null : service.environment,
  kind: edge.kind,
  provider: edge.provider,
  name: edge.name,
  source: edge.source,
  relation: edge.relation,
  criticality: edge.criticality,
  n: edge.n,
  failed: edge.failed,
});
