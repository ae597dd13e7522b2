import type { Minute } from '../model/time.ts';
import type { DetectorEvent, DetectorName } from '../objectives/objective-watch.ts';
import type { WatchEvent } from '../objectives/sequential-watch.ts';

/** A breach as one detector sees it, from alarm to recovery, by the data known now. */
export interface Episode {
  readonly objective: string;
  readonly detector: DetectorName;
  readonly onset: Minute;
  readonly alarm: Minute;
  /** When it became urgent; null while it is not. */
  readonly paged: Minute | null;
  readonly resolved: Minute | null;
  /** Events and bad events from the onset to the alarm. */
  readonly n: number;
  readonly bad: number;
  /** What the detector compared with what at the alarm. */
  readonly statistic: number;
  readonly threshold: number;
  readonly tiers: readonly number[];
  /** The record it is part of. */
  readonly incident: string | null;
}

/** What judging has changed about an episode: the incidents follow. */
export type EpisodeChange =
  /** `isOver`: it had ended by the time at which it was found. */
  | { readonly type: 'began'; readonly minute: Minute; readonly episode: Episode; readonly isOver: boolean }
  | { readonly type: 'paged'; readonly minute: Minute; readonly episode: Episode; readonly isOver: boolean }
  /** A faster burn-rate tier fired, one that wakes nobody. */
  | { readonly type: 'faster'; readonly minute: Minute; readonly episode: Episode }
  | { readonly type: 'ended'; readonly minute: Minute; readonly episode: Episode }
  /** Late data took back its end. */
  | { readonly type: 'resumed'; readonly minute: Minute; readonly episode: Episode }
  /** Late data showed that it is part of the next one: that one goes on in its place. */
  | { readonly type: 'merged'; readonly minute: Minute; readonly episode: Episode }
  /** Late data took back the breach itself. */
  | { readonly type: 'withdrawn'; readonly minute: Minute; readonly episode: Episode }
  /** Late data moved its times, or what its alarm rested on; nothing else follows. */
  | { readonly type: 'moved'; readonly minute: Minute; readonly episode: Episode; readonly before: Minute };

/**
 * Compares what a replay found with what was known. Minutes up to `after` were not judged again: an episode that was open
 * there goes on in the events.
 *
 * @param known   episodes of one objective, in order of their alarms
 * @param events  of the minutes after `after`, in order
 */
export function compareEpisodes(
  objective: string,
  known: readonly Episode[],
  after: Minute,
  events: readonly DetectorEvent[],
): EpisodeChange[] {
  const changes: EpisodeChange[] = [];
  for (const detector of detectorsOf(known, events)) {
    const mine = events.filter((one) => one.detector === detector).map((one) => one.event);
    const old = known.filter((episode) => episode.detector === detector);
    const carried = old.find((one) => one.alarm <= after && (one.resolved === null || one.resolved > after));
    let open: Episode | null = carried === undefined ? null : { ...carried, resolved: null };
    if (open !== null && carried!.paged !== null && carried!.paged > after) open = { ...open, paged: null };
    const found: Episode[] = open === null ? [] : [open];
    for (const event of mine) {
      if (event.type === 'alarm') {
        const { minute, onset, n, bad, statistic, threshold, page, tiers } = event;
        open = {
          objective,
          detector,
          onset,
          alarm: minute,
          paged: page ? minute : null,
          resolved: null,
          n,
          bad,
          statistic,
          threshold,
          tiers,
          incident: null,
        };
        found.push(open);
      } else if (open !== null) {
        open = advanced(open, event);
        found[found.length - 1] = open;
      }
    }
    const judgedAgain = old.filter((one) => one === carried || one.alarm > after);
    changes.push(...changesBetween(judgedAgain, found, after));
  }
  return changes;
}

