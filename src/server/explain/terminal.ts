/** Whoever writes to a terminal, and how wide it is. */
export interface Terminal {
  readonly columns: number;
  readonly hasColour: boolean;
}

/** Escaped, so that what telemetry says can't move the cursor, colour the rest or turn a line around. */
export const escaped = (text: string): string =>
  text
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);

/** The same for JSON text, which escapes only some of them itself. */
export const escapedJson = (json: string): string =>
  json.replace(/[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    [...Array(character.length).keys()]
      .map((i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`)
      .join(''),
  );

export const bold = (text: string, { hasColour }: Terminal): string =>
  hasColour ? `\u001b[1m${text}\u001b[22m` : text;
export const dim = (text: string, { hasColour }: Terminal): string => (hasColour ? `\u001b[2m${text}\u001b[22m` : text);
export const yellow = (text: string, { hasColour }: Terminal): string =>
  hasColour ? `\u001b[33m${text}\u001b[39m` : text;

/** Breaks a text between words into lines of at most `width` characters; a longer word has a line of its own. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** A label in a column of its own, and a text behind it that is broken within the rest of the width. */
export function hanging(label: string, text: string, indent: number, columns: number): string[] {
  return wrapped(text, Math.max(20, columns - indent)).map(
    (line, i) => `${(i === 0 ? label : '').padEnd(indent)}${line}`,
  );
}
