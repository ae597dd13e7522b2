import { mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { MAIN, Program } from './process.ts';

/** Processes whose working directory lies in a folder. */
const processesIn = (folder: string): string[] =>
  readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      return readlinkSync(`/proc/${pid}/cwd`).startsWith(folder);
    } catch {
      return false;
    }
  });

/** It waits for minutes, doing next to nothing: in its own time they are minutes. */
const FASTER = {
  NODE_OPTIONS: `--import ${pathToFileURL(join(import.meta.dirname, 'pace.ts'))}`,
  PLIMSOLL_TEST_PACE: '2',
  PLIMSOLL_TEST_EPOCH: String(Date.now()),
};
const ADDRESS = /(http:\/\/127\.0\.0\.1:\d+)\//g;

describe('npm run demo', () => {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-e2e-demo-'));
  const start = (...args: string[]): Program =>
    new Program(process.execPath, [MAIN, 'demo', ...args], { cwd: '/', env: { TMPDIR: folder, ...FASTER } });
  const nothingIsLeft = (): void => {
    expect(readdirSync(folder)).toEqual([]);
    expect(processesIn(folder)).toEqual([]);
  };
  afterAll(() => rmSync(folder, { recursive: true }));

  it('without a person: the prompt change is found, told and explained within five minutes, and nothing is lost or left', async () => {
    const program = start('--headless', '--json');
    expect(await program.exited).toBe(0);
    const last = program.stdout.trimEnd().split('\n').at(-1)!;
    const result = JSON.parse(last);
    expect(result).toEqual({
      incident: 'INC-3',
      secondsToOpen: expect.any(Number),
      slice: 'prompt_version=8',
      historyIncidents: 2,
      interactions: expect.any(Number),
      acked: result.interactions,
      verify: 'clean',
    });
    expect(result.secondsToOpen).toBeGreaterThan(0);
    expect(result.secondsToOpen).toBeLessThanOrEqual(300);
    expect(result.interactions).toBeGreaterThan(80_000);
    nothingIsLeft();
  }, 600_000);

  it('Ctrl-C ends it at any time, and leaves nothing behind', async () => {
    const program = start('--headless');
    await program.line(/day \d+ of 30/);
    expect(await program.stop('SIGINT')).toBe(130);
    nothingIsLeft();
    const addresses = [...program.output.matchAll(ADDRESS)].map(([, url]) => url!);
    for (const url of addresses) await expect(fetch(url)).rejects.toThrow();
  });
});
