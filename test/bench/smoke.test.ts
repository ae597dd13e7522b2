import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';

const bench = (file: string, ...args: string[]): string =>
  execFileSync(process.execPath, ['--no-warnings', resolve(import.meta.dirname, '../../bench', file), ...args], {
    encoding: 'utf8',
  });

// How fast is for `npm run bench` to say; here: that the benchmarks still run, and that what they load is counted right.
it('the load goes in, and every tally of it is the fold of its rows', () => {
  const output = bench('ingest.ts', '1');
  expect(output).toMatch(/durable, tallied: as fast as it goes +[1-9]\d*k spans\/s/);
  expect(output).toMatch(/verify: [1-9]\d* tallies compared, 0 differ, 0 minutes unsettled/);
});

it('a tick judges every objective there is', () => {
  const output = bench('tick.ts', '40', '2');
  expect(output).toMatch(/40 objectives, 10 services, windows of 3d, .* 2 ticks: median [\d.]+ ms/);
  expect(output).toMatch(/40 objectives, 10 services, windows of 30d, .* 2 ticks: median [\d.]+ ms/);
});

it('a page of metrics is read by another process', () => {
  const output = bench('scrape.ts', '40', '2');
  expect(output).toMatch(/^40 objectives, 10 services, [1-9]\d+ series, [\d.]+ MB: a scrape took median [\d.]+ ms/);
});

it('a minute of a detector and a confidence sequence have their price', () => {
  expect(bench('detector.ts', '300')).toMatch(/^15 +0\.00001 +\d+ +\d+$/m);
  expect(bench('sequences.ts', '20')).toMatch(/^meanSequence +median [\d.]+ us, dearest [\d.]+ us, of 30 settings$/m);
});

it('a backtest runs over every minute there is', () => {
  const output = bench('backtest.ts', '8', '1');
  expect(output).toMatch(/in force: 8 objectives, 1 days: [\d.]+ s, [\d.]+ s of a core \(1\d{4} minutes with events/);
  expect(output).toMatch(/changed, beside those in force: 8 objectives/);
});

it('incidents are opened, delivered and resolved, and a destination that never answers holds up no other', () => {
  const output = bench('delivery.ts', '30', '2');
  expect(output).toMatch(/^opened: 30 written in [\d.]+ s, delivered in [\d.]+ s: \d+ a second/m);
  expect(output).toMatch(/^attempts that failed: 0$/m);
  expect(output).toMatch(
    /of which one is silent: 198 of 198 taken; from the tick to the answer p50 \d+ ms, p99 \d+ ms/,
  );
});
