import { existsSync } from 'node:fs';
import { Catalog } from '../../catalog/catalog.ts';
import { compileObjectives, type ObjectiveSources } from '../../catalog/objectives.ts';
import { PlanBook } from '../../catalog/plan-book.ts';
import { Dictionary } from '../../model/dictionary.ts';
import type { Objective } from '../../objectives/objective.ts';
import { storedTexts } from '../../store/sqlite/counting.ts';
import { Reader } from '../../store/sqlite/reader.ts';
import { EVENT_CLOCK } from '../../tally/book.ts';
import type { Configuration } from '../plimsoll.ts';

/** The objectives that are judged, and the events a minute that their detectors have been seeing; none where nothing was. */
export interface Traffic {
  readonly objectives: readonly Objective[];
  readonly eventsPerMinute: ReadonlyMap<string, number>;
  /** Why the store could not be asked; null when it was, or when there is none yet. */
  readonly fault: string | null;
}

/** Traffic is that of the last week at most. */
const RECENT_MINUTES = 7 * 1440;
const MINUTES_PER_HOUR = 60;

/** Reads the store beside whatever runs on it. */
export function trafficOf(configuration: Configuration): Traffic {
  const { path } = configuration.deployment.store;
  if (!existsSync(path)) return supposed(configuration, null);
  try {
    const reader = new Reader(path);
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
  objectives: compile(configuration, new Dictionary(), { evaluatorsOf: () => [], labelsAtRandomOf: () => [] }),
  eventsPerMinute: new Map(),
  fault,
});

function compile(
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
  const evaluators = reader.evaluators();
  const dictionary = new Dictionary(storedTexts(reader.db));
  const labels = reader.labelsAtRandom();
  const objectives = compile(configuration, dictionary, {
    evaluatorsOf: (counted) => evaluators.get(counted) ?? [],
    labelsAtRandomOf: (counted) => labels.get(counted) ?? [],
  });
  const extent = reader.extent(EVENT_CLOCK);
  const eventsPerMinute = new Map<string, number>();
  if (extent !== null) {
    const first = Math.max(extent.first, extent.last - RECENT_MINUTES + 1);
    const [firstHour, lastHour] = [Math.floor(first / MINUTES_PER_HOUR), Math.floor(extent.last / MINUTES_PER_HOUR)];
    for (const { name, events, counted } of objectives) {
      let n = 0;
      for (const { tally } of reader.series('hour', events.detectorClock, counted, firstHour, lastHour))
        n += events.eventsOf(tally).n;
      if (n > 0) eventsPerMinute.set(name, n / (extent.last - first + 1));
    }
  }
  return { objectives, eventsPerMinute, fault: null };
}
