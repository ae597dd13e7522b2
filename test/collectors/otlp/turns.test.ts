import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Turns } from '../../../collectors/otlp/turns.ts';

const PATIENCE_MS = 250;

describe('turns of bodies', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  /** Whether it has its turn without waiting. */
  const atOnce = async (turn: Promise<unknown>): Promise<boolean> => {
    let has = false;
    void turn.then(() => {
      has = true;
    });
    await vi.advanceTimersByTimeAsync(0);
    return has;
  };

  it('one that finds no room has its turn when another one ends', async () => {
    const turns = new Turns(100);
    const first = await turns.take(60);
    const second = turns.take(60);
    expect(await atOnce(second)).toBe(false);
    first();
    const end = await second;
    expect(turns.used).toBe(60);
    end();
    end();
    expect(turns.used).toBe(0);
  });

  it('one alone may have more than all together', async () => {
    const turns = new Turns(100);
    expect(await atOnce(turns.take(1000))).toBe(true);
  });

  it('behind one that sends slowly somebody waits once, and those that come later do not', async () => {
    const turns = new Turns(100);
    const slow = await turns.take(1000);
    const waiting = turns.take(60);
    await vi.advanceTimersByTimeAsync(PATIENCE_MS - 1);
    expect(await atOnce(waiting)).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    (await waiting)();
    for (let later = 0; later < 10; later++) {
      const turn = turns.take(60);
      expect(await atOnce(turn)).toBe(true);
      (await turn)();
    }
    slow();
    expect(turns.used).toBe(0);
  });

  it('all end, in whatever order they come and go, and none waits longer than that', async () => {
    const step = fc.record({ bytes: fc.integer({ min: 1, max: 150 }), takesMs: fc.nat(600), afterMs: fc.nat(100) });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const turns = new Turns(100);
        let open = 0;
        let longest = 0;
        for (const { bytes, takesMs, afterMs } of steps) {
          const came = Date.now();
          open++;
          void turns.take(bytes).then((end) => {
            longest = Math.max(longest, Date.now() - came);
            setTimeout(() => {
              end();
              open--;
            }, takesMs);
          });
          await vi.advanceTimersByTimeAsync(afterMs);
        }
        await vi.advanceTimersByTimeAsync(10_000);
        expect({ open, used: turns.used }).toEqual({ open: 0, used: 0 });
        expect(longest).toBeLessThanOrEqual(PATIENCE_MS);
      }),
      { numRuns: 100 },
    );
  });
});
