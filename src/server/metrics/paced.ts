import { setImmediate } from 'node:timers/promises';

/** Work on the thread of the doors goes on for so long at a time, ms: then what has come in meanwhile has its turn. */
const SLICE_MS = 3;

/**
 * Does work piece by piece, and lets others have their turn in between: nobody waits for more than a slice and one piece.
 * @param take  given what each piece comes to
 * @param isWanted  asked when it goes on behind others: false gives it up
 * @returns whether it came to its end
 */
export async function paced<T>(work: Iterable<T>, take: (one: T) => void, isWanted = () => true): Promise<boolean> {
  let began = performance.now();
  for (const one of work) {
    take(one);
    if (performance.now() - began < SLICE_MS) continue;
    await setImmediate();
    if (!isWanted()) return false;
    began = performance.now();
  }
  return true;
}

/** Before and after a longer piece of work: it does not add to what was done in this turn already. */
export const othersFirst = (): Promise<void> => setImmediate();

/** The same of a loop that waits for other things, too: to be called, and awaited, between its turns. */
export function pacer(): () => Promise<void> | null {
  let began = performance.now();
  return () => {
    if (performance.now() - began < SLICE_MS) return null;
    return setImmediate().then(() => {
      began = performance.now();
    });
  };
}
