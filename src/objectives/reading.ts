import type { Beside, EstimateParts, Looks } from '../measures/estimator.ts';
import type { EventCounts } from '../measures/events.ts';
import type { ArrivalCurve } from '../measures/label-arrivals.ts';
import { type AgeGroup, matured } from '../measures/maturity.ts';
import { effective, represented, type SeenCounts } from '../measures/sampling.ts';
import { estimateShare, shareInterval } from '../measures/share.ts';
import type { Estimate } from '../model/estimate.ts';
import type { Budget, DetectorReading } from '../model/incident.ts';
import { nearText } from '../model/statistic-text.ts';
import { type Millis, type Minute, millisOfMinute } from '../model/time.ts';
import { type Tally, ZERO } from '../tally/group.ts';
import { minutesToSpend } from './budget-forecast.ts';
import { burnRate, burnRateLow, type Counts } from './burn-rate.ts';
import { wakes } from './burn-watch.ts';
import { eventsNeeded } from './detectability.ts';
import { driftStatistic } from './drift-detector.ts';
import { type DriftWatchState, driftEvidence } from './drift-watch.ts';
import { countsOfEstimate, errorBudget } from './error-budget.ts';
import { progress, shownStatistic } from './evidence.ts';
import { type Budgeted, hasBudget, isBudgeted, type Objective } from './objective.ts';
import { isBreached, isServiceBreached, type WatchState } from './objective-watch.ts';
import { SequentialView } from './sequential-view.ts';

