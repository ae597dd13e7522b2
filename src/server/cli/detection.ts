import { durationText } from '../../model/duration-text.ts';
import { MINUTE_MS, MINUTES_PER_DAY } from '../../model/time.ts';
import { healthyBurnIncidents, minutesToFire } from '../../objectives/burn-planning.ts';
import { type BurnTier, burnTiers, isUnreachable } from '../../objectives/burn-rate.ts';
import {
  minutesToDetect,
  minutesToDetectByMinutes,
  type SmallestChange,
  smallestChange,
} from '../../objectives/detectability.ts';
import { MINUTES_PER_30_DAYS } from '../../objectives/e-detector.ts';
import type { Budgeted } from '../../objectives/objective.ts';
import { seeded } from '../random.ts';
import type { EventPart } from './event-part.ts';

/** Minutes until each is found; null: never. */
export interface DetectionTimes {
  readonly outage: number | null;
  /** null also where ten times the budget is more than an outage; likewise for two. */
  readonly tenfold: number | null;
  readonly twofold: number | null;
}

/** What an objective can detect, how fast, and how often it would be wrong. */
export interface Detection {
  readonly objective: string;
  readonly eventsPerMinute: number;
  /** Whether that is traffic that was seen; else it is supposed. */
  readonly isSeen: boolean;
  readonly decides: 'sequential' | 'burn_rate' | 'both';
  /** Events are bad or good, or they are scores that lose something of a whole: then no score is worse than a bad event. */
  readonly isOfScores: boolean;
  /** null where burn-rate rules alone decide. */
  readonly sequential:
    | (DetectionTimes & {
        readonly guarantee: string;
        /** Of the deployment's budget of false incidents, (0, 1]. */
        readonly budgetShare: number;
        /** False incidents in 30 days at most, in expectation. */
        readonly falseIncidents: number;
        /** While only the bad shares of minutes count. */
        readonly byMinutes: DetectionTimes;
        /** Its slices have detectors of their own, which share as much of the budget again. */
        readonly isSliced: boolean;
        /** Whether single events count, too. */
        readonly eventPart: EventPart;
        /** Within a day; null: not even an outage would be found. */
        readonly smallestChange: SmallestChange | null;
      })
    | null;
  /** What the rules do, or would do; `falseIncidents` in 30 days for a service at half of its budget. */
  readonly burnRate: DetectionTimes & {
    readonly falseIncidents: number;
    /** Tiers that not even an outage fires, 1 the fastest, and the bad share that each would need. */
    readonly unreachable: readonly { readonly tier: number; readonly badShare: number }[];
  };
}

export interface DetectionSettings {
  /** undefined: nothing was seen. */
  readonly eventsPerMinute: number | undefined;
  readonly eventPart: EventPart;
  readonly falseIncidentsPer30Days: number;
}

/** Supposed where nothing has been seen. */
const SUPPOSED_EVENTS_PER_MINUTE = 10;
const SEED = 20_260_801;

export function detectionOf(objective: Budgeted, settings: DetectionSettings): Detection {
  const { name, q0, window, sequential, burn, events } = objective;
  const eventsPerMinute = settings.eventsPerMinute ?? SUPPOSED_EVENTS_PER_MINUTE;
  /** What waits for something to come late sees each minute so much later. */
  const { detectorLag = 0 } = events;
  const times = (find: (burn: number) => number | null): DetectionTimes => {
    const found = (rate: number): number | null => {
      const minutes = find(rate);
      return minutes === null ? null : minutes + detectorLag;
    };
    return {
      outage: found(1 / q0),
      tenfold: 10 * q0 < 1 ? found(10) : null,
      twofold: 2 * q0 < 1 ? found(2) : null,
    };
  };
  return {
    objective: name,
    eventsPerMinute,
    isSeen: settings.eventsPerMinute !== undefined,
    isOfScores: objective.judgedBy === 'scores',
    decides: sequential === null ? 'burn_rate' : burn === null ? 'sequential' : 'both',
    sequential: sequential === null ? null : sequentialOf(objective, settings, eventsPerMinute, times),
    burnRate: {
      ...times((rate) => minutesToFire(window.minutes, q0, rate)),
      falseIncidents: healthyBurnIncidents({
        windowMinutes: window.minutes,
        q0,
        eventsPerMinute,
        minutes: MINUTES_PER_30_DAYS,
        random: seeded(SEED),
      }),
      unreachable: burnTiers(window.minutes / MINUTES_PER_DAY).flatMap((tier, i) =>
        isUnreachable(tier, q0) ? [{ tier: i + 1, badShare: neededBy(tier, q0) }] : [],
      ),
    },
  };
}

const neededBy = (tier: BurnTier, q0: number): number => tier.threshold * q0;

function sequentialOf(
  { q0, sequential, sliced, guarantee }: Budgeted,
  { eventPart, falseIncidentsPer30Days }: DetectionSettings,
  eventsPerMinute: number,
  times: (find: (burn: number) => number | null) => DetectionTimes,
): Detection['sequential'] {
  const { threshold } = sequential!.ticket;
  return {
    ...times((rate) => minutesToDetect(q0, threshold, rate, eventsPerMinute)),
    guarantee: guarantee!,
    budgetShare: budgetShareOf(threshold, falseIncidentsPer30Days),
    falseIncidents: falseIncidentsAt(threshold),
    byMinutes: times((rate) => minutesToDetectByMinutes(q0, threshold, rate, eventsPerMinute)),
    isSliced: sliced !== undefined,
    eventPart,
    smallestChange: smallestChange(q0, threshold, eventsPerMinute * MINUTES_PER_DAY),
  };
}

/** In 30 days at most, in expectation. */
const falseIncidentsAt = (threshold: number): number => MINUTES_PER_30_DAYS / threshold;

/** What a detector takes of the deployment's budget of false incidents, (0, 1]. */
export const budgetShareOf = (threshold: number, falseIncidentsPer30Days: number): number =>
  Math.min(1, falseIncidentsAt(threshold) / falseIncidentsPer30Days);

/** `3 min`, `1 h 12 min`, `2 d 4 h`; of a part of a minute the whole. */
export const lengthText = (minutes: number): string => durationText(Math.ceil(minutes) * MINUTE_MS);
