import { type Millis, type Minute, minuteOf } from '../../model/time.ts';
import { composedReading } from '../../objectives/composed.ts';
import { readDrift } from '../../objectives/drift-reading.ts';
import type { Objective } from '../../objectives/objective.ts';
import { watchUntil } from '../../objectives/objective-watch.ts';
import { type Reading, readView, viewOf } from '../../objectives/reading.ts';
import type { Reader } from '../../store/reader.ts';
import { stateBefore } from '../cli/traffic.ts';
import { sinceOf, stateFromTheStart } from '../why/why.ts';
import { burnMemoryAt, detectorMinutes, EstimateFeed, sliceMinutes, TickCache } from './feeds.ts';

/** What is said of objectives now. */
export interface Verdicts {
  /** The last minute that they are about. */
  readonly horizon: Minute;
  readingOf(objective: string): Reading | null;
  /** Of every objective, each made when it is looked at. */
  readings(): { readonly objective: Objective; readonly reading: Reading | null }[];
}

/**
 * What a replica that does not judge says of objectives: from the states that the leader left in the store and the tallies behind
 * them, the same that the leader says of the same minute. Each is worked out when somebody asks, once a minute at most.
 */
export class FollowedVerdicts implements Verdicts {
  readonly #reader: Reader;
  readonly #objectives: () => readonly Objective[];
  readonly #graceMs: Millis;
  #horizon: Minute = -1;
  #cache: TickCache | null = null;
  readonly #readings = new Map<string, Reading | null>();

  constructor(reader: Reader, objectives: () => readonly Objective[], graceMs: Millis) {
    this.#reader = reader;
    this.#objectives = objectives;
    this.#graceMs = graceMs;
  }

  get horizon(): Minute {
    return this.#horizon;
  }

  /** From now on they are about the last minute that may have been judged by then. */
  follow(now: Millis): void {
    this.#horizon = Math.max(this.#horizon, minuteOf(now - this.#graceMs) - 1);
    this.#readings.clear();
    this.#cache = null;
  }

  readingOf(name: string): Reading | null {
    const objective = this.#objectives().find((one) => one.name === name);
    return objective === undefined ? null : this.#read(objective);
  }

  readings(): { readonly objective: Objective; readonly reading: Reading | null }[] {
    const read = (objective: Objective): Reading | null => this.#read(objective);
    return this.#objectives().map((objective) => ({
      objective,
      get reading() {
        return read(objective);
      },
    }));
  }

  #read(objective: Objective): Reading | null {
    const known = this.#readings.get(objective.name);
    if (known !== undefined) return known;
    const reading = this.#worked(objective);
    this.#readings.set(objective.name, reading);
    return reading;
  }

  #worked(objective: Objective): Reading | null {
    const horizon = this.#horizon;
    if (objective.composition !== undefined) return composedReading(objective, horizon, (name) => this.readingOf(name));
    const state =
      stateBefore(this.#reader, objective, horizon + 1) ?? stateFromTheStart(this.#reader, objective, horizon);
    if (state === null) return null;
    this.#cache ??= new TickCache(this.#reader);
    const cache = this.#cache;
    const { through } = state;
    if (through < horizon) {
      const memory = burnMemoryAt(cache, objective, sinceOf(this.#reader, objective)!, through);
      const slices = objective.sliced === undefined ? [] : sliceMinutes(cache, objective, through + 1, horizon);
      const minutes = detectorMinutes(cache, objective, through + 1, horizon);
      watchUntil(objective, state, memory, minutes, horizon, undefined, undefined, slices);
    }
    const counts = new EstimateFeed(objective, cache, horizon).counts();
    return (objective.drift === undefined ? readView : readDrift)(objective, viewOf(state, horizon), counts);
  }
}
