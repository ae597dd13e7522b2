import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { REFUSALS } from '../../collectors/otlp/index.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const page = readFileSync(join(ROOT, 'docs/guide/errors.md'), 'utf8');
const CODE = /\bPLIM_[A-Z0-9]+(?:_[A-Z0-9]+)*\b/g;

/** Cells of each row that begins with a code. */
const rows = page
  .split('\n')
  .filter((line) => line.startsWith('| `PLIM_'))
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );

function codesIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|tsx|mjs)$/.test(entry.name))
    .flatMap((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8').match(CODE) ?? []);
}

it('docs/guide/errors.md has a row for every code in the sources, and for no other', () => {
  const codes = new Set(['src', 'collectors', 'bin'].flatMap(codesIn));
  expect(codes.size).toBeGreaterThan(25);
  expect(rows.map(([code]) => code!.replaceAll('`', '')).toSorted()).toEqual([...codes].toSorted());
});

it('every row says what happened, what to do, and whether a retry can help', () => {
  expect(rows.filter((cells) => cells.some((cell) => cell === ''))).toEqual([]);
  expect(new Set(rows.map((cells) => cells.length))).toEqual(new Set([4, 5]));
});

it('the rows of the OTLP door have the statuses that it answers with', () => {
  const written = rows
    .filter(([code]) => code!.startsWith('`PLIM_OTLP_'))
    .map(([code, http]) => [code!.slice(1, -1), Number(http)]);
  expect(Object.fromEntries(written)).toEqual(
    Object.fromEntries(Object.entries(REFUSALS).map(([code, { http }]) => [code, http])),
  );
});
