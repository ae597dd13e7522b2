import type { Counted, ServiceHistory } from '../../catalog/proposed-objectives.ts';
import type { SeenComponent } from '../../catalog/seen-component.ts';
import { availability } from '../../measures/availability.ts';
import { durationHistogram } from '../../measures/durations.ts';
import { satisfaction } from '../../measures/satisfaction.ts';
import { DEFAULT_DIMENSIONS } from '../../model/config/dimension.ts';
import { type Code, type Dictionary, OTHER } from '../../model/dictionary.ts';
import { type CountedService, countedKey, parseEvaluationKey, parseLabelKey } from '../../model/names.ts';
import { DAY_MS, HOUR_MS, MINUTES_PER_DAY, type Millis, type Minute, minuteOf } from '../../model/time.ts';
import type { Reader } from '../../store/reader.ts';
import { EVENT_CLOCK } from '../../tally/book.ts';
import { isLabels, labelsTrue, placeOf } from '../../tally/counters.ts';
import { count, sum, type Tally } from '../../tally/group.ts';
import { componentsSeen } from '../components-seen.ts';

/** As long as the window of an objective that names none. */
const DAYS = 28;
const VALUES_SHOWN = 3;

/** What the store knows of a service that no file declares. */
export interface AdoptedService {
  readonly service: CountedService;
  readonly history: ServiceHistory;
  /** From the first interaction on, at most four weeks. */
  readonly minutes: Minute;
  readonly components: readonly SeenComponent[];
  /** Values of each dimension that it is sliced by: how many, and the first of them. */
  readonly slices: ReadonlyMap<string, { readonly count: number; readonly examples: readonly string[] }>;
  /** Names of evaluations whose scores are stored and not judged. */
  readonly unjudged: readonly string[];
}

export function adoptedService(
  reader: Reader,
  dictionary: Dictionary,
  service: CountedService,
  now: Millis,
): AdoptedService {
  const code = dictionary.code(countedKey(service));
  const day = Math.floor(now / DAY_MS);
  const hour = Math.floor(now / HOUR_MS);
  const days = [...reader.series('day', EVENT_CLOCK, code, day - DAYS + 1, day)];
  const tally = sum(days.map((one) => one.tally));
  const first = Math.max(reader.firstMinute(code) ?? 0, (day - DAYS + 1) * MINUTES_PER_DAY);
  return {
    service,
    history: {
      interactions: countedBy(availability(), tally),
      durations: durationHistogram(tally),
      satisfaction: countedBy(satisfaction, tally),
      labels: labelsIn(tally, dictionary),
    },
    minutes: Math.max(1, minuteOf(now) - first),
    components: componentsSeen(reader, dictionary, code, hour - DAYS * 24, hour),
    slices: new Map(DEFAULT_DIMENSIONS.map((name) => [name, valuesOf(reader, dictionary, code, name)])),
    unjudged: [
      ...new Set(
        reader
          .unjudgedEvaluations(code)
          .flatMap(({ evaluation }) => parseEvaluationKey(dictionary.text(evaluation))?.name ?? []),
      ),
    ].sort(),
  };
}

function countedBy({ eventsOf }: Pick<typeof satisfaction, 'eventsOf'>, tally: Tally): Counted {
  const { n, bad } = eventsOf(tally);
  return { n, bad };
}

/** Of several sources of a label together: people may say the same in two forms. */
function labelsIn(tally: Tally, dictionary: Dictionary): ServiceHistory['labels'] {
  const labels = new Map<string, ServiceHistory['labels'][number]>();
  for (const [counter, n] of tally) {
    if (!isLabels(counter)) continue;
    const code = placeOf(counter);
    const label = parseLabelKey(dictionary.text(code));
    if (label === null) continue;
    const key = `${label.name} ${label.sampling}`;
    const known = labels.get(key);
    const bad = n - count(tally, labelsTrue(code));
    labels.set(key, {
      name: label.name,
      sampling: label.sampling,
      n: (known?.n ?? 0) + n,
      bad: (known?.bad ?? 0) + bad,
    });
  }
  return [...labels.values()].sort((a, b) => (a.name + a.sampling < b.name + b.sampling ? -1 : 1));
}

function valuesOf(reader: Reader, dictionary: Dictionary, service: Code, dimension: string) {
  const values = reader.sliceValues(service, dictionary.code(dimension)).filter((value) => value > OTHER);
  return { count: values.length, examples: values.slice(0, VALUES_SHOWN).map((value) => dictionary.text(value)) };
}
