import type { Service } from '../model/config/service.ts';
import type { CountedService } from '../model/names.ts';
import type { ComponentKind } from './seen-component.ts';
import { standingOf } from './standing.ts';

/** What something stands on: a service, a part that is called, or something outside that a file names alone. */
export interface DependencyNode {
  readonly kind: Exclude<ComponentKind, 'prompt' | 'prompt_version'> | 'service' | 'external';
  readonly provider: string | null;
  readonly name: string;
}

/** What a service called of one of them. */
export interface Called extends DependencyNode {
  readonly n: number;
  readonly failed: number;
}

export interface DependencyEdge extends Called {
  readonly service: CountedService;
  /** Whether the file says it, the calls of the last day show it, or both. */
  readonly source: 'declared' | 'called' | 'both';
  readonly relation: Service['dependsOn'][number]['relation'];
  readonly criticality: number | null;
}

/** A service with what its file says and what it called. */
export interface Linked {
  readonly service: CountedService;
  readonly declared: Service | null;
  readonly called: readonly Called[];
}

/** @param services  all: a name among them that is depended on, or called, is that service */
export function dependencyEdges(services: readonly Linked[]): DependencyEdge[] {
  const names = new Set(services.map(({ service }) => service.name));
  return services.flatMap((linked) => edgesOf(linked, names));
}

function edgesOf({ service, declared, called }: Linked, services: ReadonlySet<string>): DependencyEdge[] {
  const edges = new Map<string, DependencyEdge>();
  const add = (edge: Omit<DependencyEdge, 'service'>): void => {
    const key = nodeKey(edge);
    const known = edges.get(key);
    edges.set(key, known === undefined ? { service, ...edge } : joined(known, edge));
  };
  const plain = { relation: 'depends_on', criticality: null } as const;
  const uncalled = { n: 0, failed: 0, source: 'declared' } as const;
  for (const { name, relation, criticality } of declared?.dependsOn ?? []) {
    // `openai` is called where a model of that provider is; a service under another name than its own is not seen to be called.
    const calls = called.filter((one) => one.name === name || one.provider === name);
    const [n, failed] = [sum(calls.map((one) => one.n)), sum(calls.map((one) => one.failed))];
    const kind = services.has(name) ? 'service' : 'external';
    const source = calls.length > 0 ? 'both' : 'declared';
    add({ kind, provider: null, name, n, failed, source, relation, criticality });
  }
  for (const node of declaredParts(declared)) {
    const isCalled = called.some((one) => standingOf(node.alone, seen(one)) === 'declared');
    if (!isCalled) add({ ...node.part, ...uncalled, ...plain });
  }
  for (const one of called) {
    if (services.has(one.name) && one.name !== service.name) {
      add({ ...one, kind: 'service', provider: null, source: 'called', ...plain });
      continue;
    }
    const isListed = declared !== null && standingOf(declared, seen(one)) === 'declared';
    add({ ...one, source: isListed ? 'both' : 'called', ...plain });
  }
  return [...edges.values()];
}

/** The two of one node: a name of `dependsOn` that was counted with its calls already keeps that count. */
const joined = (known: DependencyEdge, more: Omit<DependencyEdge, 'service'>): DependencyEdge =>
  known.source === 'both' && more.source === 'called'
    ? known
    : {
        ...known,
        n: known.n + more.n,
        failed: known.failed + more.failed,
        source: known.source === more.source ? known.source : 'both',
      };

type Lists = Parameters<typeof standingOf>[0];
const NONE: Lists = { models: [], prompts: [], tools: [], vectorStores: [], agents: [], guardrails: [] };

/** Each part that the file lists, and a file that lists nothing else. */
function declaredParts(service: Service | null): { part: DependencyNode; alone: Lists }[] {
  if (service === null) return [];
  const named = (kind: DependencyNode['kind'], name: string, alone: Partial<Lists>) => ({
    part: { kind, provider: null, name },
    alone: { ...NONE, ...alone },
  });
  return [
    ...service.models.map((model) => ({
      part: {
        kind: 'model' as const,
        provider: model.provider,
        name: model.version === null ? model.name : `${model.name} ${model.version}`,
      },
      alone: { ...NONE, models: [model] },
    })),
    ...service.tools.map((tool) => named('tool', tool.name, { tools: [tool] })),
    ...service.vectorStores.map((store) => named('vector_store', store.index, { vectorStores: [store] })),
    ...service.agents.map((agent) => named('agent', agent.name, { agents: [agent] })),
    ...service.guardrails.map((one) => named('guardrail', one.name, { guardrails: [one] })),
  ];
}

const seen = ({ kind, provider, name, n }: Called): Parameters<typeof standingOf>[1] => ({
  kind: kind === 'service' || kind === 'external' ? 'tool' : kind,
  provider,
  name,
  firstSeen: null,
  lastDay: n,
  traces: [],
});

export const nodeKey = ({ kind, provider, name }: DependencyNode): string => JSON.stringify([kind, provider, name]);

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);
