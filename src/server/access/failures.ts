import type { Millis } from '../../model/time.ts';

/** So many failures within the time below are too many. */
export const FAILURES_MAX = 10;
const WITHIN: Millis = 5 * 60_000;
/** How long nobody is let in then. */
export const LOCKED_FOR: Millis = 5 * 60_000;
/** Keys remembered; beyond that the oldest are forgotten. */
const KEYS_MAX = 10_000;

interface Failures {
  count: number;
  readonly since: Millis;
  lockedUntil: Millis;
}

/**
 * Counts failed attempts by key (a source, a token) and locks a key that has failed too often. Time is passed in.
 * In memory: with several replicas each counts for itself.
 */
export class FailureBook {
  readonly #byKey = new Map<string, Failures>();

  /** For how long a key is still locked; 0: it is not. */
  lockedFor(key: string, now: Millis): Millis {
    return Math.max(0, (this.#byKey.get(key)?.lockedUntil ?? 0) - now);
  }

  /** Notes a failure. @returns whether it is the one that locks the key */
  note(key: string, now: Millis): boolean {
    const known = this.#byKey.get(key);
    const isFresh = known !== undefined && now - known.since < WITHIN && known.lockedUntil === 0;
    const failures = isFresh ? known : { count: 0, since: now, lockedUntil: 0 };
    failures.count++;
    if (failures.count >= FAILURES_MAX) failures.lockedUntil = now + LOCKED_FOR;
    this.#byKey.delete(key);
    if (this.#byKey.size >= KEYS_MAX) this.#byKey.delete(this.#byKey.keys().next().value!);
    this.#byKey.set(key, failures);
    return failures.lockedUntil > 0;
  }
}
