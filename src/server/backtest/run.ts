import { compareEpisodes } from '../../incidents/episodes.ts';
import { type Rehearsed, rehearse } from '../../incidents/rehearsal.ts';
import type { EventCounts } from '../../measures/events.ts';
import type { Service } from '../../model/config/service.ts';
import { MINUTES_PER_DAY, type Millis, type Minute } from '../../model/time.ts';
import type { EventStream } from '../../objectives/event-stream.ts';
import type { Objective } from '../../objectives/objective.ts';
import {
  burnMemory,
  type DetectorEvent,
  startObjectiveWatch,
  type WatchState,
  watchUntil,
} from '../../objectives/objective-watch.ts';
import type { WindowCounts } from '../../objectives/reading.ts';
import { ZERO } from '../../tally/group.ts';
import { detectorMinutes, sliceMinutes, type TallySource, TickCache } from '../judge/feeds.ts';
import { driftEvidenceOf, evidenceOf } from '../judge/findings.ts';
import { labelsBefore } from '../judge/label-history.ts';
import { factsOf } from '../service-facts.ts';

/** Tallies are read by so many minutes at a time, and shared by the objectives of a service. */
const STRIDE_MINUTES = MINUTES_PER_DAY;

export interface RunOptions {
  readonly source: TallySource;
  readonly objectives: readonly Objective[];
  readonly services: readonly Service[];
  /** Both inclusive; detectors begin with the first. */
  readonly from: Minute;
  readonly to: Minute;
  /** What it reports begins here. */
  readonly reportFrom: Minute;
  readonly graceMs: Millis;
  readonly onProgress?: (done: number, of: number) => void;
}

/** What an objective would have done. */
export interface Run extends Rehearsed {
  readonly objective: Objective;
  /** Minutes with events among those that are reported, and what was counted in them. */
  readonly minutes: number;
  readonly n: number;
  readonly bad: number;
}

interface Running {
  readonly objective: Objective;
  readonly state: WatchState;
  readonly memory: EventStream | null;
  readonly events: DetectorEvent[];
  minutes: number;
  n: number;
  bad: number;
}

/** Runs objectives over stored history, each by itself: with the functions that judge, on what these would have seen. */
export async function runOver(options: RunOptions): Promise<Run[]> {
  const { source, objectives, from, to, services, graceMs, onProgress } = options;
  const byService = Map.groupBy(objectives, (objective) => objective.counted);
  const strides = Math.ceil((to - from + 1) / STRIDE_MINUTES);
  const runs = new Map<Objective, Run>();
  let done = 0;
  for (const ofService of byService.values()) {
    const running = ofService.map((objective) => started(objective, from - 1, source));
    for (let at = from; at <= to; at += STRIDE_MINUTES) {
      stride(options, running, at, Math.min(to, at + STRIDE_MINUTES - 1));
      onProgress?.(++done, byService.size * strides);
    }
    for (const { objective, events, minutes, n, bad } of running) {
      const changes = compareEpisodes(objective.name, [], from - 1, events);
      const facts = factsOf(services, objective);
      runs.set(objective, {
        objective,
        minutes,
        n,
        bad,
        ...(await rehearse(objective, changes, { facts, findingsOf, graceMs })),
      });
    }
  }
  return objectives.map((objective) => runs.get(objective)!);
}

const started = (objective: Objective, before: Minute, source: TallySource): Running => ({
  objective,
  state: startObjectiveWatch(objective, before, labelsBefore(source, objective, before)),
  memory: burnMemory(objective, [], before),
  events: [],
  minutes: 0,
  n: 0,
  bad: 0,
});

function stride({ source, reportFrom }: RunOptions, running: readonly Running[], from: Minute, to: Minute): void {
  const cache = new TickCache(source);
  for (const one of running) {
    const counts = detectorMinutes(cache, one.objective, from, to);
    const slices = sliceMinutes(cache, one.objective, from, to);
    one.events.push(...watchUntil(one.objective, one.state, one.memory, counts, to, undefined, undefined, slices));
    for (const { minute, n, bad } of counts) {
      if (minute < reportFrom) continue;
      one.minutes++;
      one.n += n;
      one.bad += bad;
    }
  }
}

/** What a rehearsed incident has as evidence: the counts since its onset, which decide how severe it is. */
function findingsOf(objective: Objective, episode: Rehearsed['episodes'][number]) {
  const { bad } = episode;
  // Sampled ones, and labels that come late, are worth parts of events.
  const n = Math.ceil(episode.n);
  const counts: EventCounts = { n, bad, eligible: n, hidden: 0 };
  const windows: WindowCounts = { window: counts, lastHour: counts, recent: counts, burnWindows: { '1h': counts } };
  const evidence =
    objective.drift === undefined
      ? evidenceOf(objective, episode, windows, null)
      : driftEvidenceOf(objective, episode, ZERO, null);
  return { evidence, slices: [], changes: [], traces: { bad: [], good: [] }, signs: null };
}
