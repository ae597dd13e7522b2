import type { Millis } from '../model/time.ts';

/** Work that goes on for longer lets the doors have their turn. */
const AT_A_TIME_MS: Millis = 10;

/** For a loop that may take long: waits, between two of its turns, until what has come in meanwhile has been looked at. */
export function breather(elapsed: () => Millis = () => performance.now()): () => Promise<void> | null {
  let since = elapsed();
  return () => {
    if (elapsed() - since < AT_A_TIME_MS) return null;
    return new Promise((resolve) =>
      setImmediate(() => {
        since = elapsed();
        resolve();
      }),
    );
  };
}
