import type { TraceId } from '../../model/ids.ts';
import type { Interaction } from '../../model/interaction.ts';
import type { Span } from '../../model/span.ts';
import { type Millis, type Minute, minuteOf, minuteOfTenths } from '../../model/time.ts';
import { labelMinute, type Sign } from '../../tally/fold.ts';
import type { RatingOutcome } from '../items.ts';
import { interactionOf } from '../join.ts';
import type { NewRating, Owner, StoredRating } from '../rating.ts';
import { storedInteractions } from '../regroup.ts';
import { interactionAt } from './owner.ts';
import type { RatingTable } from './ratings.ts';
import type { Running } from './running.ts';
import { type PackedChange, type Placed, partOf, type TraceChange, type Traces } from './traces.ts';

/** How long a rating waits for its interaction. */
export const WAIT_MINUTES = 7 * 1440;
/** How often those that have waited in vain are let go. */
const LET_GO_MINUTES = 60;

/**
 * Feedback, evaluations and labels: each is counted with the interaction it is about, follows it when its trace is judged
 * anew, and waits for it when it came first.
 */
export class RatingDesk {
  readonly #ratings: RatingTable;
  readonly #traces: Traces;
  readonly #running: Running;
  readonly #waiting = new Map<string, Set<number>>();
  /** Conversations that ratings name and nothing else: each new interaction of one may be the one they are about. */
  readonly #ratedConversations = new Set<string>();
  /** When what waits was last read from the store. */
  #loaded: Minute = 0;

  constructor(ratings: RatingTable, traces: Traces, running: Running) {
    this.#ratings = ratings;
    this.#traces = traces;
    this.#running = running;
  }

