import { binned } from '../measures/drift-bins.ts';
import { type DriftEstimate, driftEstimate } from '../measures/drift-estimate.ts';
import type { EstimateParts } from '../measures/estimator.ts';
import { LEVEL } from '../measures/interval.ts';
import { shown } from '../measures/share.ts';
import type { DriftedBin } from '../model/incident.ts';
import { nearText } from '../model/statistic-text.ts';
import { type Tally, ZERO } from '../tally/group.ts';
import { baselineText, type FrozenBaseline } from './drift-watch.ts';
import { shownStatistic } from './evidence.ts';
import type { DriftRule, Objective } from './objective.ts';
import {
  type DriftView,
  EVIDENCE_AT_RISK,
  named,
  type Reading,
  STALE_MINUTES,
  type WatchView,
  type WindowCounts,
} from './reading.ts';

/** Adjusted PSI of counts against the baseline. */
export function driftParts(rule: DriftRule, frozen: FrozenBaseline | null, tally: Tally): EstimateParts {
  const { counts, isWeighted, n, represents } = rule.feature.keysOf(tally);
  const worth = counts.values().reduce((sum, one) => sum + one, 0);
  const sampled = isWeighted ? { sampled: { represents: shown(represents), effective: shown(worth) } } : {};
  const known = { level: LEVEL, n, ...sampled, coverage: null, maturity: null };
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
  const current = binned(frozen.bins, feature.keysOf(tally).counts);
  const n = current.reduce((sum, one) => sum + one, 0);
  const m = frozen.reference.reduce((sum, one) => sum + one, 0);
  if (n === 0) return [];
  const named = (bin: number): string => {
    const name = frozen.bins.nameOf(bin, textOf);
    return feature.unit === undefined || name === 'missing' ? name : `${name} ${feature.unit}`;
  };
  const smooth = (count: number, total: number): number => (count + 0.5) / (total + current.length / 2);
  return [...current]
    .map((count, bin) => {
      const p = smooth(count, n);
      const q = smooth(frozen.reference[bin]!, m);
      const part = (p - q) * Math.log(p / q);
      return {
        part,
        name: named(bin),
        share: count / n,
        baselineShare: frozen.reference[bin]! / m,
      };
    })
    .sort((a, b) => b.part - a.part)
    .slice(0, max)
    .map(({ part: _, ...bin }) => bin);
}

/** What a drift objective says of a watch as it stood: the verdict is its detector's, the number is the window's adjusted PSI. */
export function readDrift(objective: Objective, state: WatchView, counts: WindowCounts): Reading {
  const rule = objective.drift!;
  const { minute } = state;
  const drift = state.drift!;
  const { window } = objective;
  const partsOf = (tally: Tally | undefined): EstimateParts => driftParts(rule, drift.frozen, tally ?? ZERO);
  const { estimate } = named(objective, window.startOf(minute), minute, partsOf(counts.tallies?.window));
  const statistic = drift.lnStatistic === null ? 0 : shownStatistic(drift.lnStatistic);
  return {
    ...verdictOf(state, drift),
    estimate,
    budget: null,
    attained: null,
    detector: { name: 'drift', statistic, threshold: rule.threshold, guarantee: objective.guarantee, page: false },
    evidence: drift.evidence,
    burns: {},
    burnsLow: {},
    lastHour: named(objective, minute - 59, minute, partsOf(counts.tallies?.lastHour)).estimate,
    dayEvents: estimate.n,
    stale: state.isBreached && minute - state.lastSeen >= STALE_MINUTES,
    minute,
  };
}

function verdictOf(state: WatchView, drift: DriftView): Pick<Reading, 'verdict' | 'reason'> {
  if (state.isBreached) return { verdict: 'breached', reason: null };
  const waiting = baselineText(drift, state.minute);
  if (waiting !== null) return { verdict: 'insufficient_evidence', reason: waiting };
  return drift.evidence >= EVIDENCE_AT_RISK
    ? { verdict: 'at_risk', reason: nearText(drift.evidence) }
    : { verdict: 'met', reason: null };
}
