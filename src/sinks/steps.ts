import type { Failure, Outcome } from '../model/delivery.ts';
import { outcomeOf, secretUnreadable } from './outcome.ts';
import type { HttpRequest, HttpResult, SinkContext } from './sink.ts';

/** Ends a delivery that takes several steps. */
export class Failed extends Error {
  override readonly name = 'Failed';
  readonly outcome: Failure;

  constructor(outcome: Failure) {
    super(outcome.reason);
    this.outcome = outcome;
  }
}

/** A delivery of several steps, of which the first that fails decides. */
export async function inSteps(work: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Failed)) throw error;
    return error.outcome;
  }
}

/** One that went well. */
export type Answered = Extract<HttpResult, { kind: 'answer' }>;
type Context = Pick<SinkContext<unknown>, 'http' | 'now' | 'secret'>;

/**
 * A change: whether it arrived may be unknown. Throws `Failed`.
 * @param isKnown  of something that was there a moment ago: when it is gone (404), whoever comes again sees that
 */
export async function change(context: Context, request: HttpRequest, isKnown = false): Promise<Answered> {
  const result = await context.http(request);
  if (isKnown && result.kind === 'answer' && result.status === 404)
    throw new Failed({ kind: 'retry', reason: 'answered 404: it was there a moment ago' });
  return answered(context, result);
}

/** Throws `Failed` unless it went well. */
export function answered(context: Context, result: HttpResult): Answered {
  const outcome = outcomeOf(result, context.now());
  if (outcome.kind !== 'ok') throw new Failed(outcome);
  return result as Answered;
}

/** A question: nothing arrives by it, so without an answer it is asked again. Null: there is no such thing (404). Throws `Failed`. */
export async function ask(context: Context, request: HttpRequest): Promise<Answered | null> {
  const result = await context.http(request);
  if (result.kind === 'answer' && result.status === 404) return null;
  const outcome = outcomeOf(result, context.now());
  if (outcome.kind === 'ok') return result as Answered;
  if (outcome.kind === 'permanent') throw new Failed({ kind: 'permanent', reason: outcome.reason });
  throw new Failed({ ...outcome, kind: 'retry' });
}

/** Throws `Failed` when it can't be had now. */
export async function secretOf(context: Context, reference: string): Promise<string> {
  const secret = await context.secret(reference).catch(() => null);
  if (secret === null) throw new Failed(secretUnreadable(reference));
  return secret.trim();
}

/** As RFC 7617 has it, in UTF-8. */
export const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`, 'utf8').toString('base64')}`;

/** What isn't JSON is undefined. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export const withoutSlash = (url: string): string => url.replace(/\/+$/, '');
