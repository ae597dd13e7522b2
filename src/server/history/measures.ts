import type { Catalog } from '../../catalog/catalog.ts';
import { availability } from '../../measures/availability.ts';
import type { EventMeasure } from '../../measures/events.ts';
import { represented } from '../../measures/sampling.ts';
import { satisfaction } from '../../measures/satisfaction.ts';
import { DEFAULT_DIMENSIONS } from '../../model/config/dimension.ts';
import type { Code, Dictionary } from '../../model/dictionary.ts';
import { parseCountedKey } from '../../model/names.ts';
import type { Objective } from '../../objectives/objective.ts';
import type { Tally } from '../../tally/group.ts';
import { measureLabel, serviceLabels } from '../metrics/names.ts';

/** A measure whose estimate is the share of its good events, so that it adds up over time and slices. */
export interface HistoryMeasure {
  /** As in /metrics. */
  readonly label: string;
  readonly events: EventMeasure;
}

/** What of a service is written. */
export interface HistoryService {
  readonly service: string;
  readonly environment: string;
  readonly measures: readonly HistoryMeasure[];
  /** The dimensions that its file names, or the usual ones: code and name. */
  readonly dimensions: ReadonlyMap<Code, string>;
  readonly currency: string;
}

/** Of every service. */
const STANDARD: readonly HistoryMeasure[] = [
  { label: 'availability', events: availability() },
  { label: 'satisfaction', events: satisfaction },
];

/** What is read of slices, is made of others, or is estimated otherwise is no such share. */
const isShare = ({ judgedBy, estimator, slices, composition }: Objective): boolean =>
  judgedBy === 'events' && estimator === undefined && slices === undefined && composition === undefined;

/** @param counted  what the service is counted under */
export function historyServiceOf(
  dictionary: Dictionary,
  catalog: Catalog,
  objectives: readonly Objective[],
  counted: Code,
  currencyOf: () => string,
): HistoryService | null {
  if (parseCountedKey(dictionary.text(counted)) === null) return null;
  const labels = serviceLabels(dictionary, counted);
  const measures = new Map(STANDARD.map((one) => [one.label, one]));
  for (const objective of objectives)
    if (objective.counted === counted && isShare(objective)) {
      const label = measureLabel(objective);
      measures.set(label, { label, events: objective.events });
    }
  const names =
    catalog.byName(labels.service, labels.environment)?.slices.map(({ name }) => name) ?? DEFAULT_DIMENSIONS;
  return {
    ...labels,
    measures: [...measures.values()],
    dimensions: new Map(names.map((name) => [dictionary.code(name), name])),
    currency: currencyOf(),
  };
}

/** What the events of a tally stand for, in whole numbers. */
export interface WholeCounts {
  readonly good: number;
  readonly valid: number;
  readonly eligible: number;
}

export function wholeCounts({ eventsOf }: EventMeasure, tally: Tally): WholeCounts {
  const counts = eventsOf(tally);
  if (counts.extra === undefined)
    return { good: Math.round(counts.n - counts.bad), valid: counts.n, eligible: counts.eligible };
  const { n, bad } = represented(counts);
  return { good: Math.round(n - bad), valid: Math.round(n), eligible: Math.round((counts.eligible * n) / counts.n) };
}
