import { randomUUID } from 'node:crypto';
import { OperatorError } from '../model/errors.ts';
import type { Millis } from '../model/time.ts';

/** A move that is not heard of for so long is over: the doors open again. */
export const MOVE_LEASE_MS: Millis = 15_000;

/** `following`: what is written is noted. `held`: nothing is written any more. `gone`: the store is somewhere else. */
export type MovePhase = 'following' | 'held' | 'gone';

export interface MovingOptions {
  /** Runs something later, once; the answer takes it back. */
  readonly schedule: (ms: Millis, run: () => void) => () => void;
  /** Makes the store note what is written, from now on, with all that lies in memory written before. */
  readonly follow: () => Promise<void>;
  readonly unfollow: () => Promise<void>;
  /** Finishes what is under way; nothing is taken, judged or delivered when it resolves, and all that was acknowledged is in the store. */
  readonly hold: () => Promise<void>;
  readonly release: () => Promise<void>;
  /** Writes down, while held, that the store is at `to` from now on. */
  readonly leave: (to: string) => Promise<void>;
  readonly report: (what: string, error?: unknown) => void;
}

/** What else is to be done then. */
export interface MovingListener {
  onReleased(): void;
  /** The move is over: this process is not needed any more. */
  onGone(): void;
}

interface Move {
  readonly id: string;
  readonly to: string;
  phase: MovePhase;
  cancel: () => void;
}

/**
 * The part of a running server in the move of its store: it holds its doors for whoever moves it, and only for as long as that one is
 * heard of. Until the last step the store stays where it is, whatever becomes of the mover.
 */
export class Moving {
  readonly #options: MovingOptions;
  listener: MovingListener = { onReleased: () => {}, onGone: () => {} };
  #move: Move | null = null;
  /** Steps follow each other, and what a lease ends. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: MovingOptions) {
    this.#options = options;
  }

  get phase(): MovePhase | null {
    return this.#move?.phase ?? null;
  }

  /** @returns what the move is named by from now on @throws OperatorError when another one is under way */
  begin(to: string): Promise<string> {
    return this.#inTurn(async () => {
      if (this.#move !== null) throw underWay(this.#move.to);
      const move: Move = { id: randomUUID(), to, phase: 'following', cancel: () => {} };
      await this.#options.follow();
      this.#move = move;
      this.#renew(move);
      this.#options.report(`the store is being moved to ${to}: what is written is noted`);
      return move.id;
    });
  }

  /** @throws OperatorError when this is no move any more */
  renew(id: string): void {
    this.#renew(this.#mine(id));
  }

  hold(id: string): Promise<void> {
    return this.#inTurn(async () => {
      const move = this.#mine(id);
      if (move.phase !== 'following') return;
      // Its lease may end while deliveries under way are waited for; the end takes its turn behind this.
      try {
        await this.#options.hold();
      } catch (error) {
        await this.#options.release();
        throw error;
      }
      move.phase = 'held';
      this.#options.report(`nothing is taken for a while: the store is being moved to ${move.to}`);
    });
  }

  /** Everything goes on as if there had been no move. */
  release(id: string): Promise<void> {
    return this.#inTurn(() => this.#end(this.#mine(id), 'the move of the store was given up'));
  }

  /** The last step: from then on the store is at the other place, and nothing opens here any more. @throws OperatorError unless it is held */
  leave(id: string): Promise<void> {
    return this.#inTurn(async () => {
      const move = this.#mine(id);
      if (move.phase !== 'held') throw lost();
      await this.#options.leave(move.to);
      move.phase = 'gone';
      move.cancel();
      this.#options.report(`the store has moved to ${move.to}: stopping`);
      this.listener.onGone();
    });
  }

  /** Opens what is held, before the process ends in order. */
  close(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#move !== null && this.#move.phase !== 'gone') await this.#end(this.#move, 'stopping');
    });
  }

  #renew(move: Move): void {
    move.cancel();
    if (move.phase === 'gone') return;
    move.cancel = this.#options.schedule(MOVE_LEASE_MS, () => {
      const isOver = (): Promise<void> | undefined =>
        this.#move === move && move.phase !== 'gone'
          ? this.#end(move, 'whoever moved the store is not heard of any more')
          : undefined;
      this.#inTurn(async () => isOver()).catch((error) => this.#options.report('a move could not be ended', error));
    });
  }

  async #end(move: Move, why: string): Promise<void> {
    move.cancel();
    const wasHeld = move.phase === 'held';
    this.#move = null;
    if (wasHeld) {
      await this.#options.release();
      this.listener.onReleased();
    }
    await this.#options.unfollow();
    this.#options.report(`${why}: it stays where it is`);
  }

  #mine(id: string): Move {
    if (this.#move?.id !== id) throw lost();
    return this.#move;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#last.then(work, work);
    this.#last = next.catch(() => {});
    return next;
  }
}

const underWay = (to: string): OperatorError =>
  new OperatorError('PLIM_MOVE_UNDER_WAY', {
    what: `the store is being moved to ${to} already`,
    fix: `wait for the other plimsoll migrate; one that was cut off is forgotten after ${MOVE_LEASE_MS / 1000} s`,
    retryable: true,
  });

const lost = (): OperatorError =>
  new OperatorError('PLIM_MOVE_LOST', {
    what: 'the running Plimsoll knows nothing of this move any more: it was started again, or did not hear of it in time, and goes on with the embedded store',
    fix: 'run plimsoll migrate again: what was copied is copied anew, nothing is lost',
    retryable: true,
  });
