import { HOUR_MS, type Millis } from '../../model/time.ts';

export const BACKOFF_BASE_MS: Millis = 1_000;
export const BACKOFF_CAP_MS: Millis = 15 * 60_000;
export const RETRY_AFTER_CAP_MS: Millis = HOUR_MS;

/**
 * How long to wait after a failed attempt: anything up to an exponentially growing bound ("full jitter"), and not less
 * than the destination asked for, of which an hour is believed.
 * @param attempts  made so far, >= 1
 * @param random    in [0, 1)
 * @see M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015
 */
export function backoffMs(attempts: number, random: number, retryAfterMs = 0): Millis {
  if (!(attempts >= 1)) throw new RangeError(`attempts is ${attempts}, at least 1 is needed`);
  if (!(random >= 0 && random < 1)) throw new RangeError(`random is ${random}, it has to be in [0, 1)`);
  const bound = Math.min(BACKOFF_CAP_MS, BACKOFF_BASE_MS * 2 ** (attempts - 1));
  return Math.max(Math.floor(random * bound), Math.min(retryAfterMs, RETRY_AFTER_CAP_MS));
}
