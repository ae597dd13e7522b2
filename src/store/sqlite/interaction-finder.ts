import type { TraceId } from '../../model/ids.ts';
import type { Interaction } from '../../model/interaction.ts';
import { interactionOf, namedByTrace, namedWithin, type TraceView } from '../join.ts';
import type { NewRating, RatingTarget } from '../rating.ts';
import { storedInteractions } from '../regroup.ts';
import type { Placed, TraceStore } from '../trace-store.ts';
import type { PartId } from './parts.ts';

/** A trace whose spans are at hand, and where they are stored. */
export interface StoredTrace extends TraceView {
  readonly partOf: (interaction: Interaction) => PartId;
}

/** What a rating is counted with. */
export interface Found extends Placed {
  /** The latest of the conversation: the last resort. */
  readonly isByConversation: boolean;
}

/** Finds the interaction that a rating is about by the names that the rating gives. */
export class InteractionFinder {
  readonly #traces: TraceStore;
  readonly #serviceNameOf: (interaction: Interaction) => string;
  /** Of conversations and own ids, which may be those of many. */
  readonly #named = new Map<string, readonly Placed[]>();
  #trace: StoredTrace | null = null;

  constructor(traces: TraceStore, serviceNameOf: (interaction: Interaction) => string) {
    this.#traces = traces;
    this.#serviceNameOf = serviceNameOf;
  }

  /** What is stored has changed, or nothing more is asked for: in between, what many ratings name is read once. */
  forget(): void {
    this.#named.clear();
    this.#trace = null;
  }

  /** In a trace whose rows are at hand. */
  findIn(trace: StoredTrace, target: RatingTarget): Found | null {
    return foundIn(trace, interactionOf(target, trace, this.#serviceNameOf));
  }

  /** Among all that is stored, however old: the first that one of the names leads to. The trace's own name is the weakest. */
  find(rating: NewRating): Found | null {
    const { target } = rating;
    let named: StoredTrace | null = null;
    for (const traceId of this.#tracesOf(target)) {
      const trace = this.#stored(traceId);
      if (traceId === target.trace) named = trace;
      const found = foundIn(trace, namedWithin(target, trace, this.#serviceNameOf));
      if (found !== null) return found;
    }
    const outermost = named === null ? null : foundIn(named, namedByTrace(target, named, this.#serviceNameOf));
    if (outermost !== null) return outermost;
    const latest = rating.target.conversation === '' ? null : this.#latestOfConversation(rating);
    return latest === null ? null : { ...latest, isByConversation: true };
  }

  /** Of one trace after the other: many ratings may be about a long one. */
  #stored(traceId: TraceId): StoredTrace {
    if (this.#trace?.traceId === traceId) return this.#trace;
    const stored = this.#traces.stored(traceId);
    const partOf = ({ anchorSpanId }: Interaction): PartId =>
      stored.find(({ span }) => span.spanId === anchorSpanId)!.part;
    this.#trace = { traceId, ...storedInteractions(stored), spans: stored.map((one) => one.span), partOf };
    return this.#trace;
  }

  *#tracesOf({ trace, response, interaction }: RatingTarget): Generator<TraceId> {
    if (trace !== '') yield trace;
    const span = response === '' ? null : this.#traces.spanOfResponse(response);
    if (span !== null) yield span.traceId;
    if (interaction !== '')
      for (const one of this.#once(`own id ${interaction}`, () => this.#traces.interactionsOfOwnId(interaction)))
        yield one.interaction.traceId;
  }

  #latestOfConversation({ target, at }: NewRating): Placed | null {
    let latest: Placed | null = null;
    const { conversation } = target;
    for (const one of this.#once(`conversation ${conversation}`, () =>
      this.#traces.interactionsOfConversation(conversation),
    )) {
      if (one.interaction.endTenths * 100 > at) continue;
      if (target.service !== '' && this.#serviceNameOf(one.interaction) !== target.service) continue;
      if (latest === null || endedLater(one.interaction, latest.interaction)) latest = one;
    }
    return latest;
  }

  #once(name: string, read: () => readonly Placed[]): readonly Placed[] {
    const known = this.#named.get(name);
    if (known !== undefined) return known;
    const found = read();
    this.#named.set(name, found);
    return found;
  }
}

const foundIn = (trace: StoredTrace, interaction: Interaction | null): Found | null =>
  interaction === null ? null : { interaction, part: trace.partOf(interaction), isByConversation: false };

/** Of two that ended together the one with the higher id, so that the choice does not depend on the order of arrival. */
function endedLater(a: Interaction, b: Interaction): boolean {
  if (a.endTenths !== b.endTenths) return a.endTenths > b.endTenths;
  if (a.endNanos !== b.endNanos) return a.endNanos > b.endNanos;
  return a.traceId + a.spanId > b.traceId + b.spanId;
}
