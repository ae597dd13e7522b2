import type { SpanId } from '../model/ids.ts';
import type { Interaction } from '../model/interaction.ts';
import type { RatingTarget } from './rating.ts';

/**
 * The interaction that a rating is about, among those of its trace; `null` when there is none yet. First hit wins: the span
 * named is a member; the span named is the entry of exactly one; otherwise the outermost interaction, which is the one that
 * started first. `service` narrows the choice.
 */
export function interactionOf(
  target: RatingTarget,
  interactions: readonly Interaction[],
  leadOf: ReadonlyMap<SpanId, SpanId>,
  serviceNameOf: (interaction: Interaction) => string,
): Interaction | null {
  const eligible =
    target.service === '' ? interactions : interactions.filter((one) => serviceNameOf(one) === target.service);
  if (target.span !== '') {
    const lead = leadOf.get(target.span);
    const member = eligible.find((one) => one.spanId === lead);
    if (member !== undefined) return member;
    const below = eligible.filter((one) => one.entrySpanId === target.span);
    if (below.length === 1) return below[0]!;
  }
  let outermost: Interaction | null = null;
  for (const one of eligible) if (outermost === null || startsBefore(one, outermost)) outermost = one;
  return outermost;
}

const NANOS_PER_TENTH = 1e8;

function startsBefore(a: Interaction, b: Interaction): boolean {
  const difference =
    (a.endTenths - b.endTenths) * NANOS_PER_TENTH + a.endNanos - b.endNanos - a.durationNanos + b.durationNanos;
  return difference < 0 || (difference === 0 && a.spanId < b.spanId);
}
