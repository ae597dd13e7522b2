import { lnMeanOf } from './evidence.ts';
import type { SequentialState } from './sequential-watch.ts';

/**
 * A sequential test as it stood at the end of one minute, while the test goes on. Its statistic takes an exponential for each alternative,
 * and of thousands of tests few are looked at each minute: it is computed when somebody does.
 */
export class SequentialView {
  readonly isBreached: boolean;
  readonly isPaged: boolean;
  readonly #lnR: Float64Array;

  /** @param before  a view that nobody looks at any more: its memory is used again */
  constructor({ ticket, breach }: SequentialState, before: SequentialView | null) {
    const { components, cells } = ticket.evidence;
    this.isBreached = breach !== null;
    this.isPaged = breach?.paged ?? false;
    const kept = before === null ? null : before.#lnR;
    this.#lnR = kept?.length === components ? kept : new Float64Array(components);
    for (let i = 0; i < components; i++) this.#lnR[i] = cells[i]!;
  }

  /** ln S; minus infinity at the start and after an alarm. */
  get lnStatistic(): number {
    return lnMeanOf(this.#lnR, this.#lnR.length);
  }
}
