import type { Unmatched } from '../../catalog/findings.ts';
import { millisOfMinute, minuteOf } from '../../model/time.ts';
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
  const found = reader.unmatchedRatings(minuteOf(now()) - WAIT_MINUTES).filter(isWanted);
  if (found.length === 0) return null;
  return {
    count: found.reduce((sum, { count }) => sum + count, 0),
    since: millisOfMinute(Math.min(...found.map(({ since }) => since))),
    waitMs: millisOfMinute(WAIT_MINUTES),
    examples: found.flatMap(({ examples }) => examples.map(namedBy)).slice(0, EXAMPLES_MAX),
  };
}
