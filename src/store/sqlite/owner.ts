import type { Interaction } from '../../model/interaction.ts';
import type { Owner } from '../rating.ts';
import type { SpanTable } from './spans.ts';

/** The interaction that is stored beside this row; null when there is none any more. */
export const interactionAt = (spans: SpanTable, owner: Owner): Interaction | null =>
  spans.ofTrace(owner.end, owner.trace).find((row) => row.span.spanId === owner.span)?.judged.interaction ?? null;
