import { effective, represented } from '../measures/sampling.ts';
import type { Minute } from '../model/time.ts';
import { type BurnTier, burnRate, type Counts, exceeds, fires } from './burn-rate.ts';
import type { EventStream } from './event-stream.ts';
import type { WatchEvent } from './sequential-watch.ts';

/** Burn-rate alerting of one objective: the windows come from its stream, whose head is the minute judged. */
export interface BurnParams {
  readonly tiers: readonly BurnTier[];
  readonly q0: number;
}

/** Only `watchBurn` changes it. */
export interface BurnState {
  breach: {
    readonly onset: Minute;
    readonly alarm: Minute;
    /** Numbers of the tiers that have fired, 1 the fastest. */
    tiers: number[];
    /** Since when no fired tier's short window exceeds its threshold; null while one does. */
    clearSince: Minute | null;
  } | null;
}

/** What burns is the budget of all events, those that sampling left out included. */
const rated = (stream: EventStream, minutes: number): Counts => represented(stream.window(minutes));

export const startBurnWatch = (): BurnState => ({ breach: null });

/** A resolve waits this many short windows after the burn has ended. */
const HOLD_SHORT_WINDOWS = 3;

/** Judges the minute that is the stream's head; empty minutes too, because windows move. */
export function watchBurn(params: BurnParams, state: BurnState, stream: EventStream): WatchEvent[] {
  const firing = params.tiers.flatMap((tier, i) =>
    fires(tier, rated(stream, tier.longMinutes), rated(stream, tier.shortMinutes), params.q0) ? [i + 1] : [],
  );
  if (state.breach === null) return firing.length === 0 ? [] : [begin(params, state, stream, firing)];
  return keep(params, state, state.breach, stream, firing);
}

/** Only the fastest tier wakes people; the second may be a page elsewhere, here it makes an incident urgent, not more. */
export const wakes = (params: BurnParams, tiers: readonly number[]): boolean =>
  tiers.includes(1) && params.tiers[0]!.severity === 'page';

function begin(params: BurnParams, state: BurnState, stream: EventStream, firing: number[]): WatchEvent {
  const minute = stream.head;
  const short = Math.min(...firing.map((tier) => params.tiers[tier - 1]!.shortMinutes));
  const onset = minute - short + 1;
  const counts: Counts = effective(stream.since(onset));
  state.breach = { onset, alarm: minute, tiers: firing, clearSince: null };
  const { statistic, threshold } = burnOf(params, firing[0]!, stream);
  return { type: 'alarm', minute, onset, ...counts, statistic, threshold, page: wakes(params, firing), tiers: firing };
}

/** The burn rate that both windows of a tier have reached, and what it is allowed to be. */
function burnOf(params: BurnParams, tier: number, stream: EventStream): { statistic: number; threshold: number } {
  const { longMinutes, shortMinutes, threshold } = params.tiers[tier - 1]!;
  const burns = [longMinutes, shortMinutes].map((minutes) => burnRate(rated(stream, minutes), params.q0) ?? 0);
  return { statistic: Math.min(...burns), threshold };
}

function keep(
  params: BurnParams,
  state: BurnState,
  breach: NonNullable<BurnState['breach']>,
  stream: EventStream,
  firing: readonly number[],
): WatchEvent[] {
  const minute = stream.head;
  const fastest = breach.tiers[0]!;
  breach.tiers = [...new Set([...breach.tiers, ...firing])].sort((a, b) => a - b);
  if (breach.tiers[0]! < fastest)
    return wakes(params, breach.tiers)
      ? [{ type: 'page', minute }]
      : [{ type: 'faster', minute, tiers: [...breach.tiers] }];
  const tiers = breach.tiers.map((tier) => params.tiers[tier - 1]!);
  const burning = tiers.some((tier) => exceeds(tier, rated(stream, tier.shortMinutes), params.q0));
  breach.clearSince = burning ? null : (breach.clearSince ?? minute);
  if (breach.clearSince === null) return [];
  const longestShort = Math.max(...tiers.map((tier) => tier.shortMinutes));
  const isSeen = stream.window(longestShort).n > 0; // silence resolves nothing
  if (!isSeen || minute - breach.clearSince < HOLD_SHORT_WINDOWS * longestShort) return [];
  state.breach = null;
  return [{ type: 'resolved', minute }];
}
