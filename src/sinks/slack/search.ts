import type { Failure } from '../../model/delivery.ts';
import type { Millis } from '../../model/time.ts';
import { type Answer, type Context, get } from './api.ts';

/** What a message of ours carries unseen, so that it can be found again. */
export interface Mark {
  readonly correlation_id: string;
  readonly delivery_id: string;
}
export const EVENT_TYPE = 'plimsoll_incident';
export const markOf = (mark: Mark): object => ({ event_type: EVENT_TYPE, event_payload: mark });

/** A message of Slack; its `ts` is its id within its channel. */
export interface Posted {
  readonly ts: string;
  /** In a thread; one that is shown in the channel, too, stands among the channel's messages. */
  readonly isReply: boolean;
  readonly mark: Mark;
}

/** `null`: it isn't there, as far as could be seen. */
export type Found = { readonly posted: Posted | null } | { readonly failure: Failure };

/** Of an answer only the first 64 KB are read, so pages are short, and get shorter when one is cut. */
const PER_PAGE = 8;
const CALLS_MAX = 16;
const CLOCKS_DIFFER_MS: Millis = 5 * 60_000;

export interface Place {
  readonly method: 'conversations.history' | 'conversations.replies';
  readonly channel: string;
  /** Of the message whose replies are sought. */
  readonly thread?: string;
  /** Nothing older can be meant. */
  readonly since: Millis;
}

/** Looks for a message of ours, newest first. What can't be looked at (a scope is missing) counts as not there, and is said. */
export async function search(place: Place, isIt: (posted: Posted) => boolean, context: Context): Promise<Found> {
  const oldest = ((place.since - CLOCKS_DIFFER_MS) / 1000).toFixed(6);
  let limit = PER_PAGE;
  let cursor = '';
  for (let calls = 0; calls < CALLS_MAX; calls++) {
    const answer = await get(
      place.method,
      {
        channel: place.channel,
        ...(place.thread === undefined ? {} : { ts: place.thread }),
        oldest,
        limit: String(limit),
        include_all_metadata: 'true',
        ...(cursor === '' ? {} : { cursor }),
      },
      context,
    );
    if (!answer.ok && answer.isUnreadable && limit > 1) {
      limit = Math.floor(limit / 2);
      continue;
    }
    if (!answer.ok) return notSeen(answer, context);
    const posted = messagesOf(answer.body).find(isIt);
    if (posted !== undefined) return { posted };
    cursor = cursorOf(answer.body);
    if (cursor === '') return { posted: null };
  }
  context.warn(
    'not_found',
    'an earlier attempt may have arrived; too much was said since to find it: it may be there twice',
  );
  return { posted: null };
}

function notSeen({ failure, error }: Extract<Answer, { ok: false }>, context: Context): Found {
  if (failure.kind !== 'permanent' || error === null) return { failure };
  context.warn(
    'cannot_search',
    `an earlier attempt may have arrived and can not be looked for (${error}): it may be there twice. The token needs the scope channels:history (groups:history for a private channel), and channel has to be an id`,
  );
  return { posted: null };
}

interface Raw {
  readonly ts?: unknown;
  readonly thread_ts?: unknown;
  readonly metadata?: { readonly event_type?: unknown; readonly event_payload?: unknown };
}

function messagesOf(body: Readonly<Record<string, unknown>>): Posted[] {
  const messages = Array.isArray(body['messages']) ? (body['messages'] as unknown[]) : [];
  return messages.flatMap((message) => {
    const { ts, thread_ts, metadata } = (message ?? {}) as Raw;
    const payload = metadata?.event_payload as Partial<Record<keyof Mark, unknown>> | null | undefined;
    if (typeof ts !== 'string' || metadata?.event_type !== EVENT_TYPE) return [];
    const { correlation_id, delivery_id } = payload ?? {};
    if (typeof correlation_id !== 'string' || typeof delivery_id !== 'string') return [];
    const isReply = typeof thread_ts === 'string' && thread_ts !== ts;
    return [{ ts, isReply, mark: { correlation_id, delivery_id } }];
  });
}

const cursorOf = (body: Readonly<Record<string, unknown>>): string => {
  const { next_cursor } = (body['response_metadata'] ?? {}) as { next_cursor?: unknown };
  return typeof next_cursor === 'string' ? next_cursor : '';
};
