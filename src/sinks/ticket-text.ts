import type { Message } from '../model/delivery.ts';
import type { Incident } from '../model/incident.ts';
import { clip } from '../model/plain-text.ts';
import { linksOf } from './links.ts';
import { incidentUrl } from './sink.ts';
import { idLine, newsText, transitionWord } from './words.ts';

/** Leaves room for the links below it. */
const DESCRIPTION_MAX = 20_000;

/** What a ticket says at its beginning, in lines. */
export const openingText = (incident: Incident, consoleUrl: string): string =>
  [
    lines(incident.description, DESCRIPTION_MAX),
    '',
    ...linksOf(incident, consoleUrl).map(({ text, href }) => `${text}: ${href}`),
    `Plimsoll ${idLine(incident)}`,
  ].join('\n');

/** What is added to a ticket when something happens: a line, and where to see more. */
export function noteText(message: Message, consoleUrl: string): string {
  const { id, priority, summary } = message.incident;
  const said = `${transitionWord(message)} in Plimsoll, P${priority}. ${lines(summary)}`;
  return [said, newsText(message.incident), incidentUrl(consoleUrl, id)].filter((line) => line !== null).join('\n');
}

/** What a ticket is resolved with, where a tool asks for it. */
export const closeText = (incident: Incident): string =>
  incident.closeNotes === null || incident.closeNotes.trim() === ''
    ? lines(incident.summary)
    : lines(incident.closeNotes);

/** Text of several lines, without control and formatting characters, at most `max` UTF-16 units. */
export const lines = (text: string, max = 30_000): string =>
  clip(
    text
      .toWellFormed()
      .replace(/\r\n?/g, '\n')
      .replace(/[^\P{Cc}\n]+|[\p{Cf}\p{Zl}\p{Zp}]+/gu, ' '),
    max,
  );
