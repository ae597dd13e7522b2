import { close, fdatasync, openSync } from 'node:fs';

/** What is done when all that was written before is on the disk. */
type Then = () => void;
/** Calls back when all that was written to a file is on the disk, or with what kept it from being. */
type Sync = (fd: number, done: (error: Error | null) => void) => void;

/**
 * Makes what one thread has written to a log durable from another one, while the first goes on with what comes next. One sync is under way
 * at a time; what is written meanwhile is of the next one.
 */
export class LogSync {
  readonly #fd: number;
  readonly #onFailure: (error: Error) => void;
  readonly #sync: Sync;
  #waiting: Then[] = [];
  #isUnderWay = false;
  #isOver = false;

  /**
   * @param file  the log, which is there as long as this is open
   * @param onFailure  nobody knows any more what is on the disk: whoever waits is never told, and this is to be closed
   * @throws the error of the system when it can't be opened
   */
  constructor(file: string, onFailure: (error: Error) => void, sync: Sync = fdatasync) {
    this.#fd = openSync(file, 'r+');
    this.#onFailure = onFailure;
    this.#sync = sync;
  }

  /** In the order of the calls. */
  after(then: Then): void {
    this.#waiting.push(then);
    if (!this.#isUnderWay) this.#begin();
  }

  #begin(): void {
    if (this.#waiting.length === 0 || this.#isOver) return;
    const due = this.#waiting;
    this.#waiting = [];
    this.#isUnderWay = true;
    this.#sync(this.#fd, (error) => {
      this.#isUnderWay = false;
      if (this.#isOver) return;
      if (error !== null) return this.#onFailure(error);
      this.#begin();
      for (const then of due) then();
    });
  }

  /** Nobody is told of anything any more. */
  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    close(this.#fd);
  }
}
