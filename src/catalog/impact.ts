import type { CountedService } from '../model/names.ts';
import { type DependencyEdge, type DependencyNode, nodeKey } from './dependency-graph.ts';

/** A service that stands on something, directly or not. */
export interface Above {
  readonly service: CountedService;
  /** The services in between, the nearest to what fails first; empty: it depends on it directly. */
  readonly through: readonly string[];
}

/** All services that stand on something, the nearest first: each once, by the shortest way. Circles end where they began. */
export function servicesAbove(node: DependencyNode, edges: readonly DependencyEdge[]): Above[] {
  const into = Map.groupBy(edges, nodeKey);
  const above: Above[] = [];
  const known = new Set<string>();
  let level: readonly { node: DependencyNode; through: readonly string[] }[] = [{ node, through: [] }];
  while (level.length > 0) {
    const next: { node: DependencyNode; through: readonly string[] }[] = [];
    for (const { node: below, through } of level)
      for (const { service } of into.get(nodeKey(below)) ?? []) {
        const key = JSON.stringify([service.name, service.environment]);
        if (known.has(key) || (node.kind === 'service' && service.name === node.name)) continue;
        known.add(key);
        above.push({ service, through });
        const self: DependencyNode = { kind: 'service', provider: null, name: service.name };
        next.push({ node: self, through: [...through, service.name] });
      }
    level = next;
  }
  return above;
}
