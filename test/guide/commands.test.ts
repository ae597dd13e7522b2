import { execFileSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { MAIN } from '../e2e/process.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const pages = globSync(
  ['*.md', '*.yaml', 'docs/**/*.md', 'examples/**/*.{md,yaml}', 'src/**/*.md', 'collectors/**/*.md'],
  {
    cwd: ROOT,
  },
);

it('every command that a page tells people to run is one', () => {
  const help = execFileSync(process.execPath, ['--no-warnings', MAIN, '--help'], { encoding: 'utf8' });
  const known = [...help.matchAll(/^ {2}([a-z][a-z-]*) (?:\[|<)/gm)].map(([, name]) => name);
  expect(known).toEqual(expect.arrayContaining(['serve', 'check', 'verify', 'explain-span']));
  const wrong = pages.flatMap((page) =>
    [
      ...readFileSync(join(ROOT, page), 'utf8').matchAll(
        /(?:`|npm run -s |^#? *|npx )plimsoll (?:-- )?([a-z][a-z-]*)\b/gm,
      ),
    ]
      .filter(([, command]) => !known.includes(command))
      .map(([text]) => `${page}: ${text}`),
  );
  expect(wrong).toEqual([]);
});

it('every page that a page leads to is there', () => {
  const wrong = pages.flatMap((page) =>
    [...readFileSync(join(ROOT, page), 'utf8').matchAll(/\]\((?!https?:)([^)#\s]+)(?:#[^)]*)?\)/g)]
      .filter(([, target]) => globSync(join(ROOT, page, '..', target!)).length === 0)
      .map(([text]) => `${page}: ${text}`),
  );
  expect(pages.length).toBeGreaterThan(8);
  expect(wrong).toEqual([]);
});
