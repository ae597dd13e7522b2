import { ABSENT } from '../model/dictionary.ts';
import type { Node } from './tree.ts';

/**
 * Marks tool spans that only wrap the request for the same tool right below them: a framework says that it runs a tool,
 * and the client of the protocol (MCP) says that it asks a server to. A tool that runs itself within the process is none, but a run
 * that its instrumentation has a span of, without a name. Where the one around failed, so did the call: that the server answered is
 * all that a client says at times, and not what.
 *
 * @param upward  AI spans with their children, each behind all that lies below it
 */
export function markToolWrappers(upward: readonly Node[]): void {
  for (let i = upward.length - 1; i >= 0; i--) {
    const node = upward[i]!;
    if (node.span.kind !== 'tool' || node.span.name === ABSENT) continue;
    const asked = node.children.filter((child) => asksFor(child, node));
    if (asked.length === 0) continue;
    node.isWrapper = true;
    if (asked.length === 1) fail(asked[0]!, node);
    for (const inner of asked) if (inner.span.name === ABSENT) inner.facts = { ...inner.facts, name: node.span.name };
  }
}

function fail(inner: Node, { facts: { isError, errorType } }: Node): void {
  if (isError && !inner.facts.isError) inner.facts = { ...inner.facts, isError, errorType };
}

function asksFor({ span, parent }: Node, outer: Node): boolean {
  if (parent !== outer || span.kind !== 'tool') return false;
  if (span.name === ABSENT) return span.scope === outer.span.scope;
  const crosses = span.spanKind === 'client' || span.spanKind === 'server';
  return crosses && span.name === outer.span.name;
}
