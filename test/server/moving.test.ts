import { beforeEach, describe, expect, it } from 'vitest';
import { Moving } from '../../src/server/moving.ts';

describe('the part of a running server in the move of its store', () => {
  const done: string[] = [];
  /** What a lease has set up: run when it comes to its end. */
  let expire: (() => void) | null = null;
  let failing: string | null = null;
  let moving: Moving;
  const note = (what: string) => async (): Promise<void> => {
    if (failing === what) throw new Error(`${what} failed`);
    done.push(what);
  };

  beforeEach(() => {
    done.length = 0;
    failing = null;
    expire = null;
    moving = new Moving({
      schedule: (_ms, run) => {
        expire = run;
        return () => {
          if (expire === run) expire = null;
        };
      },
      follow: note('follow'),
      unfollow: note('unfollow'),
      hold: note('hold'),
      release: note('release'),
      leave: (to) => note(`leave for ${to}`)(),
      report: () => {},
    });
    moving.listener = { onReleased: () => void done.push('released'), onGone: () => void done.push('gone') };
  });

  it('follows, holds, leaves, in this order', async () => {
    const id = await moving.begin('there');
    await moving.hold(id);
    expect(moving.phase).toBe('held');
    moving.renew(id);
    await moving.leave(id);
    expect(moving.phase).toBe('gone');
    expect(expire).toBeNull();
    expect(done).toEqual(['follow', 'hold', 'leave for there', 'gone']);
  });

  it('goes on by itself when it hears nothing, and knows that move no more', async () => {
    const id = await moving.begin('there');
    await moving.hold(id);
    expire!();
    await expect(moving.leave(id)).rejects.toThrow(/PLIM_MOVE_LOST/);
    expect(done).toEqual(['follow', 'hold', 'release', 'released', 'unfollow']);
    expect(() => moving.renew(id)).toThrow(/PLIM_MOVE_LOST/);
    await expect(moving.begin('there')).resolves.not.toBe(id);
  });

  it('never leaves what is not held, nor twice; a move that ends while it is left has left', async () => {
    const id = await moving.begin('there');
    await expect(moving.leave(id)).rejects.toThrow(/PLIM_MOVE_LOST/);
    await moving.hold(id);
    const leaving = moving.leave(id);
    expire!();
    await leaving;
    await moving.close();
    expect(moving.phase).toBe('gone');
    expect(done).not.toContain('release');
    await expect(moving.leave(id)).rejects.toThrow(/PLIM_MOVE_LOST/);
  });

  it('stays held when the last step fails, and opens when the hold does', async () => {
    const id = await moving.begin('there');
    failing = 'hold';
    await expect(moving.hold(id)).rejects.toThrow('hold failed');
    expect(done).toEqual(['follow', 'release']);
    failing = 'leave for there';
    await moving.hold(id);
    await expect(moving.leave(id)).rejects.toThrow('leave for there failed');
    expect(moving.phase).toBe('held');
    await moving.release(id);
    expect(done.slice(2)).toEqual(['hold', 'release', 'released', 'unfollow']);
  });

  it('is one at a time, and given up when the process stops', async () => {
    const id = await moving.begin('there');
    await expect(moving.begin('elsewhere')).rejects.toThrow(/PLIM_MOVE_UNDER_WAY/);
    await moving.hold(id);
    await moving.close();
    expect(done).toEqual(['follow', 'hold', 'release', 'released', 'unfollow']);
    await expect(moving.hold(id)).rejects.toThrow(/PLIM_MOVE_LOST/);
  });
});
