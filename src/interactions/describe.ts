import { ABSENT, type Code, codeOfKnown } from '../model/dictionary.ts';
import type { SpanId } from '../model/ids.ts';
import type { Call, Interaction } from '../model/interaction.ts';
import { GUARDRAIL, type GuardrailOutcome, type Kind, type Span } from '../model/span.ts';
import type { Group } from './group.ts';
import type { OwnIds } from './own-id.ts';
import { sumTokens } from './tokens.ts';
import { endedAfter, type Node } from './tree.ts';
import { useOf, usesOf } from './uses.ts';

/** How fit a head is to give the interaction its name; `chain` and `step` are no calls. */
const RANK: Readonly<Record<Kind, number>> = {
  none: 0,
  step: 0,
  embedding: 1,
  tool: 1,
  retrieval: 1,
  rerank: 1,
  guardrail: 1,
  model: 2,
  agent: 3,
  chain: 3,
};

const OPERATION: Readonly<Record<Kind, Code>> = {
  none: ABSENT,
  step: ABSENT,
  model: codeOfKnown('chat'),
  embedding: codeOfKnown('embeddings'),
  tool: codeOfKnown('execute_tool'),
  retrieval: codeOfKnown('retrieval'),
  rerank: codeOfKnown('rerank'),
  agent: codeOfKnown('invoke_agent'),
  guardrail: codeOfKnown('guardrail'),
  chain: codeOfKnown('invoke_workflow'),
};

/** The error of a span that names none. */
export const ERROR_UNNAMED = codeOfKnown('_OTHER');

/** Kinds that stand for an operation that was asked for, and not for structure. */
export const isCallKind = (kind: Kind): boolean => kind !== 'none' && kind !== 'step' && kind !== 'chain';
/** Of these calls provider and model name the dependency; of the others the name does. */
const isModelKind = (kind: Kind): boolean => kind === 'model' || kind === 'embedding' || kind === 'rerank';

/** A group that called nothing and has no failed head is none: a lone orchestrator span, say. */
export const isInteraction = (group: Group): boolean =>
  group.members.some((node) => isCallKind(node.span.kind)) || group.heads.some((node) => node.span.isError);

export function describeGroup(group: Group, ownIds: OwnIds): { interaction: Interaction; calls: Call[] } {
  const lead = leadOf(group.heads);
  const nodes = group.members.filter(isCall);
  const calls = nodes.map(({ span, facts }) => describeCall(span, facts, lead.span.spanId));
  const answer = answeringCall(nodes) ?? lead;
  return { interaction: describeInteraction(group, lead, answer, calls, ownIds.of(group, lead)), calls };
}

/** Every member of a call kind, but wrappers, and of agents only those that another one called. */
const isCall = (node: Node): boolean =>
  isCallKind(node.span.kind) && !node.isWrapper && (node.span.kind !== 'agent' || node.aiParent !== null);

/** @param heads  at least one; by start, then id */
function leadOf(heads: readonly Node[]): Node {
  let lead = heads[0]!;
  for (const head of heads) if (RANK[head.span.kind] > RANK[lead.span.kind]) lead = head;
  return lead;
}

function describeInteraction(
  group: Group,
  lead: Node,
  answer: Node,
  calls: readonly Call[],
  interactionRef: string,
): Interaction {
  const { heads, members, entry } = group;
  const last = lastEnded(heads)!;
  const start = heads[0]!.start;
  const failed = failedSpan(group, last);
  const tokens = sumTokens(heads);
  const askAll = [lead, ...members];
  const ask = entry === null ? askAll : [...askAll, entry];
  return {
    traceId: lead.span.traceId,
    spanId: lead.span.spanId,
    service: lead.span.service,
    entrySpanId: group.entrySpanId,
    headSpanIds: heads.map((head) => head.span.spanId),
    anchorSpanId: last.span.spanId,
    endTenths: last.span.endTenths,
    endNanos: last.span.endNanos,
    durationNanos: last.end - start,
    isError: failed !== null,
    errorType: failed === null ? ABSENT : failed.errorType || ERROR_UNNAMED,
    httpStatus: failed === null ? 0 : failed.httpStatus,
    hidesFailure: heads.every(({ span }) => span.hidesFailures) && !entrySpanOf(group)?.name,
    operation: operationOf(lead, answer),
    provider: answer.facts.provider,
    requestModel: answer.facts.requestModel,
    responseModel: answer.facts.responseModel,
    finishReason: answer.facts.finishReason,
    agent: firstCode(askAll, 'agent'),
    promptName: firstCode(ask, 'promptName'),
    promptVersion: firstCode(ask, 'promptVersion'),
    serviceVersion: lead.span.serviceVersion,
    inputTokens: tokens.inputTokens,
    outputTokens: tokens.outputTokens,
    cachedInputTokens: tokens.cachedInputTokens,
    reasoningTokens: tokens.reasoningTokens,
    timeToFirstTokenMs: firstTokenOf(answer, start),
    uses: usesOf(calls, heads, tokens, answer),
    guardrail: guardrailOf(members),
    weight: lead.span.weight,
    interactionRef,
    conversationId: firstText(ask, 'conversationId'),
    userId: firstText(ask, 'userId'),
    attributes: attributesOf(askAll),
  };
}

