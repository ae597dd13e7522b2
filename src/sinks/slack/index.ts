import type { Failure, Message, Notice, Outcome } from '../../model/delivery.ts';
import { correlationId, type Incident } from '../../model/incident.ts';
import { defineSink } from '../sink.ts';
import { type Answer, type Context, post, type SlackOptions } from './api.ts';
import { type Content, incidentContent, noticeContent, replyContent } from './blocks.ts';
import { buttonsOf } from './buttons.ts';
import { inbound } from './inbound.ts';
import { type Mark, markOf, search } from './search.ts';

export const slack = defineSink<SlackOptions>({
  name: 'slack',
  summary: 'Keeps one message an incident in a Slack channel, and tells its thread what happens.',
  class: 'chat',
  deliver,
  inbound,
  announce,
});

/** The message of an incident, kept beside the outbox: together its two parts are its id. */
interface Parent {
  readonly channel: string;
  readonly ts: string;
}

const QUIET = { unfurl_links: false, unfurl_media: false, mrkdwn: false };
/** It is gone, or somebody else's: a new one takes its place. */
const NOT_OURS = new Set(['message_not_found', 'cant_update_message', 'channel_not_found', 'thread_not_found']);

async function deliver(message: Message, context: Context): Promise<Outcome> {
  const known = message.remote?.state as Parent | undefined;
  if (known !== undefined) return follow(message, known, context);
  // An opening that nothing came before can't be there already. Anything else may: what was unsure may have been superseded.
  if (message.mayHaveArrived || message.transition !== 'opened') {
    const { correlation_id } = markFor(message, context);
    const found = await search(
      { method: 'conversations.history', channel: context.options.channel, since: message.incident.openedAt },
      ({ mark, isReply }) => !isReply && mark.correlation_id === correlation_id,
      context,
    );
    if ('failure' in found) return found.failure;
    if (found.posted !== null) {
      const parent = { channel: context.options.channel, ts: found.posted.ts };
      const updated = await update(message, parent, context);
      if (updated.ok) return told(parent);
      if (!NOT_OURS.has(updated.error ?? '')) return updated.failure;
    }
  }
  return open(message, context);
}

async function announce(notice: Notice, context: Context): Promise<Outcome> {
  const { channel } = context.options;
  const answer = await post('chat.postMessage', { channel, ...noticeContent(notice), ...QUIET }, context);
  return answer.ok ? { kind: 'ok' } : answer.failure;
}

/** The first message of an incident. It shows how things stand, so its thread needs no word yet. */
async function open(message: Message, context: Context): Promise<Outcome> {
  const { incident } = message;
  const answer = await say(message, context.options.channel, contentOf(incident, context), {}, context);
  if (!answer.ok) return answer.failure;
  const { channel, ts } = answer.body;
  if (typeof ts !== 'string' || ts === '')
    return { kind: 'unknown', reason: 'answered ok, but did not say under which id' };
  return told({ channel: typeof channel === 'string' && channel !== '' ? channel : context.options.channel, ts });
}

/** The message shows the new state, its thread says what happened. */
async function follow(message: Message, parent: Parent, context: Context): Promise<Outcome> {
  const updated = await update(message, parent, context);
  if (!updated.ok) {
    if (NOT_OURS.has(updated.error ?? '')) return open(message, context);
    if (updated.error !== 'edit_window_closed') return updated.failure;
    context.warn(
      'edit_window_closed',
      'messages may not be changed for as long as an incident lasts: its thread alone has news',
    );
  }
  if (message.mayHaveArrived) {
    const isThere = await isReplied(message, parent, context);
    if (isThere !== false) return isThere === true ? told(parent) : isThere;
  }
  const more = { thread_ts: parent.ts, ...(isForAll(message) ? { reply_broadcast: true } : {}) };
  const answer = await say(message, parent.channel, replyContent(message), more, context);
  return answer.ok ? told(parent) : answer.failure;
}

async function isReplied(message: Message, { channel, ts }: Parent, context: Context): Promise<boolean | Failure> {
  const found = await search(
    { method: 'conversations.replies', channel, thread: ts, since: message.at },
    ({ mark, isReply }) => isReply && mark.delivery_id === message.deliveryId,
    context,
  );
  return 'failure' in found ? found.failure : found.posted !== null;
}

/** People outside of the thread should see it, too. */
const isForAll = ({ transition }: Message): boolean => transition === 'escalated' || transition === 'reopened';

const update = (message: Message, parent: Parent, context: Context): Promise<Answer> => {
  const content = contentOf(message.incident, context);
  return post('chat.update', { ...parent, ...content, metadata: markOf(markFor(message, context)) }, context);
};

/** With buttons, where it can come back that somebody has pressed one. */
function contentOf(incident: Incident, { options, deployment, consoleUrl }: Context): Content {
  const content = incidentContent(incident, consoleUrl);
  if (options.signingSecret == null) return content;
  return { ...content, blocks: [...content.blocks, ...buttonsOf(incident, correlationId(deployment, incident.id))] };
}

function say(message: Message, channel: string, content: Content, more: object, context: Context): Promise<Answer> {
  const metadata = markOf(markFor(message, context));
  return post('chat.postMessage', { channel, ...content, ...QUIET, ...more, metadata }, context);
}

const markFor = ({ deliveryId, incident }: Message, { deployment }: Context): Mark => ({
  correlation_id: correlationId(deployment, incident.id),
  delivery_id: deliveryId,
});

const told = (parent: Parent): Outcome => ({
  kind: 'ok',
  remote: { id: `${parent.channel}/${parent.ts}`, state: parent },
});
