import type { SpanId, TraceId } from '../../model/ids.ts';
import type { Call, Interaction } from '../../model/interaction.ts';
import type { Span } from '../../model/span.ts';
import type { Regrouping } from '../regroup.ts';
import type { PackedPart } from './part-writer.ts';
import type { PartId, StoredSpan } from './parts.ts';

/** What new spans changed of a trace. */
export interface TraceChange {
  readonly traceId: TraceId;
  /** What was stored of it before, as far as it is judged anew: all or nothing. */
  readonly known: readonly StoredSpan[];
  readonly freshSpans: readonly Span[];
  /** Where each of them is stored, once the group is written. */
  readonly freshParts: readonly PartId[];
  readonly result: Regrouping;
}

/** The same before its parts have numbers. */
export type PackedChange = Omit<TraceChange, 'freshParts'> & { readonly packed: readonly PackedPart[] };

/** The part that the anchor of an interaction of a change is stored in. */
export function partOf({ known, freshSpans, freshParts }: TraceChange, { anchorSpanId }: Interaction): PartId {
  const i = freshSpans.findIndex((span) => span.spanId === anchorSpanId);
  return i >= 0 ? freshParts[i]! : known.find(({ span }) => span.spanId === anchorSpanId)!.part;
}

/** Interactions that a change adds to its trace: late spans that only say more of those known add none. */
export function newInteractions({ known, result }: Pick<TraceChange, 'known' | 'result'>): readonly Interaction[] {
  if (known.length === 0) return result.interactions;
  const before = new Set<SpanId>();
  for (const { judged } of known) if (judged.interaction !== null) before.add(judged.interaction.spanId);
  const added = Math.max(0, result.interactions.length - before.size);
  return result.interactions.filter(({ spanId }) => !before.has(spanId)).slice(0, added);
}

/** Calls that a change adds: one that is now known by a better span, of another instrumentation, is the call that it was. */
export function newCalls({ changed, fresh }: Pick<Regrouping, 'changed' | 'fresh'>): readonly Call[] {
  const added: Call[] = [];
  let replaced = 0;
  for (const { before, after } of changed) {
    if (before.call === null && after.call !== null) added.push(after.call);
    else if (before.call !== null && after.call === null) replaced++;
  }
  for (const { call } of fresh) if (call !== null) added.push(call);
  return replaced === 0 ? added : added.slice(replaced);
}
