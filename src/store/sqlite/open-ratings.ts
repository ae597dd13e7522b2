import type { TraceId } from '../../model/ids.ts';
import type { Interaction } from '../../model/interaction.ts';
import type { Rating } from '../../model/rating.ts';
import type { Span } from '../../model/span.ts';
import { noRatings, type OpenRating } from '../rating.ts';

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
  /** Nearly always one waits under a name: it costs no list of its own, of which there may be millions. */
  readonly #byName = new Map<string, number | Set<number>>();
  /** Those that count as waiting, with their types: the others are counted with an interaction meanwhile. */
  readonly #unjoined = new Map<number, Rating['type']>();
  /** With the last one that names each. */
  readonly #conversations = new Map<string, number>();

  get isEmpty(): boolean {
    return this.#byName.size === 0 && this.#conversations.size === 0;
  }

  clear(): void {
    this.#byName.clear();
    this.#unjoined.clear();
    this.#conversations.clear();
    Object.assign(this.waiting, noRatings());
  }

  add({ id, rating: { type }, target }: OpenRating, isJoined: boolean): void {
    for (const name of namesIn(target)) {
      const ids = this.#byName.get(name) ?? id;
      if (typeof ids !== 'number') ids.add(id);
      else this.#byName.set(name, ids === id ? id : new Set([ids, id]));
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
    for (const name of namesIn(target)) {
      const ids = this.#byName.get(name);
      if (ids === id || (typeof ids === 'object' && ids.delete(id) && ids.size === 0)) this.#byName.delete(name);
    }
    this.#waitsNoMore(id);
  }

  /** Lets go of all that have a lower id. */
  letGoBefore(id: number): void {
    for (const [name, ids] of this.#byName) {
      if (typeof ids === 'object') for (const one of ids) if (one < id) ids.delete(one);
      if (typeof ids === 'object' ? ids.size === 0 : ids < id) this.#byName.delete(name);
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

  named(name: string): Iterable<number> {
    const ids = this.#byName.get(name) ?? [];
    return typeof ids === 'number' ? [ids] : ids;
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

function namesIn({ trace, response, interaction }: OpenRating['target']): string[] {
  const names: string[] = [];
  if (trace !== '') names.push(byTrace(trace));
  if (response !== '') names.push(byResponse(response));
  if (interaction !== '') names.push(byOwnId(interaction));
  return names;
}
