import type { TraceId } from '../../model/ids.ts';
import type { Interaction } from '../../model/interaction.ts';
import type { Rating } from '../../model/rating.ts';
import type { Span } from '../../model/span.ts';
import { noRatings, type OpenRating } from '../rating.ts';

/** What the names are of under which ratings wait. */
const NAMED = ['trace', 'response', 'interaction'] as const;
type Named = (typeof NAMED)[number];

/**
 * Ratings that a new span may concern: those that have found no interaction, and those that have found none but the latest
 * of their conversation. By each name that would find it.
 */
export class OpenRatings {
  readonly waiting = noRatings();
  /** Nearly always one waits under a name: it costs no list of its own, of which there may be millions. */
  readonly #byName: Readonly<Record<Named, Map<string, number | Set<number>>>> = {
    trace: new Map(),
    response: new Map(),
    interaction: new Map(),
  };
  /** Those that count as waiting, with their types: the others are counted with an interaction meanwhile. */
  readonly #unjoined = new Map<number, Rating['type']>();
  /** With the last one that names each. */
  readonly #conversations = new Map<string, number>();

  get isEmpty(): boolean {
    const { trace, response, interaction } = this.#byName;
    return trace.size + response.size + interaction.size + this.#conversations.size === 0;
  }

  clear(): void {
    for (const named of NAMED) this.#byName[named].clear();
    this.#unjoined.clear();
    this.#conversations.clear();
    Object.assign(this.waiting, noRatings());
  }

  add({ id, rating: { type }, target }: OpenRating, isJoined: boolean): void {
    for (const named of NAMED) {
      const name = target[named];
      if (name === '') continue;
      const ids = this.#byName[named].get(name) ?? id;
      if (typeof ids !== 'number') ids.add(id);
      else this.#byName[named].set(name, ids === id ? id : new Set([ids, id]));
    }
    const { conversation } = target;
    if (conversation !== '')
      this.#conversations.set(conversation, Math.max(id, this.#conversations.get(conversation) ?? 0));
    if (isJoined) this.#waitsNoMore(id);
    else if (!this.#unjoined.has(id)) {
      this.#unjoined.set(id, type);
      this.waiting[type]++;
    }
  }

  remove({ id, target }: OpenRating): void {
    for (const named of NAMED) {
      const ids = this.#byName[named].get(target[named]);
      if (ids === id || (typeof ids === 'object' && ids.delete(id) && ids.size === 0))
        this.#byName[named].delete(target[named]);
    }
    this.#waitsNoMore(id);
  }

  /** Lets go of all that have a lower id. */
  letGoBefore(id: number): void {
    for (const named of NAMED)
      for (const [name, ids] of this.#byName[named]) {
        if (typeof ids === 'object') for (const one of ids) if (one < id) ids.delete(one);
        if (typeof ids === 'object' ? ids.size === 0 : ids < id) this.#byName[named].delete(name);
      }
    for (const one of this.#unjoined.keys()) if (one < id) this.#waitsNoMore(one);
    for (const [conversation, last] of this.#conversations) if (last < id) this.#conversations.delete(conversation);
  }

  #waitsNoMore(id: number): void {
    const type = this.#unjoined.get(id);
    if (type === undefined) return;
    this.#unjoined.delete(id);
    this.waiting[type]--;
  }

  /** Those that wait for a trace, a response or an application's own id. */
  named(named: Named, name: string): Iterable<number> {
    const ids = this.#byName[named].get(name) ?? [];
    return typeof ids === 'number' ? [ids] : ids;
  }

  /** Whether something waits for one of these. */
  isNamedBy(trace: TraceId, spans: readonly Span[], interactions: readonly Interaction[]): boolean {
    const { trace: traces, response: responses, interaction: ownIds } = this.#byName;
    if (traces.has(trace)) return true;
    if (responses.size > 0) for (const { responseRef } of spans) if (responses.has(responseRef)) return true;
    for (const { interactionRef, conversationId } of interactions)
      if (ownIds.has(interactionRef) || this.#conversations.has(conversationId)) return true;
    return false;
  }

  /** Each new interaction of the conversation may be the one that some rating is about. */
  hasConversation(conversation: string): boolean {
    return this.#conversations.has(conversation);
  }
}
