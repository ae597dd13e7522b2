import { compileObjectives } from '../../catalog/objectives.ts';
import { IncidentBook, inEventOrder } from '../../incidents/book.ts';
import { compareEpisodes, type Episode, type EpisodeChange } from '../../incidents/episodes.ts';
import { opensUntil } from '../../incidents/flapping.ts';
import { type Followers, follow, withEpisode } from '../../incidents/follow.ts';
import type { Evidence, Incident, Transition } from '../../model/incident.ts';
import { type Millis, type Minute, millisOfMinute } from '../../model/time.ts';
import { composedReading } from '../../objectives/composed.ts';
import { readDrift } from '../../objectives/drift-reading.ts';
import type { Objective } from '../../objectives/objective.ts';
import { curveOf, type Reading, readView, viewOf } from '../../objectives/reading.ts';
import { EstimateFeed, TickCache } from '../judge/feeds.ts';
import { evidenceAt } from '../judge/findings.ts';
import { signsOf } from '../judge/signs.ts';
import { factsOf } from '../service-facts.ts';
import type { Expectation, Happening, Scenario, Tick } from './scenario.ts';
import { ScenarioTallies, type Touched } from './tallies.ts';
import { ScenarioWatch } from './watch.ts';

/** A minute is judged so long after its end. */
const GRACE_MS: Millis = 15_000;

/** Something that happened to an incident. */
export interface Happened {
  readonly tick: Tick;
  readonly objective: string;
  readonly happening: Happening;
  readonly incident: string;
}

/** How things stood after one tick. */
export interface Standing {
  /** By objective; none of ticks in which nobody asks for a verdict. */
  readonly readings: ReadonlyMap<string, Reading>;
  readonly incidents: readonly Incident[];
}

/** What became of a scenario. */
export interface Played {
  readonly scenario: Scenario;
  /** In order. */
  readonly happened: readonly Happened[];
  /** After the ticks of which something is expected. */
  readonly standings: ReadonlyMap<Tick, Standing>;
}

/**
 * Plays a scenario: counts its traffic minute by minute as it becomes known, and judges each minute by the functions that judge in
 * a running Plimsoll, with a clock that is the scenario's.
 */
export async function play(scenario: Scenario): Promise<Played> {
  const tallies = new ScenarioTallies(scenario);
  const objectives = compileObjectives({
    objectives: scenario.objectives,
    services: scenario.services,
    falseIncidentsPer30Days: scenario.falseIncidentsPer30Days,
    dictionary: tallies.dictionary,
    plans: tallies.plans,
    evaluatorsOf: (counted) => tallies.evaluators.get(counted) ?? [],
    labelsAtRandomOf: () => tallies.labels,
  }).filter(({ name }) => scenario.judged.includes(name));
  const watches = objectives.map((objective) => new ScenarioWatch(objective, scenario.start));
  const book = new IncidentBook([], 1, GRACE_MS);
  const signs = (objective: Objective, episode: Episode) =>
    signsOf(tallies, objective, { from: episode.onset, to: episode.alarm }, episode, episode);
  const followers: Followers = {
    book,
    factsOf: (objective) => factsOf(scenario.services, objective),
    findingsOf: async (objective, episode) => ({
      evidence: evidenceOf(tallies, watches, objective, episode),
      slices: [],
      changes: [],
      traces: { bad: [], good: [] },
      signs: signs(objective, episode),
    }),
    signsOf: signs,
    explain: async () => null,
  };
  const feeds = new Map<string, EstimateFeed>();
  const episodes = new Map<string, Episode[]>();
  const settle = (minute: Minute, now: Millis): void =>
    void book.settleFlapping((name) => opensUntil(episodes.get(name) ?? [], minute), now);
  const wanted = new Set(scenario.expectations.flatMap(({ from, to }) => range(from, to)));
  const read = new Set(scenario.expectations.flatMap(readIn));
  const arrivals = arrivalsOf(scenario);
  const last = Math.max(0, ...wanted, ...arrivals.keys());
  const happened: Happened[] = [];
  const standings = new Map<Tick, Standing>();
  for (let tick = 1; tick <= last; tick++) {
    const horizon = scenario.start + tick - 1;
    const now = millisOfMinute(horizon + 1) + GRACE_MS;
    const touched = (arrivals.get(tick) ?? []).flatMap((count) => count(tallies));
    const cache = new TickCache(tallies);
    const changes = watches.flatMap((watch) => {
      const { objective } = watch;
      const { after, events } = watch.judge(cache, touched, horizon);
      return compareEpisodes(objective.name, episodes.get(objective.name) ?? [], after, events).map((change) => ({
        change,
        objective: objective.name,
      }));
    });
    for (const { change, objective: name } of inEventOrder(changes)) {
      const objective = objectives.find((one) => one.name === name)!;
      const list = episodes.get(name) ?? [];
      settle(change.minute, now);
      const { episode, written } = await follow(followers, objective, list, change, now);
      const one = written[0] ?? null;
      episodes.set(name, withEpisode(list, change, episode));
      for (const happening of happeningsOf(change, one?.transition ?? null))
        happened.push({ tick, objective: name, happening, incident: episode.incident ?? one?.incident.id ?? '' });
    }
    settle(horizon, now);
    for (const { objective } of watches) {
      if (objective.composition !== undefined) continue;
      const feed = feeds.get(objective.name);
      const mine = touched.filter(({ service }) => service === objective.counted);
      if (feed === undefined) feeds.set(objective.name, new EstimateFeed(objective, cache, horizon));
      else feed.advance(cache, horizon, mine);
    }
    if (wanted.has(tick)) {
      const readings = read.has(tick) ? readingsOf(watches, feeds, horizon) : new Map();
      standings.set(tick, { readings, incidents: book.incidents });
    }
  }
  return { scenario, happened, standings };
}

