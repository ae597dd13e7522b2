import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import supertest from 'supertest';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isOlder } from '../../../src/server/console/ensure.ts';
import { consoleFiles } from '../../../src/server/console/files.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plimsoll-console-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (name: string, second: number, text = ''): string => {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
  utimesSync(path, second, second);
  return path;
};

describe('whether the console has to be built', () => {
  it('does when it never was, or when a source, however deep, was changed after it', () => {
    const built = join(folder, 'dist/index.html');
    write('app/main.tsx', 1000);
    const sources = [join(folder, 'app'), join(folder, 'not-there')];
    expect(isOlder(built, sources)).toBe(true);
    write('dist/index.html', 2000);
    expect(isOlder(built, sources)).toBe(false);
    write('app/pages/deep/fleet.tsx', 3000);
    expect(isOlder(built, sources)).toBe(true);
  });
});

describe('what is served of it', () => {
  const served = () => supertest(express().use(consoleFiles([`${join(folder, 'dist')}/`])));

  it('is a page that says how to build it, until it is there', async () => {
    const app = express().use(consoleFiles([`${join(folder, 'dist')}/`]));
    const { text } = await supertest(app).get('/incidents/INC-1').expect(200);
    expect(text).toContain('npm run build:console');
    write('dist/index.html', 1, '<title>built</title>');
    expect((await supertest(app).get('/').expect(200)).text).toContain('built');
  });

  it('is the one page for every place, and files that are kept for ever because their names change', async () => {
    write('dist/index.html', 1, '<title>built</title>');
    write('dist/assets/index-abc.js', 1, 'x');
    for (const path of ['/', '/incidents', '/incidents/INC-1', '/services/a%2Fb', '/objectives/x']) {
      const { text, headers } = await served().get(path).expect(200);
      expect(text).toContain('built');
      expect(headers['cache-control']).toContain('max-age=0');
    }
    const { headers } = await served().get('/assets/index-abc.js').expect(200);
    expect(headers['cache-control']).toContain('immutable');
    await served().get('/assets/index-old.js').expect(404);
    await served().get('/elsewhere').expect(404);
  });
});
