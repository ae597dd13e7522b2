import type { Message, Outcome } from '../../model/delivery.ts';
import { outcomeWithoutAnswer } from '../outcome.ts';
import { defineSink, type MailResult, type SinkContext } from '../sink.ts';
import { inSteps, secretOf } from '../steps.ts';
import { addressIn, type Letter, mailOf, noticeMailOf, threadOf } from './message.ts';

export interface EmailOptions {
  /** `smtp://host:port` or `smtps://host:port`. */
  readonly url: string;
  readonly from: string;
  readonly to: readonly string[];
  /** `off`: the server is spoken to without TLS, and has to be listed in `egress.allow`. */
  readonly tls: 'required' | 'off';
  /** With `password`, for servers that ask who sends. */
  readonly user?: string | null;
  /** `env:NAME` or `file:/path`. */
  readonly password?: string | null;
}

type Context = SinkContext<EmailOptions>;

export const email = defineSink<EmailOptions>({
  name: 'email',
  summary: 'Sends a mail for what happens to an incident, in one thread an incident.',
  class: 'chat',
  deliver: (message, context) => inSteps(() => deliver(message, context)),
  announce: (notice, context) => inSteps(() => send((letter) => noticeMailOf(notice, letter), context)),
});

const letterOf = ({ options: { from, to }, deployment, consoleUrl }: Context): Letter => ({
  from,
  to,
  deployment,
  consoleUrl,
});

/** What follows refers to the first mail that was sent, or may have been. */
async function deliver(message: Message, context: Context): Promise<Outcome> {
  const outcome = await send((letter) => mailOf(message, letter), context);
  if (outcome.kind !== 'ok' && outcome.kind !== 'unknown') return outcome;
  return { ...outcome, remote: { id: threadOf(message, letterOf(context)) } };
}

async function send(write: (letter: Letter) => Promise<string>, context: Context): Promise<Outcome> {
  const { url, from, to, tls, user, password } = context.options;
  const login = user == null ? {} : { login: { user, password: await secretOf(context, password!) } };
  const result = await context.mail({
    url,
    tls,
    ...login,
    from: addressIn(from),
    to: to.map(addressIn),
    message: await write(letterOf(context)),
  });
  if (result.kind === 'accepted' && result.refused > 0)
    context.warn(
      'recipients_refused',
      `the server refused ${result.refused} of ${to.length} addresses in to; the others have the mail`,
    );
  return outcomeOfMail(result);
}

/**
 * What a mail server's reply means for a delivery: 4yz is for now, 5yz for good.
 * @see RFC 5321, section 4.2.1
 */
export function outcomeOfMail(result: MailResult): Outcome {
  switch (result.kind) {
    case 'accepted':
      return { kind: 'ok' };
    case 'refused':
      return { kind: result.code < 500 ? 'retry' : 'permanent', reason: `answered ${result.code}` };
    default:
      return outcomeWithoutAnswer(result);
  }
}
