import { execFileSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { MAIN } from '../e2e/process.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const FOLDERS = ['docs', 'examples', 'src', 'collectors', 'bench', 'dashboards', 'packages/*'];
const pages = globSync(['*.{md,yaml}', ...FOLDERS.map((folder) => `${folder}/**/*.{md,yaml}`), 'test/*/*.md'], {
  cwd: ROOT,
  exclude: ['**/node_modules'],
});
const read = (page: string): string => readFileSync(join(ROOT, page), 'utf8');

it('every command that a page tells people to run is one', () => {
  const help = execFileSync(process.execPath, ['--no-warnings', MAIN, '--help'], { encoding: 'utf8' });
  const known = [...help.matchAll(/^ {2}([a-z][a-z-]*)(?: (?:\[|<)| {2,}[A-Z])/gm)].map(([, name]) => name);
  expect(known).toEqual(expect.arrayContaining(['serve', 'check', 'verify', 'explain-span']));
  const wrong = pages.flatMap((page) =>
    [...read(page).matchAll(/(?:`|npm run -s |^#? *|npx )plimsoll (?:-- )?([a-z][a-z-]*)\b/gm)]
      .filter(([, command]) => !known.includes(command))
      .map(([text]) => `${page}: ${text}`),
  );
  expect(wrong).toEqual([]);
});

/** Headings of a page, as addresses name them. */
const headingsOf = (page: string): string[] =>
  [...read(page).matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );

it('every page that a page leads to is there, and every heading', () => {
  const wrong = pages.flatMap((page) =>
    [...read(page).matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)]*))?\)/g)]
      .filter(([, target, heading]) => {
        const path = target === '' ? page : join(page, '..', target!);
        return !existsSync(join(ROOT, path)) || (heading !== undefined && !headingsOf(path).includes(heading));
      })
      .map(([text]) => `${page}: ${text}`),
  );
  expect(pages.length).toBeGreaterThan(8);
  expect(wrong).toEqual([]);
});
