import type { TraceId } from '../../model/ids.ts';
import type { Interaction } from '../../model/interaction.ts';
import type { Rating } from '../../model/rating.ts';
import type { Span } from '../../model/span.ts';
import { noRatings, type RatingTarget, type StoredRating } from '../rating.ts';

/** The names under which ratings wait. */
export const byTrace = (trace: TraceId): string => `t${trace}`;
export const byResponse = (responseRef: string): string => `r${responseRef}`;
export const byOwnId = (interactionRef: string): string => `o${interactionRef}`;

/**
 * Ratings that a new span may concern: those that have found no interaction, and those that have found none but the latest
 * of their conversation. By each name that would find it.
 */
export class OpenRatings {
  readonly waiting = noRatings();
  readonly #byName = new Map<string, Set<number>>();
  /** Those that count as waiting: the others are counted with an interaction meanwhile. */
  readonly #unjoined = new Set<number>();
  readonly #conversations = new Set<string>();

  get isEmpty(): boolean {
    return this.#byName.size === 0 && this.#conversations.size === 0;
  }

  clear(): void {
    this.#byName.clear();
    this.#unjoined.clear();
    this.#conversations.clear();
    Object.assign(this.waiting, noRatings());
  }

  add({ id, rating, target }: StoredRating, isJoined: boolean): void {
    for (const name of namesIn(target)) {
      const ids = this.#byName.get(name);
      if (ids === undefined) this.#byName.set(name, new Set([id]));
      else ids.add(id);
    }
    if (target.conversation !== '') this.#conversations.add(target.conversation);
    if (isJoined) this.#waitsNoMore(id, rating);
    else if (!this.#unjoined.has(id)) {
      this.#unjoined.add(id);
      this.waiting[rating.type]++;
    }
  }

  remove({ id, rating, target }: StoredRating): void {
    for (const name of namesIn(target)) {
      const ids = this.#byName.get(name);
      if (ids?.delete(id) === true && ids.size === 0) this.#byName.delete(name);
    }
    this.#waitsNoMore(id, rating);
  }

  #waitsNoMore(id: number, { type }: Rating): void {
    if (this.#unjoined.delete(id)) this.waiting[type]--;
  }

  named(name: string): Iterable<number> {
    return this.#byName.get(name) ?? [];
  }

  /** Whether something waits for one of these. */
  isNamedBy(trace: TraceId, spans: readonly Span[], interactions: readonly Interaction[]): boolean {
    if (this.#byName.has(byTrace(trace))) return true;
    for (const { responseRef } of spans)
      if (responseRef !== '' && this.#byName.has(byResponse(responseRef))) return true;
    return interactions.some(
      ({ interactionRef, conversationId }) =>
        (interactionRef !== '' && this.#byName.has(byOwnId(interactionRef))) || this.#conversations.has(conversationId),
    );
  }

  /** Each new interaction of the conversation may be the one that some rating is about. */
  hasConversation(conversation: string): boolean {
    return this.#conversations.has(conversation);
  }
}

function namesIn({ trace, response, interaction }: RatingTarget): string[] {
  const names: string[] = [];
  if (trace !== '') names.push(byTrace(trace));
  if (response !== '') names.push(byResponse(response));
  if (interaction !== '') names.push(byOwnId(interaction));
  return names;
}
