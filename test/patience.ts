// Before the tests of every file: what is waited for has half a minute, however busy the machine is. A check that holds ends the waiting at
// once, so that patience costs nothing; the second that `vi.waitFor` gives by itself is less than a loaded machine may need for one answer.
import { vi } from 'vitest';

const WITHIN_MS = 30_000;
const EVERY_MS = 20;
const { waitFor } = vi;

vi.waitFor = (check, options) => {
  const said = typeof options === 'number' ? { timeout: options } : options;
  return waitFor(check, { interval: EVERY_MS, ...said, timeout: Math.max(WITHIN_MS, said?.timeout ?? 0) });
};
