import type { Interaction } from '../../model/interaction.ts';
import type { Owner, StoredRating } from '../rating.ts';
import type { TraceStore } from '../trace-store.ts';
import { interactionAt } from './owner.ts';
import type { RatingTable } from './ratings.ts';
import type { Running } from './running.ts';

/**
 * Counts what is said of one interaction together. What that adds is a function of the interaction and of all that is said
 * of it, so it is taken out as it was before the first change of a transaction, and added as it is after the last one.
 */
export class JointDesk {
  readonly #ratings: RatingTable;
  readonly #traces: TraceStore;
  readonly #running: Running;
  /** Interactions that are not counted together just now, by trace and span. */
  readonly #taken = new Map<string, Pick<Owner, 'trace' | 'span'>>();

  constructor(ratings: RatingTable, traces: TraceStore, running: Running) {
    this.#ratings = ratings;
    this.#traces = traces;
    this.#running = running;
  }

  /** After a transaction that failed. */
  clear(): void {
    this.#taken.clear();
  }

  /** A rating is about to be counted with an interaction, or no longer. Nothing of its row may have been changed yet. */
  changes({ rating }: StoredRating, interaction: Interaction): void {
    if (this.#running.counting.isJoint(interaction, rating)) this.takeOut(interaction);
  }

  /** An interaction is about to change. @param interaction  as it was counted until now */
  takeOut(interaction: Interaction): void {
    const { traceId: trace, anchorSpanId: span } = interaction;
    const key = trace + span;
    if (this.#taken.has(key)) return;
    this.#taken.set(key, { trace, span });
    if (!this.#running.counting.hasJoints(interaction)) return;
    const said = this.#ratings.countedWith({ trace, span });
    if (said.length > 0) this.#running.joint(interaction, said, -1);
  }

  /** Counts them again, as they are now. */
  count(): void {
    for (const owner of this.#taken.values()) {
      const said = this.#ratings.countedWith(owner);
      const interaction = said.length === 0 ? null : interactionAt(this.#traces.parts, said[0]!.owner!);
      if (interaction !== null) this.#running.joint(interaction, said, 1);
    }
    this.#taken.clear();
  }
}