function guardrailOf(members: readonly Node[]): GuardrailOutcome {
  let outcome: GuardrailOutcome = GUARDRAIL.unknown;
  for (const { span } of members) if (span.guardrail > outcome) outcome = span.guardrail;
  return outcome;
}

const operationOf = (lead: Node, answer: Node): Code => ownOperation(lead.facts) || ownOperation(answer.facts);
/** The well-known operation that the span names, else that of its kind. */
export const ownOperation = (span: Span): Code => span.operation || OPERATION[span.kind];

function lastEnded(nodes: readonly Node[]): Node | undefined {
  let last = nodes[0];
  for (const node of nodes) if (endedAfter(node, last!)) last = node;
  return last;
}

/** The call whose answer the user got. */
function answeringCall(calls: readonly Node[]): Node | undefined {
  const models = calls.filter((node) => node.span.kind === 'model');
  const asked = models.length > 0 ? models : calls.filter((node) => node.span.kind === 'embedding');
  return lastEnded(asked.filter((node) => !node.span.isError)) ?? lastEnded(asked);
}

/** The span that makes the interaction a failed one: the head that ended last, else the entry. */
function failedSpan(group: Group, last: Node): Span | null {
  if (last.span.isError) return last.span;
  const entry = entrySpanOf(group);
  return entry?.isError ? entry : null;
}

/** The span of the request or message itself, where it came and decides: it is no AI span. */
function entrySpanOf({ entry, entryDecides }: Group): Span | null {
  return entry !== null && entryDecides && isEntrySpan(entry.span) ? entry.span : null;
}

/** A server's or a consumer's own span. */
export const isEntrySpan = ({ kind, spanKind }: Span): boolean =>
  kind === 'none' && (spanKind === 'server' || spanKind === 'consumer');

/** Not before the interaction began, whatever the clocks of its spans say. */
const firstTokenOf = ({ facts, start }: Node, interactionStart: number): number | null =>
  facts.timeToFirstTokenMs === null ? null : Math.max(0, (start - interactionStart) / 1e6 + facts.timeToFirstTokenMs);

function firstCode(nodes: readonly Node[], field: 'agent' | 'promptName' | 'promptVersion'): Code {
  for (const { span } of nodes) if (span[field] !== ABSENT) return span[field];
  return ABSENT;
}

function firstText(nodes: readonly Node[], field: 'conversationId' | 'userId'): string {
  for (const { span } of nodes) if (span[field] !== '') return span[field];
  return '';
}

const NONE: Interaction['attributes'] = [];

/** One value a dimension, by dimension. */
function attributesOf(nodes: readonly Node[]): Interaction['attributes'] {
  if (nodes.every(({ span }) => span.attributes.length === 0)) return NONE;
  const found = new Map<Code, Code>();
  for (const { span } of nodes) addMissing(found, span.attributes);
  return inOrder(found);
}

function addMissing(found: Map<Code, Code>, attributes: Span['attributes']): void {
  for (const [dimension, value] of attributes) if (!found.has(dimension)) found.set(dimension, value);
}

/** The attributes of an interaction of one span. */
export const attributesOfOne = ({ attributes }: Span): Interaction['attributes'] => {
  if (attributes.length === 0) return NONE;
  const found = new Map<Code, Code>();
  addMissing(found, attributes);
  return inOrder(found);
};

const inOrder = (found: ReadonlyMap<Code, Code>): Interaction['attributes'] => [...found].sort(([a], [b]) => a - b);

/** @param facts  the span's fields, completed */
export function describeCall(span: Span, facts: Span, interactionSpanId: SpanId): Call {
  const named = isModelKind(span.kind);
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    interactionSpanId,
    service: span.service,
    kind: span.kind,
    name: facts.name,
    provider: named ? facts.provider : ABSENT,
    model: named ? facts.responseModel || facts.requestModel : ABSENT,
    endTenths: span.endTenths,
    endNanos: span.endNanos,
    durationNanos: span.durationNanos,
    isError: facts.isError,
    errorType: facts.errorType,
    inputTokens: facts.inputTokens,
    outputTokens: facts.outputTokens,
    use: useOf(span, facts),
    weight: span.weight,
  };
}
