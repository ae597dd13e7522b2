import { durationText } from '../../model/duration-text.ts';
import { type Millis, type Minute, millisOfMinute } from '../../model/time.ts';

/** `2026-11-02 10:01`, UTC. */
export const momentText = (at: Millis): string => new Date(at).toISOString().slice(0, 16).replace('T', ' ');
export const minuteText = (minute: Minute): string => momentText(millisOfMinute(minute));

/** `12 %`, `1.2 %`, `0.12 %`, `0.0012 %`; 0 and 1 only where it is so. */
export function percentText(share: number): string {
  const percent = share * 100;
  if (percent === 0 || percent >= 10)
    return `${percent > 99 && percent < 100 ? percent.toFixed(2) : Math.round(percent)} %`;
  return `${Number(percent.toPrecision(2))} %`;
}

/** `3x`, `2.4x`, `140x`. */
export const timesText = (times: number): string =>
  `${times >= 10 ? Math.round(times) : Number(times.toPrecision(2))}x`;

/** `42`, `3.5`, `0.012`: of something a minute. */
export const rateText = (perMinute: number): string =>
  perMinute >= 10 ? String(Math.round(perMinute)) : String(Number(perMinute.toPrecision(2)));

/** `1 incident`, `3 incidents`. */
export const countOf = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString('en-GB')} ${count === 1 ? one : many}`;

/** `3 min sooner`, `2 h later`. @param ms  by how much later, may be negative */
export const laterText = (ms: Millis): string => `${durationText(Math.abs(ms))} ${ms < 0 ? 'sooner' : 'later'}`;

/** `812 bytes`, `3.4 MiB`. */
export function sizeText(bytes: number): string {
  const steps = ['KiB', 'MiB', 'GiB', 'TiB'];
  if (bytes < 1024) return `${bytes} bytes`;
  let at = bytes / 1024;
  let step = 0;
  for (; at >= 1024 && step < steps.length - 1; step++) at /= 1024;
  return `${Number(at.toPrecision(3))} ${steps[step]}`;
}

/** Rows as columns that line up, two spaces between; the last column is as wide as it likes. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i]!)))
      .join('  ')
      .trimEnd(),
  );
}

/** Words broken into lines of at most `width` columns, those after the first with an indentation before them. */
export function wrapped(text: string, width: number, indent = ''): string[] {
  const lines: string[] = [];
  let line = '';
  // A number stays with its sign.
  for (const word of text.split(/ (?!%)/)) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (longer.length > width && line.trim() !== '') {
      lines.push(line);
      line = indent + word;
    } else line = longer;
  }
  return [...lines, line];
}
