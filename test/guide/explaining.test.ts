import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const page = readFileSync(join(ROOT, 'docs/guide/explaining.md'), 'utf8');

it('the output on the page is that of the command above it', () => {
  const [, recording] = /explain-span test\/golden\/otlp\/(.+)\.otlp\.pb/.exec(page)!;
  const [, shown] = /```text\n([\s\S]*?)```/.exec(page)!;
  // What the command prints for it, test/server/explain/text.test.ts compares.
  expect(shown).toBe(readFileSync(join(ROOT, 'test/golden/explain', `${recording}.80.txt`), 'utf8'));
});

it('every option stands on the page, and no other', () => {
  const help = readFileSync(join(ROOT, 'src/program.ts'), 'utf8');
  const [, command] = /withConfig\('explain-span'([\s\S]*?)\.action/.exec(help)!;
  const options = [...command!.matchAll(/\.option\('(--[^']+)'/g)].map(([, option]) => option);
  const rows = [...page.matchAll(/^\| `(--[^`]+)`/gm)].map(([, option]) => option);
  expect(rows.sort()).toEqual([...options, '--config <file>', '--json'].sort());
});
