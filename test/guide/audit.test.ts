import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { canonicalJson } from '../../src/compliance/audit/canonical-json.ts';
import { leafOfText } from '../../src/compliance/audit/entry.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const page = readFileSync(join(ROOT, 'docs/guide/audit.md'), 'utf8');
const format = readFileSync(join(ROOT, 'docs/guide/audit-format.md'), 'utf8');
const vectors = JSON.parse(readFileSync(join(ROOT, 'test/golden/audit/vectors.json'), 'utf8'));

const KINDS =
  'history|log|process|clock|configuration|store|objective|delivery|change|audit|token|session|access|silence';

it('docs/guide/audit.md lists every type of entry that the sources write, and no other', () => {
  const type = new RegExp(`'((?:${KINDS})\\.[a-z_]+)'`, 'g');
  const written = ['src/server', 'src/store', 'src/compliance'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.parentPath.includes('/console'))
      .flatMap((entry) =>
        [...readFileSync(join(entry.parentPath, entry.name), 'utf8').matchAll(type)].map(([, t]) => t!),
      ),
  );
  const rows = page.split('\n').filter((line) => line.startsWith('| `'));
  const listed = rows.flatMap((row) => [...row.split('|')[1]!.matchAll(/`([a-z_]+\.[a-z_]+)`/g)].map(([, t]) => t!));
  expect(listed.toSorted()).toEqual([...new Set(written)].toSorted());
});

it('what docs/guide/audit-format.md works out is what comes out', () => {
  for (const { text, leaf } of vectors.chain) {
    expect(format).toContain(text);
    expect(leafOfText(text).toString('hex')).toBe(leaf);
    expect(format).toContain(`\`${leaf}\``);
  }
  for (const value of [
    vectors.chainRoot,
    ...Object.values<string>(vectors.ed25519).filter((v) => v !== vectors.ed25519.emptySignature),
  ])
    expect(format).toContain(value);
  for (const root of Object.values<string>(vectors.tree.roots)) expect(format).toContain(root);
  // Every example is canonical: a formatter of pages that knows JSON would have made it something else.
  const examples = [...format.matchAll(/```text\n(.*)\n```/g)].map(([, text]) => text!);
  expect(examples.length).toBeGreaterThan(4);
  for (const text of examples) expect(canonicalJson(JSON.parse(text))).toBe(text);
});
