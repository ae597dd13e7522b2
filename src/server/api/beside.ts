import type { Beside, BesideWanted } from '../../measures/estimator.ts';
import type { Code } from '../../model/dictionary.ts';
import { type Reader, STEPS, type Step } from '../../store/reader.ts';
import { EVENT_CLOCK } from '../../tally/book.ts';
import { add, type Tally, ZERO } from '../../tally/group.ts';
import { addAt } from './sums.ts';

/**
 * What an estimator reads beside the tally of each step: of these services together. What lies behind is that of the last step, by whole
 * days, for all of them. `first` and `last` inclusive, in steps.
 */
export function besideReader(
  reader: Reader,
  services: readonly Code[],
  { minutes, dimension }: BesideWanted,
  step: Step,
  first: number,
  last: number,
): (at: number) => Beside {
  const lastMinute = (last + 1) * STEPS[step] - 1;
  const days = [Math.floor((lastMinute - minutes) / STEPS.day), Math.floor(lastMinute / STEPS.day)] as const;
  if (dimension === null) {
    let trailing = ZERO;
    for (const service of services)
      for (const { tally } of reader.series('day', EVENT_CLOCK, service, ...days)) trailing = add(trailing, tally);
    return () => ({ trailing, slices: new Map() });
  }
  const windows = new Map<number, Map<Code, Tally>>();
  const trailing = new Map<Code, Tally>();
  for (const service of services) {
    for (const { at, value, tally } of reader.slicesOf(step, EVENT_CLOCK, service, dimension, first, last))
      windows.set(at, addAt(windows.get(at) ?? new Map(), value, tally));
    if (minutes > 0)
      for (const { value, tally } of reader.slicesOf('day', EVENT_CLOCK, service, dimension, ...days))
        addAt(trailing, value, tally);
  }
  return (at) => {
    const values = windows.get(at) ?? new Map<Code, Tally>();
    const slices = [...values].map(
      ([value, window]) => [value, { window, trailing: trailing.get(value) ?? ZERO }] as const,
    );
    return { trailing: ZERO, slices: new Map(slices) };
  };
}
