import type { Message, Notice } from '../../model/delivery.ts';
import type { Incident } from '../../model/incident.ts';
import { plainText } from '../../model/plain-text.ts';
import { linksOf } from '../links.ts';
import { cleanLines, headline, idLine, newsText, transitionWord } from '../words.ts';

/** Slack's limits are 150 and 3000 characters, and about 11,000 for all blocks of a message; the texts of ours are 5,800 at most. */
export const HEADER_MAX = 150;
export const SECTION_MAX = 3000;
const SUMMARY_MAX = 600;
const NEWS_MAX = 350;
const LINKS_MAX = 1200;
const CONTEXT_MAX = 500;
const FALLBACK_MAX = 1000;

export interface Content {
  /** For notifications and for clients that show no blocks. */
  readonly text: string;
  readonly blocks: readonly object[];
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/**
 * Escaped, and cut so that it is at most `max` characters after that; never half a character or half an entity.
 * @see https://docs.slack.dev/messaging/formatting-message-text/
 */
export function escaped(text: string, max: number): string {
  let out = '';
  let fits = '';
  for (const character of text.toWellFormed()) {
    if (out.length <= max - 1) fits = out;
    out += ENTITIES[character] ?? character;
    if (out.length > max) return `${fits}…`;
  }
  return out;
}

/** Names out of telemetry are shown as `plain_text`, in which nothing is a link, a mention or an emoji. */
const plain = (text: string, max: number): object => ({ type: 'plain_text', text: escaped(text, max), emoji: false });
const section = (text: string, max: number): object[] =>
  text.trim() === '' ? [] : [{ type: 'section', text: plain(text, max) }];

/** The message of an incident: as it stands now. */
export function incidentContent(incident: Incident, consoleUrl: string): Content {
  const summary = plainText(incident.summary, SUMMARY_MAX);
  return {
    text: escaped(`${headline(incident)}\n${summary}`, FALLBACK_MAX),
    blocks: [
      { type: 'header', text: plain(headline(incident), HEADER_MAX) },
      ...section(summary, SUMMARY_MAX),
      ...section(newsText(incident) ?? '', NEWS_MAX),
      ...section(cleanLines(incident.description), SECTION_MAX),
      { type: 'section', text: { type: 'mrkdwn', text: linksText(incident, consoleUrl), verbatim: true } },
      { type: 'context', elements: [plain(idLine(incident), CONTEXT_MAX)] },
    ],
  };
}

/** What is said in its thread. */
export function replyContent(message: Message): Content {
  const { priority, summary } = message.incident;
  const news = newsText(message.incident);
  const said = `${transitionWord(message)}, P${priority}: ${plainText(summary, SUMMARY_MAX)}`;
  const text = news === null ? said : `${said}\n${news}`;
  return { text: escaped(text, FALLBACK_MAX), blocks: section(text, FALLBACK_MAX) };
}

/** A word that is about no incident. */
export const noticeContent = ({ title, text, url }: Notice): Content => ({
  text: escaped(title, FALLBACK_MAX),
  blocks: [
    { type: 'header', text: plain(title, HEADER_MAX) },
    ...section(cleanLines(text), SECTION_MAX),
    { type: 'section', text: { type: 'mrkdwn', text: linkTo(url, 'Plimsoll'), verbatim: true } },
  ],
});

const linkTo = (href: string, text: string): string =>
  `<${href.replaceAll('&', '&amp;').replaceAll('|', '%7C')}|${text}>`;

/** `<address|text>`, as many as fit. */
function linksText(incident: Incident, consoleUrl: string): string {
  let line = '';
  for (const { text, href } of linksOf(incident, consoleUrl)) {
    const link = linkTo(href, text);
    const longer = line === '' ? link : `${line} · ${link}`;
    if (longer.length > LINKS_MAX) break;
    line = longer;
  }
  return line || incident.id;
}
