import type { Incident } from './incident.ts';

/** What of a breach would be left without a part of the traffic: bad shares in [0, 1]. */
export interface Restored {
  readonly withAll: number;
  readonly without: number;
}

/**
 * What of the breach would be left without its guiltiest slice, of the time in which the slice was looked for; in records of earlier
 * versions of the time from the onset to the alarm. That the slice is its cause is not said by it.
 * @returns null where no slice stands out, or nothing would be left
 */
export function restoredWithout({ slices, breaches }: Pick<Incident, 'slices' | 'breaches'>): Restored | null {
  const [slice] = slices;
  if (slice === undefined) return null;
  if (slice.restored !== undefined) return slice.restored;
  const since = breaches[0].evidence.sinceOnset;
  if (since === null || since.mean !== undefined) return null;
  return restored(since, slice);
}

/** @param whole  all events and the bad ones of them  @param part  those of the slice */
export function restored(
  whole: { readonly n: number; readonly bad: number },
  part: { readonly n: number; readonly bad: number },
): Restored | null {
  const [n, bad] = [whole.n - part.n, whole.bad - part.bad];
  if (n <= 0 || bad < 0 || bad > n) return null;
  return { withAll: whole.bad / whole.n, without: bad / n };
}
