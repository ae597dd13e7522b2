import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { EXPERIMENTS } from '../../scripts/simulate/tables/index.ts';
import { driftTolerance } from '../../src/objectives/drift-detector.ts';
import { alarmThreshold } from '../../src/objectives/e-detector.ts';

/** docs/guide/guarantees.md against the code it describes. */
const page = readFileSync(resolve(import.meta.dirname, '../../docs/guide/guarantees.md'), 'utf8');

it('has every table, and says with which command and seed each was made', () => {
  for (const { letter, title } of EXPERIMENTS) {
    const [, section] = page.split(`### ${letter}. ${title}\n`);
    expect(section, `table ${letter}`).toBeDefined();
    expect(section!.split('\n### ')[0]).toMatch(/\((full|quick) run, seed \d+/);
  }
});

it('the threshold, and the tolerance of drift', () => {
  expect(page).toContain('A = 43,200 / (F · w)');
  expect(alarmThreshold(2, 0.25)).toBe(43_200 / (2 * 0.25));
  expect(page).toContain('max(0.05, sqrt(2 B / m))');
  expect(driftTolerance(10, 2000)).toBeCloseTo(Math.sqrt(20 / 2000), 12);
});

it('every table that the text names is there', () => {
  for (const [, letter] of page.matchAll(/tables? ([A-K])\b/g))
    expect(EXPERIMENTS.map((one) => one.letter)).toContain(letter);
});
