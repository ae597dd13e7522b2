import type { Answer, Received } from './http-server.ts';

export const SLACK_TOKEN = 'xoxb-1-not-a-real-one';
export const SLACK_CHANNEL = 'C0123456789';

interface Fields {
  readonly channel?: string;
  readonly ts?: string;
  readonly thread_ts?: string;
  readonly text?: string;
  readonly blocks?: readonly Block[];
  readonly metadata?: object;
  readonly reply_broadcast?: boolean;
}
type Call = Fields & {
  readonly limit?: string;
  readonly oldest?: string;
  readonly cursor?: string;
  readonly include_all_metadata?: string;
};
interface Block {
  readonly type: string;
  readonly text?: { readonly type: string; readonly text: string };
}

export interface SlackMessage {
  readonly ts: string;
  readonly thread_ts?: string;
  readonly isBroadcast: boolean;
  text: string;
  blocks: readonly Block[];
  metadata: object | undefined;
  edits: number;
}

const TEXT_MAX = 40_000;
const BLOCKS_MAX = 50;
const BLOCKS_CHARS_MAX = 11_000;

/**
 * What Slack's Web API does in one channel: 200 with `ok: false` for most that goes wrong, 429 with Retry-After for too
 * many messages, no idempotency key, history newest first in pages, limits of blocks.
 */
export class SlackModel {
  /** Oldest first, with those in threads. */
  readonly messages: SlackMessage[] = [];
  /** Of what other people said, in characters: each message that is posted is followed by so much. */
  chatter = 0;
  /** The next calls of a method end so: an error of Slack, one that comes after the work was done, or too much of it. */
  readonly troubles: { method: string; error?: string; afterwards?: string; retryAfter?: number }[] = [];
  #ts = Date.UTC(2026, 10, 1, 10, 18) / 1000;

  readonly answer = ({ method, path, headers, body }: Received): Answer => {
    const { pathname, searchParams } = new URL(path, 'http://slack');
    const name = pathname.replace('/api/', '');
    const token = Object.entries(headers).find(([header]) => header.toLowerCase() === 'authorization')?.[1];
    if (token !== `Bearer ${SLACK_TOKEN}`) return refused('invalid_auth');
    const trouble = this.troubles[0]?.method === name ? this.troubles.shift() : undefined;
    if (trouble?.retryAfter !== undefined)
      return {
        status: 429,
        headers: { 'retry-after': String(trouble.retryAfter) },
        body: '{"ok":false,"error":"ratelimited"}',
      };
    if (trouble?.error !== undefined) return refused(trouble.error);
    const fields = method === 'GET' ? (Object.fromEntries(searchParams) as Call) : (JSON.parse(body) as Call);
    const answer = fields.channel === SLACK_CHANNEL ? this.#do(name, fields) : refused('channel_not_found');
    return trouble?.afterwards === undefined ? answer : refused(trouble.afterwards);
  };

  reset(): void {
    this.messages.length = 0;
  }

  /** Messages of the channel itself, oldest first; what others said is left out. */
  get parents(): SlackMessage[] {
    return this.messages.filter(({ thread_ts, metadata }) => thread_ts === undefined && metadata !== undefined);
  }

  replies(ts: string): SlackMessage[] {
    return this.messages.filter(({ thread_ts }) => thread_ts === ts);
  }

  delete(ts: string): void {
    this.messages.splice(
      this.messages.findIndex((message) => message.ts === ts),
      1,
    );
  }

  #do(name: string, fields: Call): Answer {
    switch (name) {
      case 'chat.postMessage':
        return problemOf(fields) ?? this.#post(fields);
      case 'chat.update':
        return problemOf(fields) ?? this.#update(fields);
      case 'conversations.history':
        return this.#page(
          this.messages.filter(({ thread_ts, isBroadcast }) => thread_ts === undefined || isBroadcast),
          fields,
        );
      case 'conversations.replies':
        return this.#page(
          this.messages.filter(({ ts, thread_ts }) => ts === fields.ts || thread_ts === fields.ts),
          fields,
        );
      default:
        return refused('unknown_method');
    }
  }

  #post({ text = '', blocks = [], metadata, thread_ts, reply_broadcast = false }: Fields): Answer {
    if (thread_ts !== undefined && !this.messages.some(({ ts }) => ts === thread_ts))
      return refused('thread_not_found');
    const message = { ts: this.#next(), text, blocks, metadata, isBroadcast: reply_broadcast, edits: 0 };
    this.messages.push(thread_ts === undefined ? message : { ...message, thread_ts });
    if (this.chatter > 0)
      this.messages.push({
        ...message,
        ts: this.#next(),
        text: 'x'.repeat(this.chatter),
        blocks: [],
        metadata: undefined,
      });
    return said({ channel: SLACK_CHANNEL, ts: message.ts });
  }

  #update({ ts, text = '', blocks = [], metadata }: Fields): Answer {
    const message = this.messages.find((one) => one.ts === ts);
    if (message === undefined) return refused('message_not_found');
    Object.assign(message, { text, blocks, metadata, edits: message.edits + 1 });
    return said({ channel: SLACK_CHANNEL, ts });
  }

  #page(
    messages: readonly SlackMessage[],
    { limit = '100', oldest = '0', cursor = '0', include_all_metadata }: Call,
  ): Answer {
    const newest = messages.filter(({ ts }) => Number(ts) > Number(oldest)).toReversed();
    const end = Number(cursor) + Number(limit);
    const shown = newest.slice(Number(cursor), end).map(({ edits: _, isBroadcast: __, metadata, ...rest }) => ({
      type: 'message',
      ...rest,
      ...(include_all_metadata === 'true' ? { metadata } : {}),
    }));
    const next_cursor = end < newest.length ? String(end) : '';
    return said({ messages: shown, has_more: next_cursor !== '', response_metadata: { next_cursor } });
  }

  #next(): string {
    return `${++this.#ts}.000100`;
  }
}

const said = (fields: object): Answer => ({ status: 200, body: JSON.stringify({ ok: true, ...fields }) });
const refused = (error: string): Answer => ({ status: 200, body: JSON.stringify({ ok: false, error }) });

function problemOf({ text = '', blocks = [] }: Fields): Answer | null {
  if (text === '' && blocks.length === 0) return refused('no_text');
  if (text.length > TEXT_MAX) return refused('msg_too_long');
  if (JSON.stringify(blocks).length > BLOCKS_CHARS_MAX) return refused('msg_blocks_too_long');
  const isWrong = (block: Block): boolean => {
    const length = block.text?.text.length;
    return length !== undefined && (length === 0 || length > (block.type === 'header' ? 150 : 3000));
  };
  return blocks.length > BLOCKS_MAX || blocks.some(isWrong) ? refused('invalid_blocks') : null;
}
