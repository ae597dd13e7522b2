import type { Unmatched } from '../../catalog/findings.ts';
import { millisOfMinute, minuteOf } from '../../model/time.ts';
import type { StoredRating } from '../../store/rating.ts';
import type { UnmatchedRatings } from '../../store/reader.ts';
import { WAIT_MINUTES } from '../../store/sqlite/rating-desk.ts';
import { namedBy } from '../ratings.ts';
import type { ApiContext } from './context.ts';

const EXAMPLES_MAX = 5;

/** The ratings among those wanted that have waited in vain; null when there are none. */
export function unmatchedOf(
  { reader, now }: ApiContext,
  isWanted: (ratings: UnmatchedRatings) => boolean,
): Unmatched | null {
  const before = minuteOf(now()) - WAIT_MINUTES;
  const found = reader.unmatchedRatings(before).filter(isWanted);
  if (found.length === 0) return null;
  const examples: StoredRating[] = [];
  for (let i = 0; i < found.length && examples.length < EXAMPLES_MAX; i++)
    examples.push(...reader.newestUnmatched(found[i]!.service, before));
  return {
    count: found.reduce((sum, { count }) => sum + count, 0),
    since: millisOfMinute(Math.min(...found.map(({ since }) => since))),
    waitMs: millisOfMinute(WAIT_MINUTES),
    examples: examples.slice(0, EXAMPLES_MAX).map(namedBy),
  };
}
