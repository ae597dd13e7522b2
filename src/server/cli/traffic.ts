import { Catalog } from '../../catalog/catalog.ts';
import { compileObjectives, type ObjectiveSources } from '../../catalog/objectives.ts';
import { PlanBook } from '../../catalog/plan-book.ts';
import { Dictionary } from '../../model/dictionary.ts';
import { MINUTES_PER_DAY, MINUTES_PER_HOUR, type Minute } from '../../model/time.ts';
import type { Objective } from '../../objectives/objective.ts';
import { decodeWatchState, type WatchState } from '../../objectives/objective-watch.ts';
import type { Reader } from '../../store/reader.ts';
import { storedTexts } from '../../store/sqlite/counting.ts';
import { EVENT_CLOCK } from '../../tally/book.ts';
import { readerOf } from '../engines.ts';
import { eventsInHours, TickCache } from '../judge/feeds.ts';
import type { Configuration } from '../plimsoll.ts';
import { seenBy } from '../seen.ts';

/** The objectives that are judged, and the events a minute that their detectors have been seeing; none where nothing was. */
export interface Traffic {
  readonly objectives: readonly Objective[];
  readonly eventsPerMinute: ReadonlyMap<string, number>;
  /** Where their detectors stood last; none of those that nobody has judged as they are now. */
  readonly states: ReadonlyMap<string, WatchState>;
  /** Why the store could not be asked; null when it was, or when there is none yet. */
  readonly fault: string | null;
}

/** Traffic is that of the last week at most. */
const RECENT_MINUTES = 7 * MINUTES_PER_DAY;
/** No minute comes behind it: the largest that a column of 32 bits holds. */
const NEVER: Minute = 2 ** 31 - 1;

/** Reads the store beside whatever runs on it. */
export function trafficOf(configuration: Configuration): Traffic {
  try {
    const reader = readerOf(configuration.deployment.store);
    if (reader === null) return supposed(configuration, null);
    try {
      return seen(configuration, reader);
    } finally {
      reader.close();
    }
  } catch (error) {
    return supposed(configuration, (error as Error).message);
  }
}

const supposed = (configuration: Configuration, fault: string | null): Traffic => ({
  objectives: compiled(configuration, new Dictionary(), { evaluatorsOf: () => [], labelsAtRandomOf: () => [] }),
  eventsPerMinute: new Map(),
  states: new Map(),
  fault,
});

/** As they are before anything has come in: no store is asked. */
export const configuredObjectives = (configuration: Configuration): readonly Objective[] =>
  supposed(configuration, null).objectives;

/** The objectives of a configuration that are judged. */
function compiled(
  { deployment, services, objectives }: Configuration,
  dictionary: Dictionary,
  seen: Pick<ObjectiveSources, 'evaluatorsOf' | 'labelsAtRandomOf'>,
): Objective[] {
  return compileObjectives({
    objectives,
    services,
    falseIncidentsPer30Days: deployment.falseIncidents.per30Days,
    dictionary,
    plans: new PlanBook(dictionary, new Catalog(services), objectives, deployment.prices),
    ...seen,
  });
}

function seen(configuration: Configuration, reader: Reader): Traffic {
  const objectives = storedObjectives(configuration, reader);
  const extent = reader.extent(EVENT_CLOCK);
  const eventsPerMinute = new Map<string, number>();
  if (extent !== null) {
    const first = Math.max(extent.first, extent.last - RECENT_MINUTES + 1);
    const [firstHour, lastHour] = [Math.floor(first / MINUTES_PER_HOUR), Math.floor(extent.last / MINUTES_PER_HOUR)];
    const cache = new TickCache(reader);
    for (const objective of objectives) {
      const n = eventsInHours(cache, objective, firstHour, lastHour);
      if (n > 0) eventsPerMinute.set(objective.name, n / (extent.last - first + 1));
    }
  }
  const states = new Map<string, WatchState>();
  for (const objective of objectives) {
    const state = stateBefore(reader, objective, NEVER);
    if (state !== null) states.set(objective.name, state);
  }
  return { objectives, eventsPerMinute, states, fault: null };
}

/** The objectives under the names of the store. */
export function storedObjectives(configuration: Configuration, reader: Reader): Objective[] {
  return compiled(configuration, new Dictionary(storedTexts(reader.db)), seenBy(reader));
}

/** Where the detectors of an objective stood before a minute; null: nobody had judged it, as it is now. */
export function stateBefore({ db }: Reader, objective: Objective, minute: Minute): WatchState | null {
  const row = db
    .prepare(
      `select state from checkpoint join objective_state using (objective)
       where objective = ? and fingerprint = ? and minute < ? order by minute desc limit 1`,
    )
    .get(objective.name, objective.fingerprint, minute) as { state: Uint8Array } | undefined;
  try {
    return row === undefined ? null : decodeWatchState(objective, row.state);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
