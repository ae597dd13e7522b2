import type { Evidence, GuiltySlice, Incident } from './incident.ts';

/** What of a breach would be left without a part of the traffic: bad shares in [0, 1]. */
export interface Restored {
  readonly withAll: number;
  readonly without: number;
}

/**
 * What of the breach would be left without its guiltiest slice, of the time in which the slice was looked for; in records of earlier
 * versions of the time from the onset to the alarm. That the slice is its cause is not said by it.
 * @returns null where no slice stands out, nothing would be left, or no less would be bad: a part can have become worse and still be better than the rest
 */
export function restoredWithout({ slices, breaches }: Pick<Incident, 'slices' | 'breaches'>): Restored | null {
  const [slice] = slices;
  if (slice === undefined) return null;
  const left = slice.restored === undefined ? leftOf(breaches[0].evidence.sinceOnset, slice) : slice.restored;
  return left === null || left.without >= left.withAll ? null : left;
}

const leftOf = (since: Evidence['sinceOnset'], slice: GuiltySlice): Restored | null =>
  since === null || since.mean !== undefined ? null : restored(since, slice);

/** @param whole  all events and the bad ones of them  @param part  those of the slice */
export function restored(
  whole: { readonly n: number; readonly bad: number },
  part: { readonly n: number; readonly bad: number },
): Restored | null {
  const [n, bad] = [whole.n - part.n, whole.bad - part.bad];
  if (n <= 0 || bad < 0 || bad > n) return null;
  return { withAll: whole.bad / whole.n, without: bad / n };
}
