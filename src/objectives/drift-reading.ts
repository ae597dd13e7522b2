import { binned } from '../measures/drift-bins.ts';
import { type DriftEstimate, driftEstimate } from '../measures/drift-estimate.ts';
import type { EstimateParts } from '../measures/estimator.ts';
import { LEVEL } from '../measures/interval.ts';
import type { DriftedBin } from '../model/incident.ts';
import type { Minute } from '../model/time.ts';
import { type Tally, ZERO } from '../tally/group.ts';
import { driftStatistic } from './drift-detector.ts';
import { baselineText, type DriftWatchState, driftEvidence, type FrozenBaseline } from './drift-watch.ts';
import type { DriftRule, Objective } from './objective.ts';
import { isBreached, type WatchState } from './objective-watch.ts';
import { EVIDENCE_AT_RISK, named, type Reading, STALE_MINUTES, type WindowCounts } from './reading.ts';

/** Adjusted PSI of counts against the baseline. */
export function driftParts(rule: DriftRule, frozen: FrozenBaseline | null, tally: Tally): EstimateParts {
  const counts = rule.feature.countsOf(tally);
  const n = counts.values().reduce((sum, one) => sum + one, 0);
  const known = { level: LEVEL, n, coverage: null, maturity: null };
  const nothing = { value: null, low: null, high: null } as const;
  if (n === 0) return { ...known, ...nothing, status: 'undefined' };
  const found: DriftEstimate | null =
    frozen === null ? null : driftEstimate([...binned(frozen.bins, counts)], frozen.reference);
  return found === null ? { ...known, ...nothing, status: 'insufficient' } : { ...known, ...found, status: 'ok' };
}

/** The bins that the adjusted PSI comes from, the most of it first. */
export function driftedBins(
  { feature, textOf }: DriftRule,
  frozen: FrozenBaseline,
  tally: Tally,
  max = 5,
): DriftedBin[] {
  const current = binned(frozen.bins, feature.countsOf(tally));
  const n = current.reduce((sum, one) => sum + one, 0);
  const m = frozen.reference.reduce((sum, one) => sum + one, 0);
  if (n === 0) return [];
  const smooth = (count: number, total: number): number => (count + 0.5) / (total + current.length / 2);
  return [...current]
    .map((count, bin) => {
      const p = smooth(count, n);
      const q = smooth(frozen.reference[bin]!, m);
      const part = (p - q) * Math.log(p / q);
      return {
        part,
        name: frozen.bins.nameOf(bin, textOf),
        share: count / n,
        baselineShare: frozen.reference[bin]! / m,
      };
    })
    .sort((a, b) => b.part - a.part)
    .slice(0, max)
    .map(({ part: _, ...bin }) => bin);
}

/** What a drift objective says as of the end of `minute`: the verdict is its detector's, the number is the window's adjusted PSI. */
export function readDrift(objective: Objective, state: WatchState, minute: Minute, counts: WindowCounts): Reading {
  const rule = objective.drift!;
  const drift = state.drift!;
  const { window } = objective;
  const partsOf = (tally: Tally | undefined): EstimateParts => driftParts(rule, drift.frozen, tally ?? ZERO);
  const { estimate } = named(objective, window.startOf(minute), minute, partsOf(counts.tallies?.window));
  const evidence = driftEvidence(drift);
  const statistic = drift.detector === null ? 0 : Math.exp(Math.min(driftStatistic(drift.detector), LN_SHOWN_MAX));
  return {
    ...verdictOf(state, drift, minute, evidence),
    estimate,
    budget: null,
    attained: null,
    detector: { name: 'drift', statistic, threshold: rule.threshold, guarantee: objective.guarantee, page: false },
    evidence,
    burns: {},
    burnsLow: {},
    lastHour: named(objective, minute - 59, minute, partsOf(counts.tallies?.lastHour)).estimate,
    stale: isBreached(state) && minute - state.lastSeen >= STALE_MINUTES,
    minute,
  };
}

const LN_SHOWN_MAX = 700;

function verdictOf(
  state: WatchState,
  drift: DriftWatchState,
  minute: Minute,
  evidence: number,
): Pick<Reading, 'verdict' | 'reason'> {
  if (isBreached(state)) return { verdict: 'breached', reason: null };
  const waiting = baselineText(drift, minute);
  if (waiting !== null) return { verdict: 'insufficient_evidence', reason: waiting };
  return evidence >= EVIDENCE_AT_RISK
    ? { verdict: 'at_risk', reason: `evidence for a breach at ${Math.round(evidence * 100)} %` }
    : { verdict: 'met', reason: null };
}
