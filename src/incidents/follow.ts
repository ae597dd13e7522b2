import type { Millis, Minute } from '../model/time.ts';
import type { Objective } from '../objectives/objective.ts';
import type { Findings, IncidentBook, ServiceFacts, Written } from './book.ts';
import type { Signs } from './category-rules.ts';
import type { Episode, EpisodeChange } from './episodes.ts';
import { opensUntil } from './flapping.ts';

/** What incidents need to follow the breaches of their objectives. */
export interface Followers {
  readonly book: IncidentBook;
  readonly factsOf: (objective: Objective) => ServiceFacts;
  /** What can be said about a breach at the minute of its alarm. */
  readonly findingsOf: (objective: Objective, episode: Episode) => Promise<Findings>;
  /** What else was seen from the onset to the alarm; null: nobody looks. */
  readonly signsOf: (objective: Objective, episode: Episode) => Signs | null;
  /** Looks once more for the guilty slice of a breach, in the minutes up to `through`; null: nothing new. */
  readonly explain: (objective: Objective, episode: Episode, through: Minute, now: Millis) => Promise<Written | null>;
}

/** So long after the alarm of an incident without a guilty slice one is still looked for. */
export const EXPLAIN_MINUTES = 6 * 60;

/**
 * What a change of a breach makes of its incident.
 * @param list  the episodes of the objective as they were before the change
 * @returns the episode as it is kept, and the records that are others now
 */
export async function follow(
  followers: Followers,
  objective: Objective,
  list: readonly Episode[],
  change: EpisodeChange,
  now: Millis,
): Promise<{ episode: Episode; written: readonly Written[] }> {
  const { book } = followers;
  const keep = (one: Written | null): { episode: Episode; written: readonly Written[] } => ({
    episode,
    written: one === null ? [] : [one],
  });
  const known = list.find((one) => one.detector === change.episode.detector && one.alarm === change.episode.alarm);
  const episode = { ...change.episode, incident: known?.incident ?? change.episode.incident };
  // With two detectors a breach lasts until both say it is over.
  const others = list.filter((one) => one.detector !== episode.detector && one.resolved === null);
  switch (change.type) {
    case 'began':
      return begin(followers, objective, list, episode, change.isOver, now);
    case 'paged':
      return keep(book.hasten(objective, episode, change.isOver, now));
    case 'faster':
      return keep(book.hasten(objective, episode, false, now));
    case 'ended': {
      // Found late it may be over before anybody could look at it: the guilty slice is sought once more.
      const through = Math.min(change.minute, episode.alarm + EXPLAIN_MINUTES);
      const explained = await followers.explain(objective, episode, through, now);
      return keep((others.length > 0 ? null : book.end(episode, now)) ?? explained);
    }
    case 'resumed':
      // One that was over before its objective was there has no record yet.
      if (episode.incident === null) return begin(followers, objective, list, episode, false, now);
      return keep(book.resume(episode, now));
    case 'withdrawn':
      return keep(others.length > 0 ? null : book.withdraw(episode, now));
    case 'moved':
      // What its alarm rested on may be another now: numbers that were told stay told, its times and what it is filed under follow.
      return keep(book.shift(objective, episode, () => followers.signsOf(objective, episode), now));
    case 'merged':
      return keep(null);
  }
}

async function begin(
  { book, factsOf, findingsOf }: Followers,
  objective: Objective,
  list: readonly Episode[],
  episode: Episode,
  isOver: boolean,
  now: Millis,
): Promise<{ episode: Episode; written: readonly Written[] }> {
  const recorded = list.filter((one) => one.incident !== null);
  const previous = recorded.findLast((one) => one.alarm < episode.alarm) ?? null;
  const beside = recorded.find((one) => one.detector !== episode.detector && one.resolved === null) ?? null;
  const found = await findingsOf(objective, episode);
  const opens = opensUntil([...recorded, episode], episode.alarm);
  return book.begin(objective, factsOf(objective), episode, { previous, beside, opens, isOver }, found, now);
}

/** The episodes of an objective with one of them changed, in order of their alarms. */
export function withEpisode(list: readonly Episode[], change: EpisodeChange, episode: Episode): Episode[] {
  const replaced = change.type === 'moved' ? change.before : episode.alarm;
  const others = list.filter((one) => one.detector !== episode.detector || one.alarm !== replaced);
  if (change.type === 'withdrawn' || change.type === 'merged') return others;
  return [...others, episode].sort((a, b) => a.alarm - b.alarm);
}
