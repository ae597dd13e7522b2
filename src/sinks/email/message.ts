import type { Message, Notice } from '../../model/delivery.ts';
import { correlationId } from '../../model/incident.ts';
import { plainText } from '../../model/plain-text.ts';
import type { Millis } from '../../model/time.ts';
import { type Link, linksOf } from '../links.ts';
import { cleanLines, heading, idLine, newsText } from '../words.ts';

export interface Letter {
  /** `Plimsoll <plimsoll@example.com>`, or the address alone. */
  readonly from: string;
  readonly to: readonly string[];
  readonly deployment: string;
  readonly consoleUrl: string;
}

const SUBJECT_MAX = 180;
const SUMMARY_MAX = 600;
const DESCRIPTION_MAX_LINES = 200;

/** The address in `Name <address>`. */
export const addressIn = (mailbox: string): string => /<([^<>]+)>$/.exec(mailbox)?.[1] ?? mailbox;

const domainOf = ({ from }: Letter): string => addressIn(from).split('@')[1]!;

/**
 * The Message-ID of the first mail of an incident, which all others refer to: what was sent first, whatever had happened by then.
 * One that was told before first mails were kept was told of its opening.
 */
export const threadOf = ({ announced, deliveryId, remote, incident }: Message, letter: Letter): string =>
  !announced
    ? `<${deliveryId}@${domainOf(letter)}>`
    : (remote?.id ?? `<${correlationId(letter.deployment, incident.id)}-1@${domainOf(letter)}>`);

/**
 * A mail as RFC 5322 has it, the same bytes in every attempt: text alone, no HTML in which anything could hide. Its
 * Message-ID is the delivery id, those that follow refer to the first one, and it says that a machine wrote it (RFC 3834).
 */
export function mailOf(message: Message, letter: Letter): Promise<string> {
  const { incident, announced } = message;
  return written({
    letter,
    subject: `${announced ? 'Re: ' : ''}[${incident.id}] ${incident.title}`,
    messageId: `<${message.deliveryId}@${domainOf(letter)}>`,
    thread: announced ? threadOf(message, letter) : null,
    at: message.at,
    text: textOf(message, letter),
  });
}

/** A mail that is about no incident. */
export function noticeMailOf({ deliveryId, title, text, url, at }: Notice, letter: Letter): Promise<string> {
  return written({
    letter,
    subject: `[Plimsoll] ${title}`,
    messageId: `<${deliveryId}@${domainOf(letter)}>`,
    thread: null,
    at,
    text: [cleanLines(text), url, signature(letter)].join('\n\n'),
  });
}

interface Written {
  readonly letter: Letter;
  readonly subject: string;
  readonly messageId: string;
  /** The Message-ID that it answers. */
  readonly thread: string | null;
  readonly at: Millis;
  readonly text: string;
}

async function written({ letter, subject, messageId, thread, at, text }: Written): Promise<string> {
  const { default: MailComposer } = await import('nodemailer/lib/mail-composer');
  const composer = new MailComposer({
    from: letter.from,
    to: [...letter.to],
    subject: plainText(subject, SUBJECT_MAX),
    messageId,
    ...(thread === null ? {} : { inReplyTo: thread, references: thread }),
    date: new Date(at),
    headers: { 'Auto-Submitted': 'auto-generated' },
    text,
    newline: 'windows',
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return (await composer.compile().build()).toString('utf8');
}

const signature = ({ deployment }: Letter): string => `Written by Plimsoll (${deployment}); answers are not read.`;

function textOf(message: Message, letter: Letter): string {
  const { incident } = message;
  const links = linksOf(incident, letter.consoleUrl);
  const description = cleanLines(incident.description).split('\n').slice(0, DESCRIPTION_MAX_LINES).join('\n');
  const parts = [heading(message), newsText(incident), plainText(incident.summary, SUMMARY_MAX), description]
    .filter((part) => part !== null)
    .map((part) => withoutLinks(part, links));
  return [
    ...parts,
    links.map(({ text, href }) => `${text}: ${href}`).join('\n'),
    `${idLine(incident)}\n${signature(letter)}`,
  ].join('\n\n');
}

/** Mail programs make links of whatever looks like one. Those that a name out of telemetry brings along are broken. */
function withoutLinks(text: string, ours: readonly Link[]): string {
  const known = new Set(ours.map(({ href }) => href));
  return text
    .replaceAll(/\b[a-z][a-z0-9+.-]*:\/\/\S*/giu, (link) =>
      known.has(link) || known.has(link.replace(/[.,;:)]+$/, '')) ? link : link.replaceAll('://', '[:]//'),
    )
    .replaceAll(/\bwww\./giu, 'www[.]');
}
