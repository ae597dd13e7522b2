import { globSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const FOLDER = join(ROOT, 'docs/guide/frameworks');
const read = (path: string): string => readFileSync(path, 'utf8');

const pages = globSync('*.md', { cwd: FOLDER }).filter((name) => name !== 'README.md');
const index = read(join(FOLDER, 'README.md'));

/** Files of the tests that a page leads to. */
const triedOn = (text: string): string[] =>
  [...text.matchAll(/\]\((\.\.\/\.\.\/\.\.\/test\/[^)]+)\)/g)].map(([, path]) => resolve(FOLDER, path!));
/** An application has its lines in its own file, and in what is loaded before it. */
const linesOf = (file: string): string[] =>
  [file, file.replace(/\.mjs$/, '.setup.mjs'), join(dirname(file), 'http.setup.mjs')]
    .filter((path) => globSync(path).length > 0)
    .flatMap((path) => read(path).split('\n'))
    .map((line) => line.trim());

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
}
/** Every `package version` that the tests run or have a recording of. */
function versions(): Set<string> {
  const manifests = ['package.json', 'test/compat/apps/package.json'].map((file) => JSON.parse(read(join(ROOT, file))));
  const npm = manifests.flatMap(({ dependencies }: Manifest) =>
    Object.entries(dependencies).map(([name, version]) => {
      const alias = /^npm:(.+)@(.+)$/.exec(version);
      return alias === null ? `${name} ${version}` : `${alias[1]} ${alias[2]}`;
    }),
  );
  const python = [...read(join(ROOT, 'test/python-requirements.txt')).matchAll(/^([\w-]+)(?:\[\w+\])?==(\S+)$/gm)];
  return new Set([...npm, ...python.map(([, name, version]) => `${name} ${version}`)]);
}

describe('docs/guide/frameworks', () => {
  it('has each of its pages in its index', () => {
    const linked = [...index.matchAll(/^\| \[[^\]]+\]\((\S+?\.md)\)/gm)].map(([, name]) => name!);
    expect(linked.toSorted()).toEqual(pages.toSorted());
    expect(pages.length).toBeGreaterThan(12);
  });

  it.each(pages)('%s is short, and says what it was tried on', (name) => {
    const text = read(join(FOLDER, name));
    expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(50);
    expect(triedOn(text)).not.toEqual([]);
    for (const heading of ['\nTried: ', '\n## What Plimsoll sees\n', "\n## What it doesn't see, and what to do\n"])
      expect(text).toContain(heading);
  });

  it.each(pages)('the code of %s is that of the applications that are run', (name) => {
    const text = read(join(FOLDER, name));
    const known = new Set(triedOn(text).flatMap(linesOf));
    const blocks = [...text.matchAll(/^```(?:js|python)\n([\s\S]*?)^```/gm)].map(([, block]) => block!);
    expect(
      blocks.flatMap((block) => block.split('\n').map((line) => line.trim())).filter((line) => !known.has(line)),
    ).toEqual([]);
  });

  it.each(pages)('%s names the versions that are run', (name) => {
    const known = versions();
    const named = [...read(join(FOLDER, name)).matchAll(/`([@a-z][\w./@-]*)`\s(\d+\.\d[\w.]*)/g)];
    expect(
      named.map(([, of, version]) => `${of} ${version!.replace(/\.$/, '')}`).filter((one) => !known.has(one)),
    ).toEqual([]);
  });

  it('the tests of applications name the versions that are run', () => {
    const text = ['compat.test.ts', 'python.test.ts'].map((file) => read(join(ROOT, 'test/compat', file))).join('');
    const named = [...text.matchAll(/packages: '([^']+)'/g)].flatMap(([, all]) => [
      ...all!.matchAll(/([@a-z][\w./@-]*) (\d+\.\d[\w.]*)/g),
    ]);
    expect(named.length).toBeGreaterThan(15);
    const known = versions();
    expect(named.map(([, of, version]) => `${of} ${version}`).filter((one) => !known.has(one))).toEqual([]);
  });
});
