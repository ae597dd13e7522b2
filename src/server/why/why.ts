import type { EventCounts } from '../../measures/events.ts';
import { plus, represented, type SeenCounts } from '../../measures/sampling.ts';
import type { Incident } from '../../model/incident.ts';
import { MINUTES_PER_DAY, type Millis, type Minute, minuteOf } from '../../model/time.ts';
import { burnRate } from '../../objectives/burn-rate.ts';
import { minutesToDetect, minutesToDetectByMinutes } from '../../objectives/detectability.ts';
import { baselineText, driftEvidence } from '../../objectives/drift-watch.ts';
import { evidenceShare } from '../../objectives/e-detector.ts';
import type { Objective } from '../../objectives/objective.ts';
import {
  isBreached,
  type MinuteCounts,
  startObjectiveWatch,
  type WatchState,
  watchUntil,
} from '../../objectives/objective-watch.ts';
import type { Reader } from '../../store/reader.ts';
import { EVENT_CLOCK } from '../../tally/book.ts';
import { type EventPart, eventPartOf } from '../cli/event-part.ts';
import { stateBefore } from '../cli/traffic.ts';
import { burnMemoryAt, detectorMinutes, sliceMinutes, TickCache } from '../judge/feeds.ts';
import { labelsBefore } from '../judge/label-history.ts';
import { type Delivery, deliveriesOf, incidentAt } from './records.ts';

/** So far back it is looked for how the evidence came and went. */
const LOOKBACK_MINUTES = MINUTES_PER_DAY;
const SILENT_MINUTES = 60;
const EVERYTHING: Minute = -1;

/** What was counted in the minutes before. */
export interface Seen {
  readonly minutes: number;
  readonly n: number;
  readonly bad: number;
  /** Minutes with any events. */
  readonly nonEmpty: number;
  /** How many times what is allowed was bad; null without events. */
  readonly burn: number | null;
  /** Of these events, how many would not have been seen if they had failed. */
  readonly hidden: number;
}

/** What the detectors of one objective saw at a time, and what came of it. */
export interface Why {
  readonly objective: Objective;
  /** The minute asked about, and the last one up to it that may have been judged by now. */
  readonly asked: Minute;
  readonly minute: Minute;
  /** Nobody has judged this objective, as it now is, at that time: what it would have seen is said all the same. */
  readonly isJudged: boolean;
  readonly isBreached: boolean;
  /** Of the sequential test, or of the drift detector, 1 is an alarm; null where burn-rate rules alone decide, or nothing does. */
  readonly evidence: {
    readonly now: number;
    readonly page: number | null;
    readonly peak: number;
    readonly peakMinute: Minute;
    /** Minutes to an alarm if what came last goes on: the last hour, or the last minutes where these were worse; null: never. */
    readonly minutesMissing: number | null;
    /** Of how many minutes that is. */
    readonly worstMinutes: number;
  } | null;
  /** How far the baseline of a drift detector has come; null once it is there. */
  readonly baseline: string | null;
  /** Of burn-rate rules: their tiers, and how near each came in both its windows. */
  readonly tiers: readonly {
    readonly tier: number;
    readonly longMinutes: number;
    readonly shortMinutes: number;
    readonly threshold: number;
    readonly long: number | null;
    readonly short: number | null;
  }[];
  readonly eventPart: EventPart;
  readonly lastMinutes: Seen;
  readonly lastHour: Seen;
  readonly lastDay: Seen;
  /** Of the newest minute with events; null: there was none in the last day. */
  readonly lastSeen: Minute | null;
  readonly isStale: boolean;
  /** The incident of that time that the objective has a part in. */
  readonly incident: Incident | null;
  /** What destinations were told of that incident last. */
  readonly deliveries: readonly Delivery[];
}

export interface WhyOptions {
  readonly reader: Reader;
  readonly objective: Objective;
  readonly at: Millis;
  readonly now: Millis;
  readonly graceMs: Millis;
}

