import type { TraceId } from '../../model/ids.ts';
import type { Interaction } from '../../model/interaction.ts';
import { interactionOf, type TraceView } from '../join.ts';
import type { NewRating, RatingTarget } from '../rating.ts';
import { storedInteractions } from '../regroup.ts';
import type { Traces } from './traces.ts';

/** What a rating is counted with. */
export interface Found {
  readonly interaction: Interaction;
  /** The latest of the conversation: the last resort. */
  readonly isByConversation: boolean;
}

/** Finds the interaction that a rating is about by the names that the rating gives. */
export class InteractionFinder {
  readonly #traces: Traces;
  readonly #serviceNameOf: (interaction: Interaction) => string;

  constructor(traces: Traces, serviceNameOf: (interaction: Interaction) => string) {
    this.#traces = traces;
    this.#serviceNameOf = serviceNameOf;
  }

  /** In a trace whose rows are at hand. */
  findIn(view: TraceView, target: RatingTarget): Found | null {
    const interaction = interactionOf(target, view, this.#serviceNameOf);
    return interaction === null ? null : { interaction, isByConversation: false };
  }

  /** Among all that is stored, however old: the first that one of the names leads to. */
  find(rating: NewRating): Found | null {
    for (const traceId of this.#tracesOf(rating.target)) {
      const stored = this.#traces.stored(traceId);
      const view = { traceId, ...storedInteractions(stored), spans: stored.map((one) => one.span) };
      const found = this.findIn(view, rating.target);
      if (found !== null) return found;
    }
    const interaction = rating.target.conversation === '' ? null : this.#latestOfConversation(rating);
    return interaction === null ? null : { interaction, isByConversation: true };
  }

  *#tracesOf({ trace, response, interaction }: RatingTarget): Generator<TraceId> {
    if (trace !== '') yield trace;
    const span = response === '' ? null : this.#traces.spanOfResponse(response);
    if (span !== null) yield span.traceId;
    if (interaction !== '') for (const { traceId } of this.#traces.interactionsOfOwnId(interaction)) yield traceId;
  }

  #latestOfConversation({ target, at }: NewRating): Interaction | null {
    let latest: Interaction | null = null;
    for (const one of this.#traces.interactionsOfConversation(target.conversation)) {
      if (one.endTenths * 100 > at) continue;
      if (target.service !== '' && this.#serviceNameOf(one) !== target.service) continue;
      if (latest === null || endedLater(one, latest)) latest = one;
    }
    return latest;
  }
}

/** Of two that ended together the one with the higher id, so that the choice does not depend on the order of arrival. */
function endedLater(a: Interaction, b: Interaction): boolean {
  if (a.endTenths !== b.endTenths) return a.endTenths > b.endTenths;
  if (a.endNanos !== b.endNanos) return a.endNanos > b.endNanos;
  return a.traceId + a.spanId > b.traceId + b.spanId;
}
