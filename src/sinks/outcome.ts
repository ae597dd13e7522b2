import type { Failure, Outcome } from '../model/delivery.ts';
import type { Millis } from '../model/time.ts';
import { parseRetryAfter } from './retry-after.ts';
import type { HttpResult } from './sink.ts';

/** Refused before any work was done: the message has not been taken. */
const NOT_TAKEN = new Set([408, 425, 429, 503]);

/**
 * What an HTTP exchange means for a delivery.
 *
 * An error of 500 and above may come after the work was done, so all but 503 are `unknown`: whether the message
 * arrived has to be found out, or must not matter, before it is sent again.
 */
export function outcomeOf(result: HttpResult, now: Millis): Outcome {
  if (result.kind !== 'answer') return outcomeWithoutAnswer(result);
  return outcomeOfStatus(result.status, parseRetryAfter(result.headers['retry-after'], now));
}

/** What it means that nothing was answered, by whatever protocol. */
export const outcomeWithoutAnswer = ({ kind, reason }: Unanswered): Failure => ({ kind: WITHOUT_ANSWER[kind], reason });

type Unanswered = Exclude<HttpResult, { kind: 'answer' }>;
const WITHOUT_ANSWER = { forbidden: 'permanent', not_sent: 'retry', no_answer: 'unknown' } as const;

function outcomeOfStatus(status: number, afterMs: Millis | undefined): Outcome {
  const after = afterMs === undefined ? {} : { afterMs };
  if (status >= 200 && status < 300) return { kind: 'ok' };
  if (status >= 300 && status < 400)
    return {
      kind: 'permanent',
      reason: `answered ${status}: redirects are not followed, configure the address that it leads to`,
    };
  if (status === 429) return { kind: 'retry', reason: 'answered 429: too many requests', throttled: true, ...after };
  if (NOT_TAKEN.has(status)) return { kind: 'retry', reason: `answered ${status}`, ...after };
  if (status >= 500) return { kind: 'unknown', reason: `answered ${status}`, ...after };
  if (status === 410) return { kind: 'permanent', reason: 'answered 410: it wants no more messages', gone: true };
  return { kind: 'permanent', reason: `answered ${status}` };
}

/** A configured secret can't be read now: a mounted file may come back, so it is tried again. */
export const secretUnreadable = (reference: string): Failure => ({
  kind: 'retry',
  reason: `the secret ${reference} can't be read`,
});
