import type { SpanId } from '../../model/ids.ts';
import type { Interaction } from '../../model/interaction.ts';
import { MINUTES_PER_DAY, type Millis, type Minute, minuteOf, minuteOfTenths } from '../../model/time.ts';
import { labelMinute, type Sign } from '../../tally/fold.ts';
import type { RatingOutcome } from '../items.ts';
import {
  areSaidTogether,
  bySayingTime,
  type NewRating,
  noRatings,
  type StoredRating,
  type UnjoinedRatings,
} from '../rating.ts';
import { storedInteractions } from '../regroup.ts';
import type { TraceStore } from '../trace-store.ts';
import { type Found, InteractionFinder, type StoredTrace } from './interaction-finder.ts';
import { JointDesk } from './joint-desk.ts';
import { OpenRatings } from './open-ratings.ts';
import { interactionAt } from './owner.ts';
import type { RatingTable } from './ratings.ts';
import type { Running } from './running.ts';
import { partOf, type TraceChange } from './trace-change.ts';

/** How long a rating waits for its interaction. */
export const WAIT_MINUTES = 7 * MINUTES_PER_DAY;
/** How often those that have waited in vain are let go. */
const LET_GO_MINUTES = 60;

/**
 * Feedback, evaluations and labels: each is counted with the interaction it is about, follows it when its trace is judged
 * anew, and waits for it when it came first.
 */
export class RatingDesk {
  readonly #ratings: RatingTable;
  readonly #traces: TraceStore;
  readonly #running: Running;
  readonly #finder: InteractionFinder;
  readonly #joints: JointDesk;
  readonly #open = new OpenRatings();
  #unmatched = noRatings();
  /** When what has waited too long was last let go of. */
  #loaded: Minute = 0;

  constructor(ratings: RatingTable, traces: TraceStore, running: Running) {
    this.#ratings = ratings;
    this.#traces = traces;
    this.#running = running;
    this.#finder = new InteractionFinder(traces, running.counting.serviceNameOf);
    this.#joints = new JointDesk(ratings, traces, running);
  }

