import { vi } from 'vitest';
import { Overloaded } from '../../src/model/ingest.ts';
import { Intake } from '../../src/server/intake.ts';

/**
 * What a store that is behind does to a request: it is refused before its body is read, refused when its body was read,
 * or stored although its sender is told to come again (an acknowledgement that was lost on its way).
 */
type Trouble = 'before the body' | 'after the body' | 'after it was stored';

/** Puts trouble between the doors and the real store: the first requests meet one each, in order; then all goes well. */
export class SlowStore {
  readonly #troubles: Trouble[];

  constructor(troubles: readonly Trouble[]) {
    this.#troubles = [...troubles];
    const submit = Intake.prototype.submit;
    const overload = Intake.prototype.overload;
    const isNext = (...kinds: Trouble[]): boolean => {
      const isMet = this.#troubles[0] !== undefined && kinds.includes(this.#troubles[0]);
      if (isMet) this.#troubles.shift();
      return isMet;
    };
    vi.spyOn(Intake.prototype, 'overload').mockImplementation(function (this: Intake) {
      return isNext('before the body') ? new Overloaded('the store is slow') : overload.call(this);
    });
    vi.spyOn(Intake.prototype, 'submit').mockImplementation(async function (this: Intake, batch) {
      if (isNext('after the body')) throw new Overloaded('the store is slow');
      const isLost = isNext('after it was stored');
      const receipt = await submit.call(this, batch);
      if (isLost) throw new Overloaded('the store is slow');
      return receipt;
    });
  }

  /** How many requests have yet to meet trouble. */
  get left(): number {
    return this.#troubles.length;
  }
}
