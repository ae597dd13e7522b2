import { MINUTE_MS, type Millis } from '../../model/time.ts';
import type { Destination } from './plan.ts';
import type { OutboxRow } from './row.ts';

/** A page that has not arrived after so long has to reach somebody another way. */
export const OVERDUE_MS: Millis = 5 * MINUTE_MS;

/** Wakes somebody; other rows tell who is awake already. */
export const isPage = ({ transition, announced }: OutboxRow): boolean =>
  transition === 'opened' || transition === 'reopened' || transition === 'escalated' || !announced;

/**
 * Pages that should have arrived by now: their destination has been out of reach for five minutes, or they were tried and have
 * waited for as long. The second is known after a restart, too, when the breakers are not.
 * @param rows  pending ones
 */
export function overduePages(
  rows: readonly OutboxRow[],
  now: Millis,
  destinations: ReadonlyMap<string, Pick<Destination, 'class' | 'breaker'>>,
): OutboxRow[] {
  return rows.filter((row) => {
    const destination = destinations.get(row.sink);
    if (destination?.class !== 'page' || !isPage(row)) return false;
    const { breaker } = destination;
    const isDown = breaker.state !== 'closed' && now - breaker.since >= OVERDUE_MS;
    return isDown || (row.attempts > 0 && now - row.waitsSince >= OVERDUE_MS);
  });
}
