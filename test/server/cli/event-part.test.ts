import { expect, it } from 'vitest';
import { addSums, NO_MINUTES, withMinute } from '../../../src/objectives/dispersion.ts';
import type { WatchState } from '../../../src/objectives/objective-watch.ts';
import { eventPartOf } from '../../../src/server/cli/event-part.ts';

it('how scores vary is said as the detector reckons it: by the variance of single ones', () => {
  // Ten scores a minute, each 0.05 short in one minute and 0.15 in the next.
  const minute = (loss: number) => withMinute(NO_MINUTES, 10, 10 * loss, 10 * loss * loss);
  const pair = addSums(minute(0.05), minute(0.15));
  const sums = Array.from({ length: 600 }, () => pair).reduce(addSums, NO_MINUTES);
  const state = {
    sequential: { ticket: { phi: null }, days: [{ day: 1, sums }], today: NO_MINUTES },
  } as unknown as WatchState;
  expect(eventPartOf(state)).toEqual({ state: 'overdispersed', phi: expect.closeTo((10 * 1200) / 1199, 6) });
});
