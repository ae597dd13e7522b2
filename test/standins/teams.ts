import type { Answer } from './http-server.ts';

const REQUEST_MAX_BYTES = 28 * 1024;

interface Card {
  readonly type: string;
  readonly version: string;
  readonly body: readonly {
    readonly type: string;
    readonly id?: string;
    readonly inlines?: readonly { text: string }[];
  }[];
  readonly actions: readonly { readonly type: string; readonly title: string; readonly url: string }[];
}

/** What a flow of Workflows does: 202 for whatever it takes, after which a card may be posted or not; 413 above its limit, 401 without the key. */
export class TeamsModel {
  readonly posted: Card[] = [];
  /** The flow's own failures, of which the sender never hears. */
  drops = false;
  /** How many are taken before it asks for less. */
  burst = Number.POSITIVE_INFINITY;

  readonly answer = ({ path, body }: { readonly path: string; readonly body: string }): Answer => {
    if (!/[?&]sig=./.test(path)) return { status: 401, body: '{"error":{"code":"DirectApiAuthorizationRequired"}}' };
    if (this.burst-- <= 0) return { status: 429, headers: { 'retry-after': '17' } };
    if (Buffer.byteLength(body) > REQUEST_MAX_BYTES) return { status: 413 };
    const { type, attachments } = JSON.parse(body) as {
      type?: string;
      attachments?: { contentType: string; content: Card }[];
    };
    const [attachment] = attachments ?? [];
    if (type !== 'message' || attachment?.contentType !== 'application/vnd.microsoft.card.adaptive')
      return { status: 400 };
    if (!this.drops) this.posted.push(attachment.content);
    return { status: 202 };
  };
}
