import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  exceedsBound,
  exceedsCount,
  exceedsShare,
  exceedTogether,
  fallsShortOfRuns,
  isSlower,
  medianInterval,
  quantile,
  shownDelay,
  shownRate,
} from '../../scripts/simulate/judge.ts';
import { reportText } from '../../scripts/simulate/print.ts';
import { EXPERIMENTS } from '../../scripts/simulate/tables/index.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const simulate = (...args: string[]) =>
  spawnSync(process.execPath, ['--no-warnings', join(ROOT, 'scripts/simulate.ts'), ...args], { encoding: 'utf8' });

it.each(EXPERIMENTS)('table $letter says which cells miss their goal when all is bad', (experiment) => {
  // Counts far above any bound, delays far beyond any goal; of truths missed (H) all, of truths covered (I) none.
  const value = experiment.letter === 'H' ? 1 : experiment.letter === 'I' ? 0 : 1e5;
  const samples = Array.from({ length: 30 }, () => Array(40).fill(value));
  const report = experiment.report(experiment.cells.map((cell: unknown) => ({ cell, samples })));
  expect(report.misses.length).toBeGreaterThan(0);
  expect(reportText(experiment.letter, experiment.title, report)).toContain('miss their goal');
});

it('the command runs a table, and says how it is used', () => {
  const run = simulate('--table', 'j', '--quick', '--workers', '1', '--seed', '3');
  expect(run.stdout).toContain('### J. Sequential change review');
  expect(run.stdout).toContain('(quick run, seed 3,');
  expect(run.status).toBe(0);
  for (const args of [
    ['--table', 'Z'],
    ['--seed', 'x'],
    ['--workers', '0'],
  ]) {
    const wrong = simulate(...args);
    expect(wrong.status).toBe(2);
    expect(wrong.stderr).toContain('usage: npm run simulate');
  }
});

describe('what is worse than a goal', () => {
  it('a count is, when chance does not explain it', () => {
    expect(exceedsBound(10, 10)).toBe(false);
    expect(exceedsBound(18, 10)).toBe(false);
    expect(exceedsBound(24, 10)).toBe(true);
    expect(exceedsBound(1, 0)).toBe(true);
    expect(exceedsCount(12, 20, 88, 200)).toBe(false);
    expect(exceedsCount(30, 20, 88, 200)).toBe(true);
    expect(exceedsShare(8, 100, 0.05)).toBe(false);
    expect(exceedsShare(15, 100, 0.05)).toBe(true);
    expect(fallsShortOfRuns(80, 100, 0.845, 400)).toBe(false);
    expect(fallsShortOfRuns(60, 100, 0.845, 400)).toBe(true);
  });

  it('counts of several settings are together, where each alone could be chance', () => {
    const of = (count: number) => ({ count, exposure: 30, goalRate: 0.6, goalExposure: 200 });
    expect(exceedTogether([of(30)])).toBe(false);
    expect(exceedTogether([of(30), of(30), of(30)])).toBe(true);
    expect(exceedTogether([of(36), of(10)])).toBe(false);
    expect(exceedTogether([{ ...of(2), goalRate: 0 }])).toBe(false);
  });

  it('a median is, when it is longer than the slack allows and chance does not explain it', () => {
    const around = (middle: number): number[] => Array.from({ length: 101 }, (_, i) => middle + (i - 50) / 10);
    expect(isSlower(around(110), 100)).toBe(false);
    expect(isSlower(around(130), 100)).toBe(true);
    expect(isSlower([90, 130, 131, 132], 100)).toBe(false);
    expect(isSlower(Array(50).fill(Infinity), 100)).toBe(true);
    expect(isSlower(Array(50).fill(Infinity), Infinity)).toBe(false);
  });

  it('is shown with its error', () => {
    expect(quantile([3, 1, 2, 10], 0.5)).toBe(2.5);
    expect(quantile([1, Infinity], 0.5)).toBe(Infinity);
    expect(medianInterval([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])).toEqual({ low: 2, high: 9 });
    expect(shownDelay([1, 2, 3, 4, 5, 6, 7, 8, 9, Infinity], 100)).toBe('5.5 [2, 9] (90%)');
    expect(shownDelay([Infinity, Infinity, 5], 100)).toBe('>100 (33%)');
    expect(shownRate(25, 10)).toBe('2.5 ± 0.5');
    expect(shownRate(0, 10)).toBe('0');
  });
});
