import type { DelayCounts } from '../measures/label-arrivals.ts';
import { represented } from '../measures/sampling.ts';
import type { Minute } from '../model/time.ts';
import type { DelayedBet } from './delayed-bets.ts';
import { type Alarm, alarmOf, type DetectorParams, type DetectorState } from './e-detector.ts';
import { advance } from './evidence.ts';

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
  const labels = delays.map((one) => ({ ...represented(one), bet: bets[one.bucket]! }));
  const total = labels.reduce((sum, one) => sum + one.n, 0);
  for (let j = 0; j < alternativesCount; j++) {
    let gain = 0;
    let lnRatio = 0;
    for (const { bet, ...counts } of labels) {
      gain += bet.lambda[j]! * (counts.bad - counts.n * bet.q0);
      lnRatio += counts.bad * bet.lnBad[j]! + (counts.n - counts.bad) * bet.lnGood[j]!;
    }
    const robust = Math.min(Math.log1p(gain / total), params.cap);
    if (params.hasRobust) advance(state.evidence, j, robust, minute, n, bad);
    if (!params.hasEvent) continue;
    const event = state.phi === null || !countsEvents ? robust : Math.min(lnRatio / state.phi, params.cap);
    advance(state.evidence, params.hasRobust ? alternativesCount + j : j, event, minute, n, bad);
  }
  return alarmOf(params, state);
}