  get unjoined(): UnjoinedRatings {
    return { waiting: { ...this.#open.waiting }, unmatched: this.#unmatched };
  }

  /** Reads back what is open. */
  load(now: Millis): void {
    this.#loaded = minuteOf(now);
    const since = this.#loaded - WAIT_MINUTES;
    this.#open.clear();
    this.#joints.clear();
    this.#finder.forget();
    for (const rating of this.#ratings.openSince(since)) this.#open.add(rating, rating.isByConversation);
    this.#unmatched = { ...noRatings(), ...this.#ratings.unjoinedBefore(since) };
  }

  /** Where others write beside this one, the store says what is open: all of it that the next group may concern. */
  expect(open: Iterable<StoredRating>): void {
    this.#open.clear();
    this.#joints.clear();
    this.#finder.forget();
    for (const rating of open) this.#open.add(rating, rating.isByConversation);
  }

  /** Counts together what is said of one interaction, at the end of each transaction that changed any of it. */
  finish(): void {
    this.#joints.count();
    this.#finder.forget();
  }

  /** Lets go of what has waited too long. */
  tidy(now: Millis): void {
    if (minuteOf(now) < this.#loaded + LET_GO_MINUTES) return;
    this.#loaded = minuteOf(now);
    const since = this.#loaded - WAIT_MINUTES;
    this.#open.letGoBefore(this.#ratings.firstOpenSince(since));
    this.#unmatched = { ...noRatings(), ...this.#ratings.unjoinedBefore(since) };
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
   * value counts, from when it was first said without another one in between. It may be long: only what lies beside the new one is read.
   */
  #takeAnother(rating: NewRating, current: StoredRating, now: Millis): RatingOutcome {
    const { together, before, after } = this.#ratings.replacedBeside(rating);
    if ([...together, current].some((one) => areSaidTogether(one, rating) && sameValue(one, rating)))
      return 'duplicate';
    const known = [before, current, after].filter((one) => one !== null).sort(bySayingTime);
    const next = known.find((one) => one.at > rating.at);
    const isRepeat = [known.findLast((one) => one.at <= rating.at), next].some(
      (one) => one !== undefined && sameValue(one, rating),
    );
    if (isRepeat && !rating.isTimed) return 'duplicate';
    const stored = this.#ratings.insert(rating, false, minuteOf(now));
    const winner = lastWord(stored, current, next);
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
    const found = this.#finder.find(rating);
    this.#join(rating, found);
    return found === null ? null : found.interaction;
  }

  /** Whether ratings that wait name what a change says: then `follow` must be told of it, as of a trace that ratings are counted with. */
  isWaitedFor({ traceId, freshSpans, result }: Omit<TraceChange, 'freshParts'>): boolean {
    return !this.#open.isEmpty && this.#open.isNamedBy(traceId, freshSpans, result.interactions);
  }

  /** Traces have changed: ratings joined to them follow their interactions, and those that waited for them are joined. */
  follow(changes: readonly TraceChange[]): void {
    this.#finder.forget();
    const uncounted: { rating: StoredRating; trace: StoredTrace }[] = [];
    for (const change of changes) {
      const before = storedInteractions(change.known).interactions;
      if (before.length > 0) this.#uncount(change, before, uncounted);
    }
    // Only when nothing is counted with what was before any more: what is found may lie in another of these traces.
    for (const { rating, trace } of uncounted)
      this.#join(rating, this.#finder.findIn(trace, rating.target) ?? this.#finder.find(rating));
    if (!this.#open.isEmpty) for (const change of changes) this.#joinWaiting(change);
    const changed = changes.flatMap(({ result }) => result.interactions);
    for (const [conversation, interactions] of Map.groupBy(changed, ({ conversationId }) => conversationId))
      if (this.#open.hasConversation(conversation)) this.#rejoinConversation(conversation, interactions);
  }

  /** Takes the ratings of a changed trace out of what they were counted with. */
  #uncount(
    change: TraceChange,
    before: readonly Interaction[],
    into: { rating: StoredRating; trace: StoredTrace }[],
  ): void {
    const trace = traceOf(change);
    const changed = new Set(change.result.changed.map(({ span }) => span.spanId));
    for (const rating of this.#ratings.ofTrace(change.traceId)) {
      if (!rating.active || this.#stays(rating, trace, changed)) continue;
      const owner = rating.owner!;
      const old = before.find((one) => one.anchorSpanId === owner.span) ?? interactionAt(this.#traces.parts, owner);
      if (old !== null) {
        this.#joints.takeOut(old);
        this.#count(rating, old, -1);
      }
      into.push({ rating, trace });
    }
  }

  /** Whether a rating is counted with what it was counted with, and that as it was. @param changed  spans that are judged otherwise now */
  #stays({ owner, target, isByConversation }: StoredRating, trace: StoredTrace, changed: ReadonlySet<SpanId>): boolean {
    if (isByConversation || changed.has(owner!.span)) return false;
    return this.#finder.findIn(trace, target)?.interaction.anchorSpanId === owner!.span;
  }

  #joinWaiting(change: TraceChange): void {
    const ids = new Set(this.#open.named('trace', change.traceId));
    for (const { responseRef } of change.freshSpans)
      if (responseRef !== '') for (const id of this.#open.named('response', responseRef)) ids.add(id);
    for (const { interactionRef } of change.result.interactions)
      if (interactionRef !== '') for (const id of this.#open.named('interaction', interactionRef)) ids.add(id);
    if (ids.size === 0) return;
    const trace = traceOf(change);
    for (const id of ids) {
      const rating = this.#ratings.byId(id);
      const found = rating === null ? null : this.#finder.findIn(trace, rating.target);
      if (found !== null) this.#move(rating!, found);
    }
  }

  /**
   * Of a conversation the latest interaction before the rating is meant: one that has come or changed may be that. What was said of
   * others by then stands as it is, or has been found anew with its trace.
   */
  #rejoinConversation(conversation: string, changed: readonly Interaction[]): void {
    const first = changed.reduce((end, { endTenths }) => Math.min(end, endTenths), Number.POSITIVE_INFINITY);
    for (const rating of this.#ratings.ofConversation(conversation, first * 100)) {
      const found = this.#finder.find(rating);
      const { owner } = rating;
      const isSame =
        found !== null && found.interaction.traceId === owner?.trace && found.interaction.anchorSpanId === owner.span;
      if (!isSame) this.#move(rating, found);
    }
  }

  /** Counts a rating with another interaction than before, if it was with any; all that changed must be counted anew by then. */
  #move(rating: StoredRating, found: Found | null): void {
    const old = rating.owner === null ? null : interactionAt(this.#traces.parts, rating.owner);
    if (old !== null) this.#count(rating, old, -1);
    this.#join(rating, found);
    if (rating.owner === null && found !== null) this.#running.ratingArrived(found.interaction, rating.rating);
  }

  /** Counts a rating with its interaction and remembers whose it is; without one it waits. */
  #join(rating: StoredRating, found: Found | null): void {
    if (found === null || found.isByConversation) this.#open.add(rating, found !== null);
    if (found === null) {
      if (rating.owner !== null) this.#ratings.release(rating.id);
      return;
    }
    const { interaction, part, isByConversation } = found;
    if (!isByConversation) this.#open.remove(rating);
    this.#count(rating, interaction, 1);
    const owner = { part, trace: interaction.traceId, span: interaction.anchorSpanId };
    const said = labelMinute(interaction, rating.at);
    this.#ratings.join(rating.id, owner, minuteOfTenths(interaction.endTenths), said, isByConversation);
  }

  /** Comes before the row of the rating is changed. */
  #count(rating: StoredRating, interaction: Interaction, sign: Sign): void {
    this.#joints.changes(rating, interaction);
    this.#running.rating(interaction, rating.rating, rating.at, sign);
  }

  #takeBack(rating: StoredRating): void {
    const interaction = rating.owner === null ? null : interactionAt(this.#traces.parts, rating.owner);
    if (interaction !== null) {
      this.#count(rating, interaction, -1);
      this.#running.ratingReplaced(rating.rating);
    }
    this.#open.remove(rating);
    this.#ratings.retire(rating.id);
  }
}

const traceOf = (change: TraceChange): StoredTrace => ({
  traceId: change.traceId,
  interactions: change.result.interactions,
  leadOf: change.result.leadOf,
  spans: [...change.known.map((stored) => stored.span), ...change.freshSpans],
  partOf: (interaction) => partOf(change, interaction),
});

const sameValue = (a: NewRating, b: NewRating): boolean =>
  JSON.stringify(a.rating) === JSON.stringify(b.rating) && a.detail?.['label'] === b.detail?.['label'];

/**
 * What counts of a history into which one more has come. @param current  what counted: the first of those that say the same as the last
 * @param next  what was said next after the new one
 */
function lastWord(stored: StoredRating, current: StoredRating, next: StoredRating | undefined): StoredRating {
  const isSame = sameValue(stored, current);
  if (stored.at < current.at) return isSame && next === current ? stored : current;
  return isSame ? current : (next ?? stored);
}
