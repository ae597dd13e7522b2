import type { Incident } from '../model/incident.ts';
import { type Millis, millisOfMinute } from '../model/time.ts';
import type { Objective } from '../objectives/objective.ts';
import { type Findings, IncidentBook, inEventOrder, type ServiceFacts } from './book.ts';
import type { Episode, EpisodeChange } from './episodes.ts';
import { opensUntil } from './flapping.ts';
import { follow, withEpisode } from './follow.ts';

/** What an objective would have opened. */
export interface Rehearsed {
  readonly episodes: readonly Episode[];
  /** In the order in which they were opened; numbered for themselves. */
  readonly incidents: readonly Incident[];
}

export interface RehearsalOptions {
  readonly facts: ServiceFacts;
  readonly findingsOf: (objective: Objective, episode: Episode) => Findings;
  /** A minute is judged so long after its end. */
  readonly graceMs: Millis;
}

/**
 * The incidents of one objective by itself, had each of its breaches been judged in time. @param changes  as
 * `compareEpisodes` finds them, of minutes that were judged once and in order
 */
export async function rehearse(
  objective: Objective,
  changes: readonly EpisodeChange[],
  { facts, findingsOf, graceMs }: RehearsalOptions,
): Promise<Rehearsed> {
  const book = new IncidentBook([], 1, graceMs);
  const followers = {
    book,
    factsOf: () => facts,
    findingsOf: async (one: Objective, episode: Episode) => findingsOf(one, episode),
    signsOf: () => null,
    explain: async () => null,
  };
  let episodes: Episode[] = [];
  for (const { change } of inEventOrder(changes.map((one) => ({ change: one, objective: objective.name })))) {
    const now = millisOfMinute(change.minute + 1) + graceMs;
    book.settleFlapping(() => opensUntil(episodes, change.minute), now);
    const { episode } = await follow(followers, objective, episodes, change, now);
    episodes = withEpisode(episodes, change, episode);
  }
  // What came and went until the end of what is known has stayed away.
  const end = Math.max(0, ...changes.map(({ minute }) => minute));
  book.settleFlapping(() => 0, millisOfMinute(end + 1) + graceMs);
  return { episodes, incidents: book.incidents };
}
