import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..');

/** Floors, lowest first: a file imports from its own floor and from those named before it. */
const FLOORS: Record<string, string[]> = {
  'src/model': [],
  'src/interactions': ['src/model'],
  'src/tally': ['src/model', 'src/interactions'],
  'src/measures': ['src/model', 'src/tally'],
  'src/objectives': ['src/model', 'src/tally', 'src/measures'],
  'src/incidents': ['src/model', 'src/tally', 'src/measures', 'src/objectives'],
  'src/changes': ['src/model', 'src/tally', 'src/measures', 'src/objectives'],
  'src/problems': ['src/model', 'src/tally', 'src/measures', 'src/objectives'],
  'src/catalog': ['src/model', 'src/tally', 'src/measures', 'src/objectives'],
  'src/compliance': ['src/model', 'src/tally', 'src/measures', 'src/objectives'],
  'src/store': [
    'src/model',
    'src/interactions',
    'src/tally',
    'src/measures',
    'src/objectives',
    'src/incidents',
    'src/changes',
    'src/problems',
    'src/catalog',
    'src/compliance',
  ],
  'src/sinks': ['src/model', 'src/tally'],
  collectors: ['src/model', 'src/tally'],
  packages: [],
};
/** Everything below the store is pure: it asks nobody for the time, for chance or for files. */
const PURE = [
  'model',
  'interactions',
  'tally',
  'measures',
  'objectives',
  'incidents',
  'changes',
  'problems',
  'catalog',
  'compliance',
].map((f) => `src/${f}`);

function sources(folder: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !/\.bench\.ts$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
}

const floorOf = (file: string): string | undefined => Object.keys(FLOORS).find((floor) => file.startsWith(`${floor}/`));
const importsOf = (text: string): string[] =>
  [...text.matchAll(/^(?:import|export)\b[^'"]*?from\s+'([^']+)'|import\('([^']+)'\)/gm)].map((m) => (m[1] ?? m[2])!);

const files = [...sources('src'), ...sources('collectors'), ...sources('packages/feedback/src')];

it('finds the sources it judges', () => {
  expect(files.length).toBeGreaterThan(5);
});

it('floors import downward only', () => {
  const wrong: string[] = [];
  for (const file of files) {
    const floor = floorOf(file);
    if (floor === undefined) continue;
    for (const target of importsOf(readFileSync(join(root, file), 'utf8'))) {
      if (!target.startsWith('.')) continue;
      const path = relative(root, resolve(root, dirname(file), target));
      const other = floorOf(path);
      if (other === floor || (other !== undefined && FLOORS[floor]!.includes(other))) continue;
      wrong.push(`${file} imports ${path}`);
    }
  }
  expect(wrong).toEqual([]);
});

it('the core asks nobody for the time, for chance, for the disk or the network', () => {
  const wrong: string[] = [];
  for (const file of files.filter((name) => PURE.some((floor) => name.startsWith(`${floor}/`)))) {
    const text = readFileSync(join(root, file), 'utf8');
    const asked = text.match(/Date\.now\(|new Date\(\)|performance\.now\(|Math\.random\(|\bprocess\.[a-z]/);
    if (asked) wrong.push(`${file}: ${asked[0]}`);
    for (const target of importsOf(text))
      if (/^node:(fs|net|http|https|child_process|worker_threads|timers|dns)/.test(target))
        wrong.push(`${file}: ${target}`);
  }
  expect(wrong).toEqual([]);
});

it('there are no circles', () => {
  const graph = new Map(
    files.map((file) => [
      file,
      importsOf(readFileSync(join(root, file), 'utf8').replaceAll(/^import type .*$/gm, ''))
        .filter((target) => target.startsWith('.'))
        .map((target) => relative(root, resolve(root, dirname(file), target))),
    ]),
  );
  const circles: string[] = [];
  const done = new Set<string>();
  const walk = (file: string, path: string[]): void => {
    if (path.includes(file)) {
      circles.push([...path.slice(path.indexOf(file)), file].join(' > '));
      return;
    }
    if (done.has(file)) return;
    for (const next of graph.get(file) ?? []) walk(next, [...path, file]);
    done.add(file);
  };
  for (const file of files) walk(file, []);
  expect(circles).toEqual([]);
});

it('sources cite pages of this repository only, or public ones by their address', () => {
  const wrong: string[] = [];
  for (const file of [...files, ...sources('bench'), ...sources('scripts')]) {
    const text = readFileSync(join(root, file), 'utf8').replaceAll(/https?:\/\/\S+/g, '');
    for (const [cited] of text.matchAll(/[\w./-]+\.md\b/g))
      if (!existsSync(join(root, cited)) && !existsSync(join(root, dirname(file), cited)))
        wrong.push(`${file}: ${cited}`);
    // A number without a page, or a section of a page that is only named.
    for (const [cited] of text.matchAll(/\bdecisions? \d+|\b[a-z][a-z-]*(?:\.md)? ?§/g))
      wrong.push(`${file}: ${cited}`);
  }
  expect(wrong).toEqual([]);
});
