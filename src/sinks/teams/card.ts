import type { Message, Notice } from '../../model/delivery.ts';
import { type Incident, isOpen } from '../../model/incident.ts';
import { clip, plainText } from '../../model/plain-text.ts';
import { linksOf } from '../links.ts';
import { cleanLines, heading, idLine, newsText, transitionWord } from '../words.ts';

/** Teams says 28 KB and refuses some that are smaller. */
export const CARD_MAX_BYTES = 14 * 1024;

interface Size {
  readonly lines: number;
  readonly chars: number;
  readonly actions: number;
}
const SIZES: readonly Size[] = [
  { lines: 40, chars: 1000, actions: 6 },
  { lines: 30, chars: 300, actions: 4 },
  { lines: 20, chars: 150, actions: 2 },
  { lines: 8, chars: 100, actions: 1 },
];

/**
 * The body for a flow that waits for a Teams webhook request: an Adaptive Card 1.4 with how things stand. What doesn't
 * fit is left out from the end. The delivery id is the id of the first element: the only place for a key that there is.
 * @see https://adaptivecards.io/explorer/
 */
export function cardBody(message: Message, consoleUrl: string): string {
  for (const size of SIZES) {
    const body = bodyOf(cardOf(message, consoleUrl, size));
    if (Buffer.byteLength(body) < CARD_MAX_BYTES) return body;
  }
  throw new RangeError(`the card of ${message.deliveryId} can't be made to fit into ${CARD_MAX_BYTES} bytes`);
}

const bodyOf = (content: object): string =>
  JSON.stringify({
    type: 'message',
    attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content }],
  });

/** The body for a word that is about no incident. */
export function noticeBody({ deliveryId, title, text: words, url }: Notice): string {
  const size = SIZES[1]!;
  const lines = cleanLines(words).split('\n').slice(0, size.lines);
  return bodyOf({
    ...FRAME,
    fallbackText: title,
    ...WIDE,
    body: [
      { ...text(title, size, { weight: 'Bolder', size: 'Medium' }), id: deliveryId },
      ...lines.map((line) => ({ ...text(line, size), spacing: 'None' })),
    ],
    actions: [{ type: 'Action.OpenUrl', title: 'Plimsoll', url }],
  });
}

const FRAME = {
  $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
  type: 'AdaptiveCard',
  version: '1.4',
} as const;
const WIDE = { msteams: { width: 'Full' } } as const;

function cardOf(message: Message, consoleUrl: string, size: Size): object {
  const { incident } = message;
  const lines = cleanLines(incident.description).split('\n').slice(0, size.lines);
  const news = newsText(incident);
  return {
    ...FRAME,
    fallbackText: `${transitionWord(message)}: ${incident.id}`,
    ...WIDE,
    body: [
      {
        ...text(heading(message), size, {
          weight: 'Bolder',
          size: 'Medium',
          color: colorOf(incident),
        }),
        id: message.deliveryId,
      },
      text(plainText(incident.summary, 600), size),
      ...(news === null ? [] : [text(news, size)]),
      ...lines.map((line) => ({ ...text(line, size), spacing: 'None' })),
      text(idLine(incident), size, { isSubtle: true }),
    ],
    actions: linksOf(incident, consoleUrl)
      .slice(0, size.actions)
      .map(({ text: title, href: url }) => ({ type: 'Action.OpenUrl', title, url })),
  };
}

/** A run of text knows no Markdown, so nothing in it becomes a link, an image or a heading. */
const text = (content: string, { chars }: Size, look: object = {}): object => ({
  type: 'RichTextBlock',
  inlines: [{ type: 'TextRun', text: withoutFunctions(clip(content, chars)) || ' ', ...look }],
});

/** `{{DATE(...)}}` and the like are worked out by the client. */
const withoutFunctions = (content: string): string => content.replaceAll(/\{(?=\{)/g, '{ ');

function colorOf(incident: Incident): string {
  if (!isOpen(incident)) return 'Good';
  return incident.priority <= 2 ? 'Attention' : 'Warning';
}