/** Those of the whole service first; then those of slices, by name: the same for the same events, in whatever order they came. */
function detectorsOf(known: readonly Episode[], events: readonly DetectorEvent[]): DetectorName[] {
  const slices = new Set([...known, ...events].map(({ detector }) => detector));
  const ofService = ['sequential', 'burn_rate', 'drift'] as const;
  for (const detector of ofService) slices.delete(detector);
  return [...ofService, ...[...slices].sort()];
}

function advanced(open: Episode, event: Exclude<WatchEvent, { type: 'alarm' }>): Episode {
  switch (event.type) {
    case 'page':
      return { ...open, paged: event.minute };
    case 'faster':
      return { ...open, tiers: event.tiers };
    case 'resolved':
      return { ...open, resolved: event.minute };
  }
}

/** Two episodes are the same breach when they overlap in time. */
const overlap = (a: Episode, b: Episode): boolean =>
  a.onset <= (b.resolved ?? Number.POSITIVE_INFINITY) && b.onset <= (a.resolved ?? Number.POSITIVE_INFINITY);

function changesBetween(old: readonly Episode[], found: readonly Episode[], after: Minute): EpisodeChange[] {
  const changes: EpisodeChange[] = [];
  const left = new Set(old);
  for (const [i, episode] of found.entries()) {
    const before = sameBreach([...left], episode, found[i + 1]);
    if (before === undefined) {
      changes.push(...beginning(episode));
      continue;
    }
    left.delete(before);
    const now = { ...episode, incident: before.incident };
    const told = changes.length;
    if (now.alarm !== before.alarm || now.onset !== before.onset)
      changes.push({ type: 'moved', minute: now.alarm, episode: now, before: before.alarm });
    if (before.paged === null && now.paged !== null)
      changes.push({ type: 'paged', minute: now.paged, episode: now, isOver: false });
    else if (Math.min(...now.tiers) < Math.min(...before.tiers))
      changes.push({ type: 'faster', minute: Math.max(now.alarm, after + 1), episode: now });
    if (before.resolved === null && now.resolved !== null)
      changes.push({ type: 'ended', minute: now.resolved, episode: now });
    else if (before.resolved !== null && now.resolved === null)
      changes.push({ type: 'resumed', minute: before.resolved, episode: now });
    else if (before.resolved !== now.resolved || (changes.length === told && !isEqual(before, now)))
      changes.push({ type: 'moved', minute: now.alarm, episode: now, before: before.alarm });
  }
  for (const gone of left)
    changes.push(
      found.some((one) => overlap(gone, one))
        ? { type: 'merged', minute: gone.alarm, episode: gone }
        : { type: 'withdrawn', minute: Math.max(gone.alarm, after), episode: gone },
    );
  return changes;
}

/** Whether all that is kept of an episode is the same: when it became urgent, and what its alarm rested on. */
const isEqual = (a: Episode, b: Episode): boolean =>
  a.paged === b.paged &&
  a.n === b.n &&
  a.bad === b.bad &&
  a.statistic === b.statistic &&
  a.threshold === b.threshold &&
  a.tiers.join() === b.tiers.join();

/** Of the known breaches that an episode overlaps the newest, for that is the one still told of; but not one that the next episode goes on with. */
function sameBreach(left: readonly Episode[], episode: Episode, next: Episode | undefined): Episode | undefined {
  const candidates = left.filter((one) => overlap(one, episode));
  return candidates.findLast((one) => next === undefined || !overlap(one, next)) ?? candidates[0];
}

function beginning(episode: Episode): EpisodeChange[] {
  const { alarm, paged, resolved } = episode;
  const pagedLater = paged !== null && paged > alarm;
  const isOver = resolved !== null;
  const changes: EpisodeChange[] = [
    { type: 'began', minute: alarm, episode: { ...episode, paged: pagedLater ? null : paged, resolved: null }, isOver },
  ];
  if (pagedLater) changes.push({ type: 'paged', minute: paged, episode: { ...episode, resolved: null }, isOver });
  if (resolved !== null) changes.push({ type: 'ended', minute: resolved, episode });
  return changes;
}
