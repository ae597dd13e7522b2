import { expect, it } from 'vitest';
import { parseRetryAfter } from '../../src/sinks/retry-after.ts';

const NOW = Date.UTC(2026, 10, 1, 10, 0, 0);

it.each([
  ['120', 120_000],
  [' 0 ', 0],
  ['Sun, 01 Nov 2026 10:00:30 GMT', 30_000],
  ['Sun, 01 Nov 2026 09:00:00 GMT', 0],
  [undefined, undefined],
  ['', undefined],
  ['-5', undefined],
  ['1.5', undefined],
  ['soon', undefined],
  ['2026-11-01T10:00:30Z', undefined],
  ['Sun, 99 Nov 2026 10:00:30 GMT', undefined],
])('Retry-After %j is %j ms from now', (header, ms) => {
  expect(parseRetryAfter(header, NOW)).toBe(ms);
});
