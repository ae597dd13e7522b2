import type { EventMeasure } from '../../measures/events.ts';
import {
  type ArrivalCurve,
  arrivalCurve,
  COHORT_DAYS,
  countLabels,
  type DelayCounts,
} from '../../measures/label-arrivals.ts';
import { seenOf } from '../../measures/sampling.ts';
import { type Code, codeOfKnown } from '../../model/dictionary.ts';
import { MINUTES_PER_DAY, type Minute } from '../../model/time.ts';
import { type LabelState, startLabels } from '../../objectives/label-watch.ts';
import type { Objective } from '../../objectives/objective.ts';
import { countsLabels } from '../../objectives/objective-watch.ts';
import type { Reader } from '../../store/reader.ts';
import { LABEL_CLOCK } from '../../tally/book.ts';
import { delayOf } from '../../tally/delay.ts';
import type { Tally } from '../../tally/group.ts';

type SliceSource = Pick<Reader, 'slices'>;

const DELAY = codeOfKnown('delay');

/** Ratings that were equally late, as a measure counts them; null when it counts none of them. */
export function delayCounts({ eventsOf }: EventMeasure, value: Code, tally: Tally): DelayCounts | null {
  const seen = eventsOf(tally);
  return seen.n === 0 ? null : { ...delayOf(value), ...seenOf(seen) };
}

/** How late labels have come, up to and including minute `through`: what an objective that is judged from there on knows of before. */
export function labelsBefore(reader: SliceSource, objective: Objective, through: Minute): LabelState {
  const state = startLabels();
  if (!countsLabels(objective) || through < 0) return state;
  const { counted, events } = objective;
  const today = Math.floor((through + 1) / MINUTES_PER_DAY);
  countDays(reader, counted, events, today, state.cohorts);
  const delays: DelayCounts[] = [];
  for (const { dimension, value, tally } of reader.slices(
    'minute',
    LABEL_CLOCK,
    counted,
    today * MINUTES_PER_DAY,
    through,
  ))
    if (dimension === DELAY) {
      const one = delayCounts(events, value, tally);
      if (one !== null) delays.push(one);
    }
  countLabels(state.cohorts, today, delays);
  return { ...state, curve: arrivalCurve(state.cohorts, today) };
}

/** How late the labels of a measure come, as known at the beginning of a UTC day; null while there are not labels enough. */
export function curveOn(
  reader: SliceSource,
  services: readonly Code[],
  events: EventMeasure,
  today: number,
): ArrivalCurve | null {
  const { cohorts } = startLabels();
  for (const counted of services) countDays(reader, counted, events, today, cohorts);
  return arrivalCurve(cohorts, today);
}

function countDays(
  reader: SliceSource,
  counted: Code,
  events: EventMeasure,
  today: number,
  cohorts: LabelState['cohorts'],
): void {
  const rows = reader.slices('day', LABEL_CLOCK, counted, Math.max(0, today - COHORT_DAYS), today - 1);
  for (const { dimension, value, at, tally } of rows) {
    if (dimension !== DELAY) continue;
    const delays = delayCounts(events, value, tally);
    if (delays !== null) countLabels(cohorts, at, [delays]);
  }
}