  get waiting(): number {
    let count = 0;
    for (const ids of this.#waiting.values()) count += ids.size;
    return count;
  }

  /** Reads back what waits. */
  load(now: Millis): void {
    this.#loaded = minuteOf(now);
    this.#waiting.clear();
    this.#ratedConversations.clear();
    const since = this.#loaded - WAIT_MINUTES;
    for (const rating of this.#ratings.waitingSince(since)) this.#wait(rating);
    for (const name of this.#ratings.conversationsSince(since)) this.#ratedConversations.add(name);
  }

  /** Lets go of what has waited too long. */
  settle(now: Millis): void {
    if (minuteOf(now) >= this.#loaded + LET_GO_MINUTES) this.load(now);
  }

  /** Takes one rating: counted, known already, or stored until its interaction comes. */
  take(rating: NewRating, now: Millis): RatingOutcome {
    const current = this.#ratings.activeOf(rating.identity);
    return current === null ? this.#takeFirst(rating, now) : this.#takeAnother(rating, current, now);
  }

  #takeFirst(rating: NewRating, now: Millis): RatingOutcome {
    const found = this.#joinFound(this.#ratings.insert(rating, true, minuteOf(now)));
    if (found !== null) this.#running.ratingArrived(found, rating.rating);
    return found === null ? 'pending' : 'accepted';
  }

  /**
   * What was said of one identity is a history: in order of when it was said, whatever the order in which it came. The last
   * value counts, from when it was first said without another one in between.
   */
  #takeAnother(rating: NewRating, current: StoredRating, now: Millis): RatingOutcome {
    const history = [...this.#ratings.replaced(rating.identity), current].sort(bySayingTime);
    if (history.some((one) => one.at === rating.at && sameValue(one, rating))) return 'duplicate';
    const neighbours = [history.findLast((one) => one.at <= rating.at), history.find((one) => one.at > rating.at)];
    const isRepeat = neighbours.some((one) => one !== undefined && sameValue(one, rating));
    if (isRepeat && !rating.isTimed) return 'duplicate';
    const stored = this.#ratings.insert(rating, false, minuteOf(now));
    history.push(stored);
    history.sort(bySayingTime);
    let winner = history.at(-1)!;
    for (const one of history.toReversed())
      if (sameValue(one, winner)) winner = one;
      else break;
    let isJoined = true;
    if (winner.id !== current.id) {
      this.#takeBack(current);
      this.#ratings.activate(winner.id);
      const found = this.#joinFound(winner);
      if (found !== null && winner.id === stored.id && !isRepeat) this.#running.ratingArrived(found, rating.rating);
      isJoined = found !== null;
    }
    return isRepeat ? 'duplicate' : isJoined ? 'accepted' : 'pending';
  }

  /** @returns the interaction that a rating is about; null when it has to wait for it */
  #joinFound(rating: StoredRating): Interaction | null {
    if (namesConversation(rating)) this.#ratedConversations.add(rating.target.conversation);
    const found = this.#find(rating);
    this.#join(rating, found);
    return found?.interaction ?? null;
  }

  /** Whether ratings may be about what a change says, so that `follow` must be told of it. */
  isConcernedBy({ traceId, known, freshSpans, result }: PackedChange): boolean {
    if (known.length > 0) return true;
    if (this.#waiting.size > 0) {
      if (this.#waiting.has(`t${traceId}`)) return true;
      for (const { responseRef } of freshSpans)
        if (responseRef !== '' && this.#waiting.has(`r${responseRef}`)) return true;
    }
    return (
      this.#ratedConversations.size > 0 &&
      result.interactions.some(({ conversationId }) => this.#ratedConversations.has(conversationId))
    );
  }

  /** Traces have changed: ratings joined to them follow their interactions, and those that waited for them are joined. */
  follow(changes: readonly TraceChange[]): void {
    const conversations = new Set<string>();
    for (const change of changes) {
      const before = storedInteractions(change.known).interactions;
      this.#rejoin(change, before);
      if (this.#ratedConversations.size > 0)
        for (const { conversationId } of [...before, ...change.result.interactions])
          if (this.#ratedConversations.has(conversationId)) conversations.add(conversationId);
    }
    for (const conversation of conversations) this.#rejoinConversation(conversation);
  }

  #rejoin(change: TraceChange, before: readonly Interaction[]): void {
    if (before.length > 0)
      for (const rating of this.#ratings.ofTrace(change.traceId)) {
        if (!rating.active) continue;
        const owner = rating.owner!;
        const old = before.find((one) => one.anchorSpanId === owner.span) ?? interactionAt(this.#traces.parts, owner);
        if (old !== null) this.#count(rating, old, -1);
        this.#join(rating, this.#placedIn(change, rating));
      }
    if (this.#waiting.size === 0) return;
    this.#joinWaiting(`t${change.traceId}`, change);
    for (const span of change.freshSpans)
      if (span.responseRef !== '') this.#joinWaiting(`r${span.responseRef}`, change);
  }

  /** Of a conversation the latest interaction before the rating is meant: a new one may be that. */
  #rejoinConversation(conversation: string): void {
    for (const rating of this.#ratings.ofConversation(conversation)) {
      const found = this.#find(rating);
      const { owner } = rating;
      if (found !== null && owner !== null && isAt(found.interaction, owner)) continue;
      const old = owner === null ? null : interactionAt(this.#traces.parts, owner);
      if (old !== null) this.#count(rating, old, -1);
      this.#waiting.get(waitingKey(rating))?.delete(rating.id);
      this.#join(rating, found);
    }
  }

  #joinWaiting(key: string, change: TraceChange): void {
    const ids = this.#waiting.get(key);
    if (ids === undefined) return;
    this.#waiting.delete(key);
    for (const id of ids) {
      const rating = this.#ratings.byId(id);
      if (!rating?.active) continue;
      const found = this.#placedIn(change, rating);
      this.#join(rating, found);
      if (found !== null) this.#running.ratingArrived(found.interaction, rating.rating);
    }
  }

  #placedIn(change: TraceChange, rating: StoredRating): Placed | null {
    const interaction = this.#interactionIn(change, rating);
    return interaction === null ? null : { interaction, part: partOf(change, interaction) };
  }

  /** The interaction of a changed trace that a rating is about. */
  #interactionIn({ known, freshSpans, result }: TraceChange, { target }: StoredRating): Interaction | null {
    const { interactions, leadOf } = result;
    const nameOf = this.#running.counting.serviceNameOf;
    if (target.trace !== '') return interactionOf(target, interactions, leadOf, nameOf);
    if (target.response !== '') {
      const has = (span: Span): boolean => span.responseRef === target.response;
      const span = known.find((stored) => has(stored.span))?.span ?? freshSpans.find(has);
      return span === undefined ? null : interactionOf({ ...target, span: span.spanId }, interactions, leadOf, nameOf);
    }
    const ofConversation = interactions.filter((one) => one.conversationId === target.conversation);
    return interactionOf(target, ofConversation, leadOf, nameOf);
  }

  /** Counts a rating with its interaction and remembers whose it is; without one it waits. */
  #join(rating: StoredRating, found: Placed | null): void {
    if (found === null) {
      if (rating.owner !== null) this.#ratings.release(rating.id);
      this.#wait(rating);
      return;
    }
    const { interaction, part } = found;
    this.#count(rating, interaction, 1);
    const owner = { part, trace: interaction.traceId, span: interaction.anchorSpanId };
    this.#ratings.join(rating.id, owner, minuteOfTenths(interaction.endTenths), labelMinute(interaction, rating.at));
  }

  #count(rating: StoredRating, interaction: Interaction, sign: Sign): void {
    this.#running.rating(interaction, rating.rating, rating.at, sign);
  }

  #wait(rating: StoredRating): void {
    const key = waitingKey(rating);
    const ids = this.#waiting.get(key);
    if (ids === undefined) this.#waiting.set(key, new Set([rating.id]));
    else ids.add(rating.id);
  }

  #takeBack(rating: StoredRating): void {
    const interaction = rating.owner === null ? null : interactionAt(this.#traces.parts, rating.owner);
    if (interaction !== null) this.#count(rating, interaction, -1);
    this.#ratings.retire(rating.id);
  }

  /** The stored interaction a rating is about, however old. */
  #find(rating: StoredRating): Placed | null {
    const { target } = rating;
    if (target.trace !== '') return this.#findInTrace(rating, target.trace);
    if (target.response !== '') {
      const span = this.#traces.spanOfResponse(target.response)?.span;
      return span === undefined
        ? null
        : this.#findInTrace({ ...rating, target: { ...target, span: span.spanId } }, span.traceId);
    }
    let latest: Placed | null = null;
    for (const one of this.#traces.interactionsOfConversation(target.conversation)) {
      if (one.interaction.endTenths * 100 > rating.at) continue;
      if (target.service !== '' && this.#running.counting.serviceNameOf(one.interaction) !== target.service) continue;
      if (latest === null || endedLater(one.interaction, latest.interaction)) latest = one;
    }
    return latest;
  }

  #findInTrace(rating: StoredRating, traceId: TraceId): Placed | null {
    const stored = this.#traces.stored(traceId);
    const { interactions, leadOf } = storedInteractions(stored);
    const interaction = interactionOf(rating.target, interactions, leadOf, this.#running.counting.serviceNameOf);
    const row = stored.find(({ judged }) => interaction !== null && judged.interaction === interaction);
    return row === undefined ? null : { interaction: row.judged.interaction!, part: row.part };
  }
}

const isAt = ({ traceId, anchorSpanId }: Interaction, { trace, span }: Owner): boolean =>
  traceId === trace && anchorSpanId === span;

const sameValue = (a: NewRating, b: NewRating): boolean =>
  JSON.stringify(a.rating) === JSON.stringify(b.rating) && a.detail?.['label'] === b.detail?.['label'];

const bySayingTime = (a: StoredRating, b: StoredRating): number => a.at - b.at || a.id - b.id;

const namesConversation = ({ target }: NewRating): boolean => target.trace === '' && target.response === '';

/** What a rating waits for: a trace, a response, or a conversation. */
function waitingKey({ target }: NewRating): string {
  if (target.trace !== '') return `t${target.trace}`;
  return target.response !== '' ? `r${target.response}` : `c${target.conversation}`;
}

/** Of two that ended together the one with the higher id, so that the choice does not depend on the order of arrival. */
function endedLater(a: Interaction, b: Interaction): boolean {
  if (a.endTenths !== b.endTenths) return a.endTenths > b.endTenths;
  if (a.endNanos !== b.endNanos) return a.endNanos > b.endNanos;
  return a.traceId + a.spanId > b.traceId + b.spanId;
}
