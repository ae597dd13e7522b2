import { expect, it } from 'vitest';
import { Stream } from '../../src/objectives/stream.ts';
import { expectWindowsToBeSums } from './window-law.ts';

it('every window is the sum of its minutes, whatever was asked before and however late a minute is set', () => {
  expectWindowsToBeSums((minutes) => new Stream(minutes));
});

it('an hour that is older than the longest window takes the place of none that is in it', () => {
  const stream = new Stream(4320);
  const slots = 4320 / 60 + 2;
  const hour = 500_000;
  for (let back = slots - 1; back > 0; back--) stream.setHour(hour - back, 10, 1);
  stream.setMinute(hour * 60 + 30, 10, 1);
  const before = stream.window(4320);
  for (let back = 1; back < slots; back++) stream.setHour(hour - slots - back, 7, 7);
  expect(stream.window(4320)).toEqual(before);
});
