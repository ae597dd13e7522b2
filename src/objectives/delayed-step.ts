import type { DelayCounts } from '../measures/label-arrivals.ts';
import { represented } from '../measures/sampling.ts';
import type { Minute } from '../model/time.ts';
import type { DelayedBet } from './delayed-bets.ts';
import { type Alarm, alarmOf, type DetectorParams, type DetectorState } from './e-detector.ts';
import { advance, advanceBoth } from './evidence.ts';

/**
 * How many labels, all of them come, would hold as many bad ones at q0 as these may: what tells as much as they do. At least
 * the bad ones. Burn rates, recovery and dispersion are of these.
 */
export function exposure(q0: number, bets: readonly DelayedBet[], delays: readonly DelayCounts[], bad: number): number {
  let allowed = 0;
  for (const { bucket, n } of delays) allowed += n * bets[bucket]!.q0;
  return Math.max(bad, allowed / q0);
}

/**
 * `step` for a minute of labels that are late by different times, each bucket against its own null.
 * @param delays  the labels of the minute by delay bucket, n > 0 in all
 * @param n, bad  the exposure of the minute and its bad labels; of sampled ones what they are worth
 */
export function stepDelayed(
  params: DetectorParams,
  state: DetectorState,
  bets: readonly DelayedBet[],
  minute: Minute,
  delays: readonly DelayCounts[],
  { n, bad }: { readonly n: number; readonly bad: number },
  countsEvents: boolean,
): Alarm | null {
  if (!(minute > state.minute)) throw new RangeError(`minute ${minute} comes after minute ${state.minute} was counted`);
  state.minute = minute;
  const alternativesCount = params.lambda.length;
  const phi = countsEvents ? state.phi : null;
  const arePaired = params.hasRobust && params.hasEvent && phi === null;
  const labels = delays.map((one) => ({ ...represented(one), bet: bets[one.bucket]! }));
  const total = labels.reduce((sum, one) => sum + one.n, 0);
  for (let j = 0; j < alternativesCount; j++) {
    let gain = 0;
    let lnRatio = 0;
    for (const { bet, n: all, bad: broken } of labels) {
      gain += bet.lambda[j]! * (broken - all * bet.q0);
      lnRatio += broken * bet.lnBad[j]! + (all - broken) * bet.lnGood[j]!;
    }
    const robust = Math.min(Math.log1p(gain / total), params.cap);
    if (arePaired) {
      advanceBoth(state.evidence, j, alternativesCount + j, robust, minute, n, bad);
      continue;
    }
    if (params.hasRobust) advance(state.evidence, j, robust, minute, n, bad);
    if (!params.hasEvent) continue;
    const event = phi === null ? robust : Math.min(lnRatio / phi, params.cap);
    advance(state.evidence, params.hasRobust ? alternativesCount + j : j, event, minute, n, bad);
  }
  return alarmOf(params, state);
}
