import { expect, it } from 'vitest';
import {
  chanceText,
  creditText,
  forecastRange,
  forecastText,
  leftText,
} from '../../../src/server/console/app/logic/forecast.ts';

const now = Date.parse('2026-11-20T12:00:00Z');
const forecast = {
  basis: 'if the last 6 h continue',
  guarantee: 'heuristic' as const,
  lookback: { from: '2026-11-20T06:00:00Z', to: '2026-11-20T12:00:00Z', n: 600, bad: 3 },
  windowEnds: '2026-12-01T00:00:00Z',
  allowedBad: 1234.5,
  remainingBad: 200.7,
  exhausted: false,
  exhaustedAt: '2026-11-22T08:30:00Z',
  earliest: '2026-11-21T09:00:00Z',
  latest: null,
  level: 0.95,
  probability: 0.62,
  expected: { n: 12_345.6, historyDays: 3 },
};

it('says when the budget will be spent, and what that supposes', () => {
  expect(forecastText(forecast, now, 'UTC')).toBe('If the last 6 h continue, the budget is spent on 22 Nov, 08:30.');
  expect(forecastText({ ...forecast, exhaustedAt: null }, now)).toBe(
    'If the last 6 h continue, the budget outlasts the window.',
  );
  expect(forecastText({ ...forecast, exhausted: true }, now)).toBe('The budget is spent.');
});

it('says how sure it is', () => {
  expect(forecastRange(forecast, now, 'UTC')).toBe('21 Nov, 09:00 at the earliest, perhaps not within the window');
  expect(forecastRange({ ...forecast, latest: '2026-11-25T00:00:00Z' }, now, 'UTC')).toBe(
    '21 Nov, 09:00 to 25 Nov, 00:00',
  );
  expect(forecastRange({ ...forecast, earliest: null }, now)).toBe('not within the window');
  expect(forecastRange({ ...forecast, exhausted: true }, now)).toBeNull();
  expect([0.62, 0.9999, 0.0001].map(chanceText)).toEqual(['62 %', 'above 99 %', 'below 1 %']);
});

it('says what is left, and from how much history the rest of a calendar window is expected', () => {
  expect(leftText(forecast)).toBe('200 of 1,234 bad events, with 12,346 events still expected, from 3 days of history');
  expect(leftText({ ...forecast, expected: null })).toBe('200 of 1,234 bad events');
});

it('says what is owed, and whether that may still change', () => {
  expect(
    (['current', 'provisional', 'final'] as const).map((state) =>
      creditText({ state, credit: state === 'current' ? null : 10 }),
    ),
  ).toEqual(['goes on', '10, provisional', '10']);
  expect(creditText({ state: 'final', credit: null })).toBe('–');
});
