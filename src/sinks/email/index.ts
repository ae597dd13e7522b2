import type { Message, Outcome } from '../../model/delivery.ts';
import { outcomeWithoutAnswer } from '../outcome.ts';
import { defineSink, type MailResult, type SinkContext } from '../sink.ts';
import { addressIn, mailOf } from './message.ts';

export interface EmailOptions {
  /** `smtp://host:port` or `smtps://host:port`. */
  readonly url: string;
  readonly from: string;
  readonly to: readonly string[];
  /** `off`: the server is spoken to without TLS, and has to be listed in `egress.allow`. */
  readonly tls: 'required' | 'off';
}

type Context = SinkContext<EmailOptions>;

export const email = defineSink<EmailOptions>({
  name: 'email',
  summary: 'Sends a mail for what happens to an incident, in one thread an incident.',
  class: 'chat',
  deliver,
});

async function deliver(message: Message, context: Context): Promise<Outcome> {
  const { url, from, to, tls } = context.options;
  const { deployment, consoleUrl } = context;
  const result = await context.mail({
    url,
    tls,
    from: addressIn(from),
    to: to.map(addressIn),
    message: await mailOf(message, { from, to, deployment, consoleUrl }),
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
