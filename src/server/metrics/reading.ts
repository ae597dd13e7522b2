import type { IncidentBook } from '../../incidents/book.ts';
import { coverageRatio } from '../../model/call-metrics.ts';
import type { Dictionary } from '../../model/dictionary.ts';
import { DAY_MS, type Millis } from '../../model/time.ts';
import type { Reader } from '../../store/reader.ts';
import { changeFailures } from '../../store/records/change-failures.ts';
import { newestChanges } from '../../store/records/changes.ts';
import type { Records } from '../../store/records/records.ts';
import type { CallCoverages } from '../call-coverages.ts';
import type { Verdicts } from '../judge/verdicts.ts';
import type { Computed } from './computed.ts';
import { calledDependencies } from './dependencies.ts';
import { lastHourOf } from './last-hour.ts';
import type { LiveMetrics } from './live.ts';
import { labelsOf, serviceLabels } from './names.ts';

/** Services whose quantiles and dependencies are read at each tick; what is beyond shows in the live histogram. */
const READ_SERVICES_MAX = 200;

/** The time of `plimsoll_change_failure_ratio`. */
const FAILURES_MS: Millis = 30 * DAY_MS;

export interface ComputedSources {
  readonly configured: { readonly deployment: { readonly name: string } };
  readonly judge: Verdicts;
  readonly book: IncidentBook;
  readonly reader: Reader;
  readonly callCoverages: CallCoverages;
  readonly records: Records;
  readonly dictionary: Dictionary;
  /** The currency that a service's costs are counted in, by what it is counted under. */
  readonly currencyOf: (counted: number) => string;
}

/** What is known as of the last tick. @param live  what has come in so far: codes of services, and what answers for them */
export async function readComputed(
  { configured, judge, book, reader, callCoverages, records, dictionary, currencyOf }: ComputedSources,
  live: Pick<LiveMetrics, 'services' | 'deployments'>,
  now: Millis,
): Promise<Computed> {
  const { horizon } = judge;
  const read = live.services.entries().take(READ_SERVICES_MAX).toArray();
  return {
    deployment: configured.deployment.name,
    readings: judge.readings(),
    incidents: book.incidents,
    services: [...live.services.values()],
    lastHours: read
      .values()
      .map(([code, labels]) => ({ ...labels, ...lastHourOf(reader, code, currencyOf(code), horizon) })),
    dependencies: read
      .values()
      .map(([code, labels]) => ({ ...labels, calls: calledDependencies(reader, dictionary, code, horizon) })),
    changes: (await newestChanges(records)).map((one) => ({ ...labelsOf(one), type: one.type, at: one.at })),
    deployments: live.deployments(now),
    changeFailures: (await changeFailures(records, now - FAILURES_MS, now)).map(({ n, failed, ...one }) => ({
      ...labelsOf(one),
      n,
      failed,
    })),
    callCoverages: callCoverages
      .all(horizon)
      .map(([code, coverage]) => ({ ...serviceLabels(dictionary, code), ratio: coverageRatio(coverage) })),
    horizon,
    now,
  };
}
