import type { Minute } from '../../model/time.ts';
import type { EventStream } from '../../objectives/event-stream.ts';
import { detectorClockOf, type Objective } from '../../objectives/objective.ts';
import {
  burnMemory,
  type DetectorEvent,
  decodeWatchState,
  encodeWatchState,
  startObjectiveWatch,
  type WatchState,
  watchUntil,
} from '../../objectives/objective-watch.ts';
import { burnMemoryAt, detectorMinutes, seenAt, type TickCache } from '../judge/feeds.ts';
import type { Touched } from './tallies.ts';

/** The detectors of one objective in a scenario: they move on, or go back when the past has changed. */
export class ScenarioWatch {
  readonly objective: Objective;
  readonly #start: Minute;
  state: WatchState;
  #memory: EventStream | null;
  /** After each hour, oldest first. */
  #checkpoints: { readonly minute: Minute; readonly state: Uint8Array }[] = [];

  /** @param start  the first minute that is judged */
  constructor(objective: Objective, start: Minute) {
    this.objective = objective;
    this.#start = start;
    this.state = startObjectiveWatch(objective, start - 1);
    this.#memory = burnMemory(objective, [], start - 1);
  }

  /** @param touched  minutes of which more is known than when they were judged  @returns what the detectors found in the minutes behind `after` */
  judge(cache: TickCache, touched: readonly Touched[], horizon: Minute): { after: Minute; events: DetectorEvent[] } {
    const { objective } = this;
    const detectorClock = detectorClockOf(objective);
    const changed = touched
      .filter(({ clock, service }) => clock === detectorClock && service === objective.counted)
      .map(({ minute }) => seenAt(objective, minute))
      .filter((minute) => minute <= this.state.through);
    if (changed.length > 0) this.#goBack(cache, Math.min(...changed));
    const after = this.state.through;
    const counts = detectorMinutes(cache, objective, after + 1, horizon);
    const events = watchUntil(objective, this.state, this.#memory, counts, horizon, (minute) => {
      this.#checkpoints.push({ minute, state: encodeWatchState({ ...this.state, through: minute }) });
    });
    return { after, events };
  }

  #goBack(cache: TickCache, changed: Minute): void {
    const { objective } = this;
    this.#checkpoints = this.#checkpoints.filter(({ minute }) => minute < changed);
    const known = this.#checkpoints.at(-1);
    this.state =
      known === undefined ? startObjectiveWatch(objective, this.#start - 1) : decodeWatchState(objective, known.state);
    const { through } = this.state;
    this.#memory = burnMemoryAt(cache, objective, this.#start - 1, through);
  }
}
