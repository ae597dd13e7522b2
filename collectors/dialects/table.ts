import { KINDS } from '../../src/model/span.ts';
import { type Dialect, FIELDS, type Source } from './dialect.ts';
import { namesOf, sourcesOf } from './plan.ts';

/** What maps to what, as the tables of the README: they are made from the list, so that they can't say anything else. */
export function dialectTables(dialects: readonly Dialect[]): string {
  return [kindTable(dialects), fieldTable(dialects), nameTable(dialects)].join('\n\n');
}

function kindTable(dialects: readonly Dialect[]): string {
  const rows = dialects.map((dialect) => [dialect.name, markersOf(dialect), kindsOf(dialect)]);
  return markdown(['dialect, in order of recognition', 'marker', 'value of the marker → kind'], rows);
}

function markersOf({ markers, scopes, unless }: Dialect): string {
  if (markers.length === 0) return '(none)';
  const where = scopes === undefined ? '' : ` in ${codes(scopes)}`;
  return `${codes(markers)}${where}${unless === undefined ? '' : ` without ${codes(unless)}`}`;
}

function kindsOf({ kinds, markers, yieldsTo }: Dialect): string {
  if (markers.length === 0) return 'only adds fields to spans of others';
  if (typeof kinds === 'string') return `all → ${kinds}`;
  const byKind = Map.groupBy(Object.entries(kinds.values), ([, kind]) => kind);
  const known = [...byKind].map(([kind, entries]) => `${codes(entries.map(([name]) => name))} → ${kind}`);
  const ending = Object.entries(kinds.endings ?? {}).map(([end, kind]) => `${inCode(`*${end}`)} → ${kind}`);
  const rest = `others → ${kinds.otherwise}${kinds.upperCase ? ' (in upper case)' : ''}`;
  const instead = yieldsTo ? [`a chain or step that is a call by ${codes(yieldsTo)} is that`] : [];
  return [...known, ...ending, rest, ...instead].join('; ');
}

function fieldTable(dialects: readonly Dialect[]): string {
  const rows = FIELDS.map((field): string[] => [
    field,
    sourcesOf(dialects, field)
      .map((source) => sourceText(source))
      .join(' > '),
  ]);
  return markdown(['field', 'first of these that has a value'], rows);
}

function nameTable(dialects: readonly Dialect[]): string {
  const rows = KINDS.map((kind) => {
    const bySpan = dialects
      .filter(({ namedBySpan }) => namedBySpan?.includes(kind))
      .map(({ name }) => `span name (${name})`);
    const behind = dialects.flatMap(({ name, names, namedBehind }) =>
      namedBehind === undefined || !(kind in names) ? [] : [`span name behind ${inCode(namedBehind)} (${name})`],
    );
    const sources = namesOf(dialects, kind).map((source) => sourceText(source));
    return [kind, [...sources, ...bySpan, ...behind].join(' > ')];
  });
  return markdown(
    ['kind', 'name of what was called'],
    rows.filter(([, name]) => name !== ''),
  );
}

/** A source in words. @param code  marks what stands for itself */
export function sourceText(source: Source, code: (text: string) => string = inCode): string {
  switch (source.take) {
    case 'value':
      return code(source.key);
    case 'new model':
      return `${code(source.key)} unless it is the requestModel`;
    case 'first':
      return `first of ${code(source.key)}`;
    case 'json':
      return `${code(source.key)} (JSON)${source.path.length === 0 ? '' : ` ${code(`.${source.path.join('.')}`)}`}`;
    case 'seconds':
      return `${code(source.key)} (s)`;
    case 'event':
      return `event ${code(source.event)} ${code(source.key)}`;
    case 'event json':
      return `event ${code(source.event)} first of ${code(source.key)} (JSON) ${code(`.${source.path.join('.')}`)}`;
    case 'event time':
      return `time of event ${code(source.event)} − start`;
    case 'time':
      return `${code(source.key)} (ISO 8601) − start`;
    case 'parts':
      return `sum of all ${code(source.word)} in ${code(source.key)} (JSON), if all add up to ${code('.total')}`;
    case 'maker':
      return `${code(source.key)} before ${code('/')}`;
    case 'model':
      return `${code(source.key)} after ${code('/')}`;
  }
}

const inCode = (text: string): string => `\`${text}\``;
const codes = (texts: readonly string[]): string => texts.map(inCode).join(', ');

/** A table with its columns under each other, as the formatter wants it. */
function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, i) => Math.max(3, ...[head, ...rows].map((cells) => cells[i]!.length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}
