import { lines } from '../ticket-text.ts';

/** Atlassian Document Format, version 1: what issues and comments are made of. */
export interface Document {
  readonly type: 'doc';
  readonly version: 1;
  readonly content: readonly Paragraph[];
}
interface Paragraph {
  readonly type: 'paragraph';
  readonly content: readonly Inline[];
}
type Inline =
  | { readonly type: 'text'; readonly text: string; readonly marks?: readonly [Link] }
  | { readonly type: 'hardBreak' };
interface Link {
  readonly type: 'link';
  readonly attrs: { readonly href: string };
}

/** Text nodes are shown as they are: nothing in them is markup. Jira refuses empty ones, and documents of more than 32,767 characters. */
export const documentOf = (text: string): Document => ({
  type: 'doc',
  version: 1,
  content: lines(text)
    .split(/\n{2,}/)
    .map((block) => block.split('\n').flatMap(nodesOf))
    .map((nodes) => (nodes.at(-1)?.type === 'hardBreak' ? nodes.slice(0, -1) : nodes))
    .filter((nodes) => nodes.length > 0)
    .map((content) => ({ type: 'paragraph', content })),
});

/** One line; an address at its end becomes a link. */
function nodesOf(line: string): Inline[] {
  const [, before = line, href] = /^(.*?)(https?:\/\/[^\s"'<>]+)$/.exec(line) ?? [];
  const nodes: Inline[] = before === '' ? [] : [{ type: 'text', text: before }];
  if (href !== undefined) nodes.push({ type: 'text', text: href, marks: [{ type: 'link', attrs: { href } }] });
  return nodes.length === 0 ? [] : [...nodes, { type: 'hardBreak' }];
}

/** The text of a document, or of what older versions have in its place; what is neither has none. */
export function textIn(body: unknown): string {
  if (typeof body === 'string') return body;
  if (typeof body !== 'object' || body === null) return '';
  const { type, text, content } = body as { type?: unknown; text?: unknown; content?: unknown };
  if (typeof text === 'string') return text;
  if (type === 'hardBreak') return '\n';
  const inside = Array.isArray(content) ? content.map(textIn).join('') : '';
  return type === 'paragraph' || type === 'heading' || type === 'listItem' ? `${inside}\n` : inside;
}
