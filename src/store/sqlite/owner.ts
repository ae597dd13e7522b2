import type { Interaction } from '../../model/interaction.ts';
import type { Owner } from '../rating.ts';
import type { SpanStore } from '../trace-store.ts';

/** The interaction that is stored beside this span; null when there is none any more. */
export const interactionAt = (parts: SpanStore, owner: Owner): Interaction | null =>
  parts.ofTrace(owner.part, owner.trace).find((row) => row.span.spanId === owner.span)?.judged.interaction ?? null;
