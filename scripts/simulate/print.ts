import type { Report, Sheet } from './experiment.ts';

/** A table in Markdown, its columns aligned. */
function sheetText({ caption, columns, rows }: Sheet): string {
  const widths = columns.map((name, i) => Math.max(name.length, 3, ...rows.map((row) => (row[i] ?? '').length)));
  const line = (cells: readonly string[]): string =>
    `| ${widths.map((width, i) => (cells[i] ?? '').padEnd(width)).join(' | ')} |`;
  return [caption, '', line(columns), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

/** The report of one table, as it is written under its heading. */
export function reportText(letter: string, title: string, { sheets, misses }: Report): string {
  const verdict =
    misses.length === 0
      ? 'No cell misses its goal.'
      : `${misses.length} cells miss their goal:\n\n${misses.map((miss) => `- ${miss}`).join('\n')}`;
  return [`### ${letter}. ${title}`, ...sheets.map(sheetText), verdict].join('\n\n');
}
