import { ABSENT } from '../model/dictionary.ts';
import type { Node } from './tree.ts';

/**
 * Marks tool spans that only wrap the request for the same tool right below them: a framework says that it runs a tool,
 * and the client of the protocol (MCP) says that it asks a server to. A tool that runs itself within the process is none.
 *
 * @param nodes  AI spans with their children
 */
export function markToolWrappers(nodes: readonly Node[]): void {
  for (const node of nodes)
    if (node.span.kind === 'tool' && node.span.name !== ABSENT && node.children.some((child) => asksFor(child, node)))
      node.isWrapper = true;
}

function asksFor({ span, parent }: Node, outer: Node): boolean {
  const crosses = span.spanKind === 'client' || span.spanKind === 'server';
  return crosses && parent === outer && span.kind === 'tool' && span.name === outer.span.name;
}