/** Says for a time what the detectors of an objective saw: by the stored tallies, as they are known now. */
export function whyOf({ reader, objective, at, now, graceMs }: WhyOptions): Why {
  const asked = minuteOf(at);
  const minute = Math.min(asked, minuteOf(now - graceMs) - 1);
  const begin = minute - LOOKBACK_MINUTES;
  const cache = new TickCache(reader);
  const known = stateBefore(reader, objective, begin) ?? stateFromTheStart(reader, objective, minute);
  const state = known ?? startObjectiveWatch(objective, begin, labelsBefore(reader, objective, begin));
  const counts = detectorMinutes(cache, objective, state.through + 1, minute);
  const slices = Map.groupBy(sliceMinutes(cache, objective, state.through + 1, minute), (slice) => slice.minute);
  const memory = burnMemoryAt(cache, objective, sinceOf(reader, objective) ?? EVERYTHING, state.through);
  let peak = { share: 0, minute: begin };
  for (const one of counts) {
    const mine = slices.get(one.minute) ?? [];
    const events = watchUntil(objective, state, memory, [one], one.minute, undefined, undefined, mine);
    if (one.minute <= begin) continue;
    const share = events.some(({ event }) => event.type === 'alarm') ? 1 : evidenceNow(objective, state);
    if (share > peak.share) peak = { share, minute: one.minute };
  }
  watchUntil(objective, state, memory, [], minute);
  const recent = counts.filter((one) => one.minute > begin);
  const lastMinutes = seenIn(reader, objective, recent, minute, 5);
  const lastHour = seenIn(reader, objective, recent, minute, 60);
  const worst = (lastMinutes.burn ?? 0) > (lastHour.burn ?? 0) ? lastMinutes : lastHour;
  const incident = incidentAt(reader, objective, minute);
  const lastSeen = recent.at(-1)?.minute ?? null;
  const eventPart = eventPartOf(state);
  return {
    objective,
    asked,
    minute,
    isJudged: known !== null,
    isBreached: isBreached(state),
    evidence: evidenceOf(objective, state, peak, worst, eventPart),
    baseline: state.drift === null ? null : baselineText(state.drift, minute),
    tiers: (objective.burn?.tiers ?? []).map(({ longMinutes, shortMinutes, threshold }, i) => ({
      tier: i + 1,
      longMinutes,
      shortMinutes,
      threshold,
      long: burnRate(represented(memory!.window(longMinutes)), objective.q0!),
      short: burnRate(represented(memory!.window(shortMinutes)), objective.q0!),
    })),
    eventPart,
    lastMinutes,
    lastHour,
    lastDay: seenIn(reader, objective, recent, minute, LOOKBACK_MINUTES),
    lastSeen,
    isStale: isBreached(state) && (lastSeen === null || minute - lastSeen >= SILENT_MINUTES),
    incident,
    deliveries: incident === null ? [] : deliveriesOf(reader, incident.id),
  };
}

/** The minute before the first that an objective is judged by as it is now; null: nobody has judged it so. */
export function sinceOf({ db }: Reader, { name, fingerprint }: Objective): Minute | null {
  const row = db
    .prepare('select since from objective_state where objective = ? and fingerprint = ?')
    .get(name, fingerprint) as { since: Minute } | undefined;
  return row?.since ?? null;
}

/** The detectors began with all that is stored, or when their objective was changed; null: after `minute`, or never. */
export function stateFromTheStart(reader: Reader, objective: Objective, minute: Minute): WatchState | null {
  const since = sinceOf(reader, objective);
  if (since === null || since >= minute) return null;
  const first = reader.extent(EVENT_CLOCK)?.first ?? minute;
  const before = Math.max(since, first - 1);
  return startObjectiveWatch(objective, before, labelsBefore(reader, objective, before));
}

function seenIn(
  reader: Reader,
  objective: Objective,
  counts: readonly MinuteCounts[],
  to: Minute,
  minutes: number,
): Seen {
  const mine = counts.filter((one) => one.minute > to - minutes);
  const sum = mine.reduce<SeenCounts>((total, one) => plus(total, one), { n: 0, bad: 0 });
  return {
    minutes,
    n: sum.n,
    bad: sum.bad,
    nonEmpty: mine.length,
    burn: objective.q0 === null ? null : burnRate(represented(sum), objective.q0),
    hidden: minutes > 60 ? hiddenIn(reader, objective, to, minutes) : 0,
  };
}

function hiddenIn(reader: Reader, { events, counted }: Objective, to: Minute, minutes: number): number {
  let hidden = 0;
  for (const { tally } of reader.series(
    'hour',
    EVENT_CLOCK,
    counted,
    Math.floor((to - minutes) / 60),
    Math.floor(to / 60),
  )) {
    const counts: EventCounts = events.eventsOf(tally);
    hidden += counts.hidden;
  }
  return hidden;
}

function evidenceOf(
  objective: Objective,
  state: WatchState,
  peak: { share: number; minute: Minute },
  worst: Seen,
  eventPart: EventPart,
): Why['evidence'] {
  const { q0, sequential } = objective;
  if (sequential === null && objective.drift === undefined) return null;
  const now = evidenceNow(objective, state);
  const page = sequential?.page ?? null;
  return {
    now,
    page: page === null ? null : evidenceShare(page, state.sequential!.page!),
    peak: peak.share,
    peakMinute: peak.minute,
    minutesMissing: isBreached(state)
      ? 0
      : sequential === null || q0 === null
        ? null
        : missing(q0, sequential.ticket.threshold, worst, eventPart, now),
    worstMinutes: worst.minutes,
  };
}

function evidenceNow({ sequential, drift }: Objective, state: WatchState): number {
  if (sequential !== null)
    return state.sequential!.breach === null ? evidenceShare(sequential.ticket, state.sequential!.ticket) : 1;
  return drift === undefined ? 0 : driftEvidence(state.drift!);
}

/** About how long it would take: as long as from the beginning, less the part of the way that lies behind. */
function missing(q0: number, threshold: number, worst: Seen, eventPart: EventPart, evidence: number): number | null {
  if (worst.burn === null || worst.burn <= 1) return null;
  const rate = worst.n / worst.minutes;
  const whole =
    eventPart.state === 'on'
      ? minutesToDetect(q0, threshold, worst.burn, rate)
      : minutesToDetectByMinutes(q0, threshold, worst.burn, rate);
  return whole === null ? null : Math.max(1, Math.ceil(whole * (1 - evidence)));
}
