import type { SpanId, TraceId } from '../model/ids.ts';
import type { Rating } from '../model/rating.ts';
import type { Millis, Minute } from '../model/time.ts';

/** What a rating names as the interaction it is about, ids as inside the house. */
export interface RatingTarget {
  readonly trace: TraceId;
  readonly span: SpanId;
  /** Eight bytes of a hash of the response id; '' when not named. */
  readonly response: string;
  /** The same of the application's own id of the interaction. */
  readonly interaction: string;
  readonly conversation: string;
  readonly service: string;
}

/** A rating as a door hands it on. */
export interface NewRating {
  /** Its own id, or what it is about and which kind it is: of one identity the latest counts. */
  readonly identity: string;
  readonly target: RatingTarget;
  readonly rating: Rating;
  /** What is shown beside it, never counted. */
  readonly detail: Readonly<Record<string, unknown>> | null;
  readonly at: Millis;
  /** The sender said when; otherwise it is when it came, and the same again is a repeat and no later word. */
  readonly isTimed: boolean;
}

/** How many ratings of each type. */
export type RatingCounts = Record<Rating['type'], number>;
export const noRatings = (): RatingCounts => ({ feedback: 0, evaluation: 0, ranking: 0, label: 0 });

/** Ratings without an interaction. */
export interface UnjoinedRatings {
  readonly waiting: RatingCounts;
  /** Those that have waited in vain and are still stored. */
  readonly unmatched: RatingCounts;
}

/** The span beside which an interaction is stored, and the part that it is in. */
export interface Owner {
  readonly part: number;
  readonly trace: TraceId;
  readonly span: SpanId;
}

export interface StoredRating extends NewRating {
  readonly id: number;
  readonly active: boolean;
  readonly owner: Owner | null;
  /** It was joined as the latest of its conversation: a better name of its may still lead elsewhere, or a later interaction come. */
  readonly isByConversation: boolean;
  readonly eventMinute: Minute | null;
  readonly labelMinute: Minute | null;
}

/** What has to be known of a rating to join it when its interaction comes. */
export interface OpenRating {
  readonly id: number;
  readonly rating: Pick<Rating, 'type'>;
  readonly target: Pick<RatingTarget, 'trace' | 'response' | 'interaction' | 'conversation'>;
}

/** What a sender's clock said that was ahead, among what is shown of a rating: `at` is never a time to come. */
export const CLOCK = 'clock';

/** Whether both were said at one time, by the clock of who said them: a word that is sent again is no later one. */
export const areSaidTogether = (a: NewRating, b: NewRating): boolean => clockOf(a) === clockOf(b);

const clockOf = ({ at, detail }: NewRating): Millis =>
  typeof detail?.[CLOCK] === 'string' ? Date.parse(detail[CLOCK]) : at;

/** The order in which they were said; of those of one moment, in which they came. */
export const bySayingTime = (a: StoredRating, b: StoredRating): number => a.at - b.at || a.id - b.id;
