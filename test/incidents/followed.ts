import { IncidentBook, inEventOrder, type Written } from '../../src/incidents/book.ts';
import type { Upstreams } from '../../src/incidents/correlation.ts';
import type { Episode, EpisodeChange } from '../../src/incidents/episodes.ts';
import { opensUntil } from '../../src/incidents/flapping.ts';
import { follow, withEpisode } from '../../src/incidents/follow.ts';
import type { GuiltySlice, Incident, SuspectChange } from '../../src/model/incident.ts';
import { type Minute, millisOfMinute } from '../../src/model/time.ts';
import type { Objective } from '../../src/objectives/objective.ts';
import { ungrounded } from '../incidents.ts';

const GRACE_MS = 15_000;

/** A promise, as far as its incidents look at it. */
export const promise = (name: string, more: Partial<Objective> = {}): Objective =>
  ({
    name,
    kind: 'SLO',
    service: 'bot',
    environment: 'production',
    category: 'ai.availability.error_rate',
    sequential: {},
    burn: null,
    ...more,
  }) as Objective;

/** A breach of a promise, minutes. */
export interface Signal {
  readonly objective: string;
  readonly onset?: Minute;
  readonly alarm: Minute;
  readonly resolved: Minute | null;
}

export interface Change {
  readonly change: EpisodeChange;
  readonly objective: string;
}

/** What detectors find of it. */
export function changesOf({ objective, alarm, resolved, onset = alarm - 3 }: Signal): Change[] {
  const episode: Episode = {
    objective,
    detector: 'sequential',
    onset,
    alarm,
    paged: null,
    resolved: null,
    n: 100,
    bad: 90,
    statistic: 20,
    threshold: 14,
    tiers: [],
    incident: null,
  };
  const began = { change: { type: 'began', minute: alarm, episode, isOver: false }, objective } as const;
  if (resolved === null) return [began];
  return [began, { change: { type: 'ended', minute: resolved, episode: { ...episode, resolved } }, objective }];
}

/** Incidents that follow what detectors find, tick by tick, without a store. */
export class Followed {
  readonly book: IncidentBook;
  readonly written: Written[] = [];
  readonly #objectives: ReadonlyMap<string, Objective>;
  readonly #groups: (objective: Objective) => string | null;
  readonly #found: (objective: Objective) => { slices?: GuiltySlice[]; changes?: SuspectChange[] };
  readonly #episodes = new Map<string, Episode[]>();

  constructor(
    objectives: readonly Objective[],
    {
      upstreams = () => [],
      groups = () => null,
      found = () => ({}),
    }: {
      upstreams?: Upstreams;
      groups?: (objective: Objective) => string | null;
      found?: (objective: Objective) => { slices?: GuiltySlice[]; changes?: SuspectChange[] };
    } = {},
  ) {
    this.book = new IncidentBook([], 1, GRACE_MS, upstreams);
    this.#objectives = new Map(objectives.map((objective) => [objective.name, objective]));
    this.#groups = groups;
    this.#found = found;
  }

  async tick(changes: readonly Change[], horizon: Minute): Promise<void> {
    const now = millisOfMinute(horizon + 1) + GRACE_MS;
    const settle = (minute: Minute): void => {
      const opensOf = (name: string): number => opensUntil(this.#episodes.get(name) ?? [], minute);
      this.written.push(...this.book.settleFlapping(opensOf, now));
    };
    for (const { change, objective: name } of inEventOrder(changes)) {
      settle(change.minute);
      const objective = this.#objectives.get(name)!;
      const list = this.#episodes.get(name) ?? [];
      const followers = {
        book: this.book,
        factsOf: () => ({
          criticality: 3,
          isHighRisk: false,
          supportGroup: this.#groups(objective),
          links: { trace: null, runbook: null, dashboard: null },
        }),
        findingsOf: async () => ({
          evidence: { ...ungrounded, objective: name },
          slices: [],
          changes: [],
          traces: { bad: [], good: [] },
          signs: null,
          ...this.#found(objective),
        }),
        signsOf: () => null,
        explain: async () => null,
      };
      const { episode, written } = await follow(followers, objective, list, change, now);
      this.written.push(...written);
      this.#episodes.set(name, withEpisode(list, change, episode));
    }
    settle(horizon);
  }

  get incidents(): readonly Incident[] {
    return this.book.incidents;
  }

  /** What belongs together, and how it stands; nothing of when it was written. */
  get grouping(): object[] {
    return this.incidents.map(({ id, service, category, state, parent, related, flags, breaches, resolvedAt }) => ({
      id,
      service,
      category,
      state,
      parent,
      related,
      flags,
      resolvedAt,
      breaches: breaches.map(({ objective, startedAt, recoveredAt }) => [objective, startedAt, recoveredAt]),
    }));
  }
}