/** `insufficient_evidence` is never shown as good. */
export const VERDICTS = ['met', 'at_risk', 'breached', 'insufficient_evidence'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** What an objective says at one judged minute. */
export interface Reading {
  readonly verdict: Verdict;
  /** Why, in words, where the verdict alone does not say it. */
  readonly reason: string | null;
  readonly estimate: Estimate;
  readonly budget: Budget | null;
  /** Of the attainment against the target; null when nothing was counted. */
  readonly attained: boolean | null;
  /** Null where it has none of its own. */
  readonly detector: DetectorReading | null;
  /** How far the evidence for a breach has come, 1 is an alarm. */
  readonly evidence: number;
  readonly burns: Readonly<Record<string, number | null>>;
  /** Lower ends of the intervals of the burn rates. */
  readonly burnsLow: Readonly<Record<string, number | null>>;
  /** Of the last hour alone. */
  readonly lastHour: Estimate;
  /** Events of the last day; of sampled ones as many as tell as much. */
  readonly dayEvents: number;
  readonly stale: boolean;
  /** The minute judged last; the reading is as of its end. */
  readonly minute: Minute;
}

/** Counts of the windows that a reading needs, all of them ending with the same minute. */
export interface WindowCounts {
  readonly window: EventCounts;
  /** Valid events that the rest of a calendar window is expected to bring; absent of others. */
  readonly expectedRest?: number;
  /** Of labels: the same by the age of the interactions, the youngest first. */
  readonly byAge?: readonly AgeGroup[];
  readonly lastHour: EventCounts;
  /** Of at most seven days: what decides whether there is evidence enough. */
  readonly recent: EventCounts;
  readonly burnWindows: Readonly<Record<string, SeenCounts>>;
  /** The counters that its estimator reads; absent where it has none. */
  readonly tallies?: {
    readonly window: Tally;
    readonly lastHour: Tally;
    readonly beside?: { readonly window: Beside; readonly lastHour: Beside };
  };
}

/** Windows whose burn rates are shown. */
export const BURN_WINDOWS = { '5m': 5, '30m': 30, '1h': 60, '2h': 120, '6h': 360, '1d': 1440, '3d': 4320 } as const;

/** Evidence from which an objective that is not breached is at risk, and the share of its budget below which it is (docs/guide/incidents.md). */
export const EVIDENCE_AT_RISK = 0.7;
const BUDGET_AT_RISK = 0.25;
const NO_EVENTS = { n: 0, bad: 0 };
export const STALE_MINUTES = 60;
const FORECAST_MINUTES = 360;

/** What a reading says of a watch, as it stood at the end of one minute: the watch goes on, and its state with it. */
export interface WatchView {
  readonly minute: Minute;
  readonly lastSeen: Minute;
  readonly isBreached: boolean;
  /** What is broken is a slice of its traffic, not the service as a whole. */
  readonly isBreachedInSlices: boolean;
  /** Null where there is no sequential test. */
  readonly sequential: SequentialView | null;
  /** Burn-rate tiers that have fired in the present breach. */
  readonly tiers: readonly number[];
  /** How late labels come; null where none are counted, and while it is not known. */
  readonly curve: ArrivalCurve | null;
  readonly drift: DriftView | null;
}

/** Of the drift detector. */
export interface DriftView extends Pick<DriftWatchState, 'frozen' | 'from' | 'n'> {
  /** 1 is an alarm. */
  readonly evidence: number;
  /** ln S; null while the baseline is being taken. */
  readonly lnStatistic: number | null;
}

/** @param minute  every minute up to it has been judged   @param before  of an earlier minute, that nobody looks at any more */
export const viewOf = (state: WatchState, minute: Minute, before: WatchView | null = null): WatchView => ({
  minute,
  lastSeen: state.lastSeen,
  isBreached: isBreached(state),
  isBreachedInSlices: !isServiceBreached(state) && isBreached(state),
  sequential: state.sequential === null ? null : new SequentialView(state.sequential, before?.sequential ?? null),
  tiers: state.burn?.breach?.tiers ?? [],
  curve: curveOf(state),
  drift: state.drift === null ? null : driftViewOf(state.drift),
});

const driftViewOf = (drift: DriftWatchState): DriftView => ({
  frozen: drift.frozen,
  from: drift.from,
  n: drift.n,
  evidence: driftEvidence(drift),
  lnStatistic: drift.detector === null ? null : driftStatistic(drift.detector),
});

/** Everything that is said about an objective as of the end of `minute`: a pure function of the counts and the watch. */
export const read = (objective: Objective, state: WatchState, minute: Minute, counts: WindowCounts): Reading =>
  readView(objective, viewOf(state, minute), counts);

/** The same of a watch that has gone on since. */
export function readView(objective: Objective, state: WatchView, counts: WindowCounts): Reading {
  const { minute, curve } = state;
  const { estimate, why } = estimated(objective, minute, counts, curve);
  const lastHour = lastHourOf(objective, minute, counts, curve);
  if (!isBudgeted(objective)) return report(objective, minute, estimate, why, lastHour);
  const window = windowOf(objective, counts.window, estimate);
  const budget = window === null ? null : budgetOf(objective, minute, window, counts);
  const evidence = evidenceOf(objective, state);
  const { verdict, reason } = verdictOf(objective, state, { estimate, why }, counts.recent, budget, evidence);
  return {
    verdict,
    reason,
    estimate,
    budget,
    attained: window === null ? null : errorBudget(window, objective.q0).met,
    detector: detectorReading(objective, state, counts),
    evidence,
    burns: Object.fromEntries(
      Object.entries(counts.burnWindows).map(([name, window]) => [name, burnRate(represented(window), objective.q0)]),
    ),
    burnsLow: Object.fromEntries(
      Object.entries(counts.burnWindows).map(([name, window]) => [name, burnRateLow(effective(window), objective.q0)]),
    ),
    lastHour,
    dayEvents: effective(counts.burnWindows['1d'] ?? NO_EVENTS).n,
    stale: state.isBreached && minute - state.lastSeen >= STALE_MINUTES,
    minute,
  };
}

/** What has no detector of its own says what its numbers say, never that its promise is broken now. */
export function report(
  objective: Objective,
  minute: Minute,
  estimate: Estimate,
  why: string | null,
  lastHour: Estimate,
): Reading {
  const { incidentsBy } = objective;
  const { verdict, reason } = reportVerdict(objective, estimate, why);
  const by = incidentsBy === null ? null : `incidents are opened by ${incidentsBy}`;
  return {
    verdict,
    reason: [reason, by].filter((part) => part !== null).join('; ') || null,
    estimate,
    budget: null,
    attained: attains(objective, estimate.value),
    detector: null,
    evidence: 0,
    burns: {},
    burnsLow: {},
    lastHour,
    dayEvents: 0,
    stale: false,
    minute,
  };
}

function attains({ target, direction }: Objective, value: number | null): boolean | null {
  if (value === null || target === null) return null;
  return direction === 'at_least' ? value >= target : value <= target;
}

/** The largest of many differences is above most limits by chance: there the interval decides, of all others the value. */
function reportVerdict(
  objective: Objective,
  { measure, value, low, high, status }: Estimate,
  why: string | null,
): { verdict: Verdict; reason: string | null } {
  if (status === 'undefined')
    return { verdict: 'insufficient_evidence', reason: why ?? 'nothing was counted in the window' };
  if (status === 'insufficient')
    return { verdict: 'insufficient_evidence', reason: why ?? 'too little was counted in the window' };
  const also = why === null ? '' : ` (${why})`;
  const missed = `${objective.direction === 'at_least' ? 'below' : 'above'} what is promised${also}`;
  const [best, worst] = objective.direction === 'at_least' ? [high, low] : [low, high];
  if (measure === 'parity' && attains(objective, best) === true && attains(objective, worst) === false)
    return { verdict: 'insufficient_evidence', reason: `the interval holds what is promised, and more${also}` };
  if (attains(objective, measure === 'parity' ? best : value) === false) return { verdict: 'at_risk', reason: missed };
  return { verdict: 'met', reason: why };
}

/** How far the evidence for a breach has come, 1 is an alarm; 0 without a sequential test. */
function evidenceOf({ sequential }: Objective, state: WatchView): number {
  if (sequential === null) return 0;
  return state.sequential!.isBreached ? 1 : progress(state.sequential!.lnStatistic, sequential.ticket.threshold);
}

function verdictOf(
  objective: Budgeted,
  state: WatchView,
  { estimate, why }: NamedEstimate,
  recent: EventCounts,
  budget: Budget | null,
  evidence: number,
): { verdict: Verdict; reason: string | null } {
  if (state.isBreached)
    return { verdict: 'breached', reason: state.isBreachedInSlices ? 'broken in a slice of the traffic' : null };
  if (estimate.status === 'undefined')
    return { verdict: 'insufficient_evidence', reason: 'nothing was counted in the window' };
  if (estimate.status === 'insufficient')
    return { verdict: 'insufficient_evidence', reason: why ?? 'no failure would have been seen in the window' };
  const needed = objective.sequential === null ? 0 : eventsNeeded(objective.q0, objective.sequential.ticket.threshold);
  const { n } = effective(recent);
  // Of what was seen a share would have been seen to fail: of what it is worth the same.
  const visible = recent.n === 0 ? 0 : n * Math.max(0, 1 - recent.hidden / recent.n);
  if (visible < needed)
    return {
      verdict: 'insufficient_evidence',
      reason:
        recent.hidden === 0
          ? `${Math.floor(n)} events counted, ${needed} are needed to see a fivefold burn`
          : `of ${Math.floor(n)} events counted ${Math.floor(visible)} would have been seen if they had failed, ${needed} are needed to see a fivefold burn`,
    };
  if (evidence >= EVIDENCE_AT_RISK) return { verdict: 'at_risk', reason: nearText(evidence) };
  if (budget !== null && budget.remaining < 0) return { verdict: 'at_risk', reason: 'budget spent' };
  if (budget !== null && budget.remaining < BUDGET_AT_RISK)
    return { verdict: 'at_risk', reason: `${Math.round(budget.remaining * 100)} % of the budget left` };
  return { verdict: 'met', reason: null };
}

/** How late labels come, as the detectors have it; null where none are counted, and while it is not known. */
export const curveOf = ({ labels }: Pick<WatchState, 'labels'>): ArrivalCurve | null => labels?.curve ?? null;

/** @param minute  the last minute of the window, inclusive   @param curve  how late labels come, of measures of labels */
export const estimateOf = (
  objective: Objective,
  minute: Minute,
  counts: WindowCounts,
  curve: ArrivalCurve | null,
): Estimate => estimated(objective, minute, counts, curve).estimate;

function estimated(
  objective: Objective,
  minute: Minute,
  counts: WindowCounts,
  curve: ArrivalCurve | null,
): NamedEstimate {
  const { window } = objective;
  const from = window.startOf(minute);
  const looks = { anyTime: window.hasFixedStart, minutes: minute - from + 1 };
  const parts = partsOf(objective, counts.window, counts.tallies?.window, looks, counts.tallies?.beside?.window);
  return named(objective, from, minute, maturing(objective, parts, counts.byAge, curve));
}

const LAST_HOUR_MINUTES = 60;
function lastHourOf(objective: Objective, minute: Minute, counts: WindowCounts, curve: ArrivalCurve | null): Estimate {
  const looks = { anyTime: false, minutes: LAST_HOUR_MINUTES };
  const parts = partsOf(objective, counts.lastHour, counts.tallies?.lastHour, looks, counts.tallies?.beside?.lastHour);
  const groups = counts.byAge?.filter(({ to }) => to <= LAST_HOUR_MINUTES);
  const from = minute - LAST_HOUR_MINUTES + 1;
  return named(objective, from, minute, maturing(objective, parts, groups, curve)).estimate;
}

/** Of labels also how many of those to be expected have come; what shares of them come to then is no estimate of anything else. */
function maturing(
  { events, estimator }: Objective,
  parts: EstimateParts,
  byAge: readonly AgeGroup[] | undefined,
  curve: ArrivalCurve | null,
): EstimateParts {
  if (byAge !== undefined) {
    const { maturity, adjusted } = matured(byAge, curve);
    return adjusted === undefined || estimator !== undefined
      ? { ...parts, maturity }
      : { ...parts, maturity, adjusted };
  }
  // What it counts comes late, and it is not kept by how much.
  return events.detectorLag === undefined ? parts : { ...parts, maturity: null };
}

const partsOf = (
  { estimator }: Objective,
  counts: EventCounts,
  tally: Tally | undefined,
  looks: Looks,
  beside: Beside | undefined,
): EstimateParts =>
  estimator === undefined
    ? estimateShare(counts, shareInterval(looks.anyTime))
    : estimator.estimate(tally ?? ZERO, looks, beside);

interface NamedEstimate {
  readonly estimate: Estimate;
  readonly why: string | null;
}

/** @param minute  the last minute of the window, inclusive */
export function named(objective: Objective, from: Minute, minute: Minute, parts: EstimateParts): NamedEstimate {
  const { measure, subject, method, proxy } = objective;
  const { why = null, ...estimate } = parts;
  const window = { from: millisOfMinute(from), to: millisOfMinute(minute + 1) };
  return { estimate: { measure, subject, method, proxy, ...estimate, window }, why };
}

/** Nothing of it would have been seen to fail: what was counted says nothing about the promise. */
const isBlind = ({ n, hidden }: EventCounts): boolean => hidden >= n;

/** What budget and attainment of the window are reckoned from; null where its events say nothing of the promise. */
function windowOf({ estimator }: Budgeted, counts: EventCounts, { value }: Estimate): Counts | null {
  if (isBlind(counts) || (estimator !== undefined && value === null)) return null;
  return countsOfEstimate(counts, estimator === undefined ? null : value);
}

function budgetOf(objective: Budgeted, minute: Minute, window: Counts, counts: WindowCounts): Budget | null {
  const { consumed, remaining, allowed } = errorBudget(window, objective.q0, counts.expectedRest);
  if (!hasBudget(objective) || consumed === null || remaining === null) return null;
  const burnt = (name: string): Counts => represented(counts.burnWindows[name] ?? { n: 0, bad: 0 });
  return {
    consumed,
    remaining,
    burn: burnRate(burnt('1h'), objective.q0),
    exhaustedAt: exhaustion(minute, burnt('6h').bad, allowed - window.bad, objective.window.minutes),
  };
}

/** When the budget will be spent if the last six hours go on; null when it lasts longer than a window. */
function exhaustion(minute: Minute, bad: number, remainingBad: number, windowMinutes: number): Millis | null {
  const now = millisOfMinute(minute + 1);
  if (remainingBad < 0) return now;
  const minutes = minutesToSpend({ bad, minutes: FORECAST_MINUTES, remainingBad });
  return minutes === null || minutes > windowMinutes ? null : now + Math.round(minutes) * 60_000;
}

function detectorReading(objective: Budgeted, state: WatchView, counts: WindowCounts): DetectorReading {
  if (objective.sequential !== null) {
    return {
      name: objective.burn === null ? 'sequential' : 'both',
      statistic: shownStatistic(state.sequential!.lnStatistic),
      threshold: objective.sequential.ticket.threshold,
      guarantee: objective.guarantee,
      page: state.sequential!.isPaged,
    };
  }
  return {
    name: 'burn_rate',
    ...nearestTier(objective, counts),
    guarantee: null,
    page: wakes(objective.burn!, state.tiers),
  };
}

/** The tier that is nearest to firing, or furthest beyond: the burn rate that both its windows have, and its limit. */
function nearestTier({ burn, q0 }: Budgeted, { burnWindows }: WindowCounts): { statistic: number; threshold: number } {
  const burnIn = (minutes: number): number => {
    const name = Object.keys(BURN_WINDOWS).find((one) => BURN_WINDOWS[one as keyof typeof BURN_WINDOWS] === minutes);
    const window = name === undefined ? undefined : burnWindows[name];
    return window === undefined ? 0 : (burnRate(represented(window), q0) ?? 0);
  };
  return burn!.tiers
    .map(({ longMinutes, shortMinutes, threshold }) => ({
      statistic: Math.min(burnIn(longMinutes), burnIn(shortMinutes)),
      threshold,
    }))
    .reduce((near, tier) => (tier.statistic / tier.threshold > near.statistic / near.threshold ? tier : near));
}
