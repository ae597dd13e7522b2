import type { DelayCounts } from '../measures/label-arrivals.ts';
import { type ArrivalCurve, arrivalCurve, COHORT_DAYS, type Cohort, countLabels } from '../measures/label-arrivals.ts';
import { MINUTES_PER_DAY, type Minute } from '../model/time.ts';
import { hasMoved } from './delayed-bets.ts';

const FORMAT = 1;

/** How late the labels of an objective come. Only the functions here change it: a function of the labels' minutes, in order. */
export interface LabelState {
  readonly format: typeof FORMAT;
  /** The UTC day of the last minute that had labels, -1 before the first. */
  day: number;
  cohorts: Cohort[];
  /** In force; null while there are not labels enough. */
  curve: ArrivalCurve | null;
}

export const startLabels = (): LabelState => ({ format: FORMAT, day: -1, cohorts: [], curve: null });

/**
 * Must be called before anything of a minute is judged. With the first labels of a day the curve is estimated from the days
 * before; it holds for the day, and longer while the estimates say nearly the same.
 * @returns whether another curve has come into force: evidence gathered against the old nulls is worth nothing then
 */
export function beginLabelMinute(q0: number, state: LabelState, minute: Minute): boolean {
  const day = Math.floor(minute / MINUTES_PER_DAY);
  if (day === state.day) return false;
  state.day = day;
  state.cohorts = state.cohorts.filter((one) => one.day >= day - COHORT_DAYS);
  const curve = arrivalCurve(state.cohorts, day);
  if (curve === null || (state.curve !== null && !hasMoved(q0, state.curve, curve))) return false;
  state.curve = curve;
  return true;
}

export const noteLabels = (state: LabelState, delays: readonly DelayCounts[]): void =>
  countLabels(state.cohorts, state.day, delays);

/** @throws RangeError when it is of a form that is not known: then it is begun anew */
export function labelStateOf(stored: LabelState | null | undefined): LabelState {
  if (stored?.format !== FORMAT) throw new RangeError('how late labels come was not kept, or in another form');
  return stored;
}
