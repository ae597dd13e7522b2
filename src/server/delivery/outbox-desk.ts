import { OperatorError } from '../../model/errors.ts';
import type { Actor } from '../../model/incident.ts';
import { iso, type Millis } from '../../model/time.ts';
import type { Statement } from '../../store/items.ts';
import {
  discard,
  MESSAGE_CHANGED,
  type OutboxMessage,
  type OutboxQuery,
  readMessage,
  readMessages,
  replay,
} from '../../store/records/outbox-desk.ts';
import type { Records } from '../../store/records/records.ts';
import type { ConfiguredSink } from './dispatcher.ts';

/** What is needed to look after the outbox, beside a running server or in it. */
export interface OutboxDesk {
  readonly records: Records;
  /** One transaction; throws when it fails. */
  readonly write: (statements: readonly Statement[]) => unknown;
  readonly sinks: readonly ConfiguredSink[];
  readonly now: Millis;
  readonly by: Actor;
}

export interface MessageJson extends Omit<OutboxMessage, 'id' | 'createdAt' | 'settledAt' | 'nextAttemptAt'> {
  readonly id: string;
  readonly createdAt: string;
  readonly settledAt: string | null;
  readonly nextAttemptAt: string | null;
}
export interface ReplayedJson extends MessageJson {
  /** Why it is not sent, though it was asked for; null: it will be. */
  readonly needless: string | null;
}

const isoOf = (at: Millis | null): string | null => (at === null ? null : iso(at));
export const messageToJson = (message: OutboxMessage): MessageJson => ({
  ...message,
  id: String(message.id),
  createdAt: iso(message.createdAt),
  settledAt: isoOf(message.settledAt),
  nextAttemptAt: isoOf(message.nextAttemptAt),
});

export const listMessages = async (records: Records, query: OutboxQuery): Promise<MessageJson[]> =>
  (await readMessages(records, query)).map(messageToJson);

/** A dead letter is sent again, unless nobody needs to hear it any more. @throws OperatorError */
export async function replayMessage(desk: OutboxDesk, id: string, mayTouch = anybody): Promise<ReplayedJson> {
  const { records, write, by, now } = desk;
  const message = await messageWith(desk, id, mayTouch);
  if (message.state !== 'dead') throw wrongState(message, 'only what was given up can be replayed');
  const found = desk.sinks.find(({ name }) => name === message.sink);
  if (found === undefined) throw noSink(message);
  const teller = { class: found.sink.class, everyTransition: found.sink.everyTransition === true };
  const { statements, needless } = await replay(records, message, teller, by, now);
  await written(message, () => write(statements));
  return { ...messageToJson(await messageWith(desk, id, mayTouch)), needless };
}

/** A message is not to be sent. @throws OperatorError */
export async function discardMessage(
  desk: OutboxDesk,
  id: string,
  reason: string,
  mayTouch = anybody,
): Promise<MessageJson> {
  const { records, write, by, now } = desk;
  const message = await messageWith(desk, id, mayTouch);
  if (message.state !== 'dead' && message.state !== 'pending')
    throw wrongState(message, 'only what waits or was given up can be discarded');
  await written(message, () => write(discard(records, message, reason, by, now)));
  return messageToJson(await messageWith(desk, id, mayTouch));
}

const anybody = (_service: string): boolean => true;

async function messageWith(
  { records }: OutboxDesk,
  id: string,
  mayTouch: (service: string) => boolean,
): Promise<OutboxMessage> {
  const message = /^[1-9]\d{0,14}$/.test(id) ? await readMessage(records, Number(id)) : null;
  if (message !== null && mayTouch(message.service)) return message;
  throw new OperatorError('PLIM_OUTBOX_UNKNOWN', {
    what: `no message of the outbox has the id ${JSON.stringify(id.slice(0, 64))}`,
    fix: 'plimsoll outbox list shows them, with their ids in front',
    retryable: false,
  });
}

async function written(message: OutboxMessage, work: () => unknown): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Error) || !error.message.includes(MESSAGE_CHANGED)) throw error;
    throw wrongState(message, 'it has changed in the meantime');
  }
}

const wrongState = ({ id, state, sink, incident }: OutboxMessage, why: string): OperatorError =>
  new OperatorError('PLIM_OUTBOX_STATE', {
    what: `message ${id} to ${sink} about ${incident} is ${state}: ${why}`,
    fix: 'plimsoll outbox list shows what waits and what was given up',
    retryable: false,
  });

const noSink = ({ id, sink }: OutboxMessage): OperatorError =>
  new OperatorError('PLIM_OUTBOX_NO_SINK', {
    what: `message ${id} is for ${sink}, and no sink is named so any more`,
    fix: 'discard it, or put the sink back under spec.sinks',
    retryable: false,
  });