function evidenceOf(
  tallies: ScenarioTallies,
  watches: readonly ScenarioWatch[],
  objective: Objective,
  episode: Episode,
): Evidence {
  const { state } = watches.find((watch) => watch.objective === objective)!;
  return evidenceAt(tallies, objective, episode, curveOf(state), state.drift?.frozen ?? null);
}

function readingsOf(
  watches: readonly ScenarioWatch[],
  feeds: ReadonlyMap<string, EstimateFeed>,
  horizon: Minute,
): Map<string, Reading> {
  const readings = new Map<string, Reading>();
  const readingOf = (name: string): Reading | null => {
    const watch = watches.find(({ objective }) => objective.name === name);
    if (watch === undefined) return null;
    const reading = readings.get(name) ?? readOne(watch);
    readings.set(name, reading);
    return reading;
  };
  const readOne = ({ objective, state }: ScenarioWatch): Reading => {
    if (objective.composition !== undefined) return composedReading(objective, horizon, readingOf);
    const readOf = objective.drift === undefined ? readView : readDrift;
    return readOf(objective, viewOf(state, horizon), feeds.get(objective.name)!.counts());
  };
  for (const { objective } of watches) readingOf(objective.name);
  return readings;
}

/** Where more is looked at than incidents: where a verdict is expected, and at the ends of every stretch, for what is told then. */
const readIn = ({ from, to, wants }: Expectation): Tick[] =>
  wants.some(({ type }) => type === 'verdict' || type === 'stale') ? range(from, to) : [from, to];

const range = (from: Tick, to: Tick): Tick[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);

const TOLD: Partial<Record<Transition, Happening>> = { opened: 'opens', resolved: 'resolves', reopened: 'reopens' };

/** @param transition  what is told of the record; null: nothing */
function happeningsOf(change: EpisodeChange, transition: Transition | null): Happening[] {
  const told = transition === null ? undefined : TOLD[transition];
  return [
    ...(told === undefined || change.type === 'withdrawn' ? [] : [told]),
    ...(change.type === 'began' && transition === 'updated' ? (['joins'] as const) : []),
    ...((change.type === 'began' && change.episode.paged !== null) || change.type === 'paged'
      ? (['pages'] as const)
      : []),
    ...(change.type === 'withdrawn' ? (['withdraws'] as const) : []),
    ...(change.type === 'withdrawn' && transition === 'resolved' ? (['resolves'] as const) : []),
  ];
}

type Count = (tallies: ScenarioTallies) => Touched[];

/** What becomes known in each tick. */
function arrivalsOf({ start, traffic }: Scenario): Map<Tick, Count[]> {
  const arrivals = new Map<Tick, Count[]>();
  const at = (tick: Tick, count: Count): void => {
    const known = arrivals.get(tick) ?? [];
    known.push(count);
    arrivals.set(tick, known);
  };
  for (const one of traffic)
    for (let minute: Minute = one.from; minute <= one.to; minute++)
      for (const item of one.items) {
        if (item.count === 0) continue;
        const after = item.type === 'ratings' ? item.afterMinutes : 0;
        const inTime = minute + after + 1;
        const { arrives } = one;
        const known =
          arrives === null ? inTime : 'at' in arrives ? Math.max(arrives.at, inTime) : inTime + arrives.lateMinutes;
        at(known, (tallies) => tallies.count(one, item, start + minute));
      }
  return arrivals;
}
