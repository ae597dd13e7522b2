import type { TraceId } from '../model/ids.ts';
import type { Interaction } from '../model/interaction.ts';
import type { Span } from '../model/span.ts';
import type { Tenths } from '../model/time.ts';
import type { PartId, StoredSpan } from './sqlite/parts.ts';

/** An interaction and the part that its anchor is stored in. */
export interface Placed {
  readonly interaction: Interaction;
  readonly part: PartId;
}

/** Stored AI spans by where they lie. What a part is, the engine says; it is found again by its number and its trace. */
export interface SpanStore {
  /** The spans of a part if it is one of the trace. */
  ofTrace(part: PartId, trace: TraceId): StoredSpan[];
  /** AI spans in the order of time, from inclusive, to exclusive. */
  between(from: Tenths, to: Tenths): Iterable<StoredSpan>;
}

/** Stored spans by the names that ratings give. */
export interface TraceStore {
  readonly parts: SpanStore;
  /** All stored rows of a trace, however old, as far as they belong together. */
  stored(traceId: TraceId): StoredSpan[];
  spanOfResponse(response: string): Span | null;
  interactionsOfConversation(conversation: string): Placed[];
  /** Those with that own id: one, unless the application gives an id twice. */
  interactionsOfOwnId(interactionRef: string): Placed[];
}
