import { expect, it } from 'vitest';
import { binned, binsOf } from '../../src/measures/drift-bins.ts';
import { duration } from '../../src/measures/drift-features.ts';
import { driftedBins } from '../../src/objectives/drift-reading.ts';
import { TOLERANCES } from '../../src/objectives/drift-watch.ts';
import * as counters from '../../src/tally/counters.ts';
import { EXPONENTIAL_SCALE } from '../../src/tally/exponential.ts';

const durations = (power: number, n: number) => new Map([[counters.durationBucket(power << EXPONENTIAL_SCALE), n]]);

/** An incident said "drift of duration, 8192 to 16384 from 3.4 % to 33.0 %": of what was for its reader to guess. */
it('bins of durations say that they are milliseconds', () => {
  const before = new Map([...durations(9, 900), ...durations(13, 100)]);
  const bins = binsOf('quantity', duration.keysOf(before).counts)!;
  const frozen = { bins, reference: binned(bins, duration.keysOf(before).counts) };
  const rule = { kind: duration.kind, feature: duration, threshold: 1000, tolerance: TOLERANCES.moderate };
  const found = driftedBins({ ...rule, textOf: String }, frozen as never, durations(13, 500));
  expect(found.map(({ name }) => name)).toContain('8192 to 16384 ms');
  expect(found.map(({ name }) => name)).toContain('512 to 1024 ms');
});
