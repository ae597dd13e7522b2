import { expect, it } from 'vitest';
import { expectedEvents } from '../../src/objectives/expected-events.ts';

const WEEK = 168;

it('each hour is expected to be as the same hour of the same weekdays was', () => {
  // 100 events in the first hour of each week, 10 in each other; the newest week ten times as busy.
  const counted = Array.from({ length: 4 * WEEK }, (_, hour) => ({
    hour,
    n: (hour % WEEK === 0 ? 100 : 10) * (hour >= 3 * WEEK ? 5 : 1),
  }));
  const history = { first: 0, last: 4 * WEEK - 1 };
  const from = 4 * WEEK * 60;
  expect(expectedEvents(counted, history, from, from + 60)).toEqual({ n: 200, historyDays: 28 });
  expect(expectedEvents(counted, history, from, from + 90).n).toBe(210);
  expect(expectedEvents(counted, history, from, from + WEEK * 60).n).toBe(200 + 167 * 20);
  expect(expectedEvents(counted, history, from, from).n).toBe(0);
});

it('hours of the week that were never seen are as the others on average, and it says how much was seen', () => {
  const counted = Array.from({ length: 48 }, (_, hour) => ({ hour, n: hour < 24 ? 10 : 30 }));
  const expected = expectedEvents(counted, { first: 0, last: 47 }, 48 * 60, 49 * 60);
  expect(expected).toEqual({ n: 20, historyDays: 2 });
  expect(expectedEvents([], { first: 5, last: 4 }, 300, 900)).toEqual({ n: 0, historyDays: 0 });
});

it('more history than four weeks is not looked at', () => {
  const counted = Array.from({ length: 5 * WEEK }, (_, hour) => ({ hour, n: hour < WEEK ? 1e6 : 7 }));
  const from = 5 * WEEK * 60;
  expect(expectedEvents(counted, { first: 0, last: 5 * WEEK - 1 }, from, from + 60)).toEqual({ n: 7, historyDays: 28 });
});
