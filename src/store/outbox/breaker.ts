import type { Outcome } from '../../model/delivery.ts';
import type { Millis } from '../../model/time.ts';

/** A closed breaker opens after so many failures in a row, or when more than half of the last 20 attempts failed. */
export const FAILURES_IN_A_ROW = 5;
export const RECENT = 20;
/** An open one lets one attempt through after this long, and after twice as long each time that fails. */
export const FIRST_WAIT_MS: Millis = 30_000;
export const LONGEST_WAIT_MS: Millis = 10 * 60_000;

/**
 * The state of one destination. While it is open its rows wait, without burning attempts.
 * - `closed`: `pausedUntil` is when it wants to hear from us again (429, Retry-After).
 * - `open` since `since`; from `probeAt` on one attempt may try it.
 * - `disabled`: it said that it wants nothing more.
 */
export type Breaker =
  | {
      readonly state: 'closed';
      readonly failuresInARow: number;
      /** Newest last; true is a failure. */
      readonly recent: readonly boolean[];
      readonly pausedUntil: Millis;
    }
  | { readonly state: 'open'; readonly since: Millis; readonly probeAt: Millis; readonly waitMs: Millis }
  | { readonly state: 'disabled'; readonly since: Millis };

export const CLOSED: Extract<Breaker, { state: 'closed' }> = {
  state: 'closed',
  failuresInARow: 0,
  recent: [],
  pausedUntil: 0,
};

/** When the next attempt may be made; null: never. */
export function passesAt(breaker: Breaker): Millis | null {
  if (breaker.state === 'disabled') return null;
  return breaker.state === 'open' ? breaker.probeAt : breaker.pausedUntil;
}

/** How many attempts may be under way at once. */
export const passes = (breaker: Breaker, limit: number): number => (breaker.state === 'open' ? 1 : limit);

export interface Attempt {
  readonly startedAt: Millis;
  readonly endedAt: Millis;
  readonly outcome: Outcome;
  /** How long the failed row waits now: a destination that names a time means all rows. */
  readonly pauseMs: Millis;
}

/**
 * The breaker after an attempt. One that is throttled or waits is no failure, nor is a refusal of one message: the destination is
 * well. Nor is a fault of ours, which says nothing of it.
 */
export function afterAttempt(breaker: Breaker, { startedAt, endedAt: now, outcome, pauseMs }: Attempt): Breaker {
  if (outcome.kind === 'permanent' && outcome.gone) return { state: 'disabled', since: now };
  if (breaker.state === 'disabled') return breaker;
  const waiting = outcome.kind === 'retry' && outcome.waiting === true;
  const asked =
    (outcome.kind === 'retry' && !waiting) || outcome.kind === 'unknown' ? outcome.afterMs !== undefined : false;
  const throttled = outcome.kind === 'retry' && outcome.throttled === true;
  const failed =
    (outcome.kind === 'retry' && !throttled && !waiting) || (outcome.kind === 'unknown' && outcome.isOurFault !== true);
  const pausedUntil = throttled || asked ? now + pauseMs : 0;
  if (breaker.state === 'open') {
    if (!failed) return { ...CLOSED, pausedUntil };
    // Under way when it opened: that it failed too is no news.
    if (startedAt < breaker.probeAt) return breaker;
    const waitMs = Math.min(breaker.waitMs * 2, LONGEST_WAIT_MS);
    return { ...breaker, waitMs, probeAt: Math.max(now + waitMs, pausedUntil) };
  }
  const recent = [...breaker.recent, failed].slice(-RECENT);
  const failuresInARow = failed ? breaker.failuresInARow + 1 : 0;
  const failures = recent.filter(Boolean).length;
  if (failuresInARow >= FAILURES_IN_A_ROW || (recent.length === RECENT && failures * 2 > RECENT))
    return { state: 'open', since: now, waitMs: FIRST_WAIT_MS, probeAt: Math.max(now + FIRST_WAIT_MS, pausedUntil) };
  return { state: 'closed', failuresInARow, recent, pausedUntil: Math.max(breaker.pausedUntil, pausedUntil) };
}
