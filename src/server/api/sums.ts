import { add, type Tally, ZERO } from '../../tally/group.ts';

/** Adds a tally to the sum that is kept under a key. */
export const addAt = <K>(sums: Map<K, Tally>, key: K, tally: Tally): Map<K, Tally> =>
  sums.set(key, add(sums.get(key) ?? ZERO, tally));
