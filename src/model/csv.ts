/** A table as spreadsheets write it (RFC 4180): the first row names the columns. */
export type CsvRow = Readonly<Record<string, string>>;

export type ParsedCsv =
  | { readonly ok: true; readonly columns: readonly string[]; readonly rows: readonly { line: number; row: CsvRow }[] }
  | { readonly ok: false; readonly line: number; readonly message: string };

const DELIMITERS = [',', ';', '\t'] as const;
/** A cell that begins so is run as a formula by spreadsheets, in full width as well (OWASP, CSV injection). */
const FORMULA = /^[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]/;
const QUOTED_FORMULA = /^'[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]/;

/** With a line end after each row; a cell that a spreadsheet would run as a formula begins with an apostrophe, as people write it there. */
export function writeCsv(columns: readonly string[], rows: readonly CsvRow[]): string {
  const lines = [columns, ...rows.map((row) => columns.map((column) => row[column] ?? ''))];
  return lines.map((cells) => `${cells.map(cellText).join(',')}\r\n`).join('');
}

function cellText(text: string): string {
  const safe = FORMULA.test(text) || QUOTED_FORMULA.test(text) ? `'${text}` : text;
  return /[",;\t\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Commas, semicolons or tabs between cells: what the first row has most of. Empty rows are passed over. */
export function parseCsv(source: string): ParsedCsv {
  const text = source.replace(/^\uFEFF/, '');
  const delimiter = delimiterOf(text.slice(0, text.search(/[\r\n]|$/)));
  const records: { line: number; cells: string[] }[] = [];
  let line = 1;
  let at = 0;
  while (at < text.length) {
    const record = { line, cells: [] as string[] };
    for (;;) {
      let cell = '';
      if (text[at] === '"') {
        for (at++; ; at++) {
          if (at >= text.length) return { ok: false, line: record.line, message: 'a quote is never closed' };
          if (text[at] === '"' && text[at + 1] === '"') at++;
          else if (text[at] === '"') break;
          if (text[at] === '\n') line++;
          cell += text[at];
        }
        at++;
        if (at < text.length && text[at] !== delimiter && text[at] !== '\r' && text[at] !== '\n')
          return { ok: false, line, message: 'there is text behind a closing quote' };
      } else {
        const from = at;
        while (at < text.length && text[at] !== delimiter && text[at] !== '\r' && text[at] !== '\n') at++;
        cell = text.slice(from, at);
      }
      record.cells.push(
        cell.startsWith("'") && (FORMULA.test(cell.slice(1)) || QUOTED_FORMULA.test(cell.slice(1)))
          ? cell.slice(1)
          : cell,
      );
      if (text[at] !== delimiter) break;
      at++;
    }
    if (text[at] === '\r') at++;
    if (text[at] === '\n') at++;
    line++;
    if (record.cells.some((cell) => cell.trim() !== '')) records.push(record);
  }
  const [head, ...rest] = records;
  if (head === undefined) return { ok: false, line: 1, message: 'there is nothing in it' };
  const columns = head.cells.map((cell) => cell.trim());
  const twice = columns.find((column, i) => columns.indexOf(column) !== i);
  if (twice !== undefined)
    return { ok: false, line: head.line, message: `the column ${JSON.stringify(twice)} is there twice` };
  const long = rest.find(({ cells }) => cells.length > columns.length);
  if (long !== undefined)
    return {
      ok: false,
      line: long.line,
      message: `${long.cells.length} cells, and only ${columns.length} columns have names`,
    };
  return {
    ok: true,
    columns,
    rows: rest.map(({ line, cells }) => ({
      line,
      row: Object.fromEntries(columns.map((column, i) => [column, cells[i] ?? ''])),
    })),
  };
}

function delimiterOf(head: string): string {
  const count = (delimiter: string): number => head.split(delimiter).length;
  return DELIMITERS.reduce((best, one) => (count(one) > count(best) ? one : best));
}
