import { durationText } from '../../model/duration-text.ts';
import { MINUTE_MS } from '../../model/time.ts';
import { healthyBurnIncidents, minutesToFire } from '../../objectives/burn-planning.ts';
import { minutesToDetect } from '../../objectives/detectability.ts';
import type { Budgeted } from '../../objectives/objective.ts';
import { seeded } from '../random.ts';

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
  /** null where burn-rate rules alone decide. */
  readonly sequential: (DetectionTimes & { readonly guarantee: string }) | null;
  /** What the rules do, or would do; `falseIncidents` in 30 days for a service at half of its budget. */
  readonly burnRate: DetectionTimes & { readonly falseIncidents: number };
}

/** Supposed where nothing has been seen. */
const SUPPOSED_EVENTS_PER_MINUTE = 10;
const MINUTES_OF_30_DAYS = 43_200;
const SEED = 20_260_801;

export function detectionOf(objective: Budgeted, seenPerMinute: number | undefined): Detection {
  const { name, q0, window, sequential, burn, events } = objective;
  const eventsPerMinute = seenPerMinute ?? SUPPOSED_EVENTS_PER_MINUTE;
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
    isSeen: seenPerMinute !== undefined,
    decides: sequential === null ? 'burn_rate' : burn === null ? 'sequential' : 'both',
    sequential:
      sequential === null
        ? null
        : {
            ...times((rate) => minutesToDetect(q0, sequential.ticket.threshold, rate, eventsPerMinute)),
            guarantee: objective.guarantee!,
          },
    burnRate: {
      ...times((rate) => minutesToFire(window.minutes, q0, rate)),
      falseIncidents: healthyBurnIncidents({
        windowMinutes: window.minutes,
        q0,
        eventsPerMinute,
        minutes: MINUTES_OF_30_DAYS,
        random: seeded(SEED),
      }),
    },
  };
}

/** Lines for people. */
export function detectionText({ q0 }: Budgeted, detection: Detection): string[] {
  const { eventsPerMinute, isSeen, sequential, burnRate, decides } = detection;
  const found = ({ outage, tenfold, twofold }: DetectionTimes): string =>
    [
      `an outage ${whenFound(outage)}`,
      ...(10 * q0 < 1 ? [`a 10x burn ${whenFound(tenfold)}`] : []),
      ...(2 * q0 < 1 ? [`a 2x burn ${whenFound(twofold)}`] : []),
    ].join(', ');
  const traffic = `at ${rateText(eventsPerMinute)} rated interactions a minute, ${isSeen ? 'as seen in the last week' : 'which is supposed: none were seen yet'}:`;
  const rules = `${found(burnRate)}; ${falseText(burnRate.falseIncidents)}`;
  if (sequential === null)
    return [`decided by burn-rate rules, outside of the budget of false incidents; ${traffic}`, `  ${rules}`];
  return [
    `decided by ${decides === 'both' ? 'the sequential test and burn-rate rules' : 'the sequential test'}; ${traffic}`,
    `  sequential test: ${found(sequential)}; ${sequential.guarantee}`,
    `  burn-rate rules${decides === 'both' ? '' : ' would do'}: ${rules}`,
  ];
}

const falseText = (incidents: number): string =>
  `${incidents === 0 ? 'no' : `about ${incidents}`} false ${incidents === 1 ? 'incident' : 'incidents'} in 30 days of a service at half of its budget`;

const rateText = (perMinute: number): string =>
  perMinute >= 10 ? String(Math.round(perMinute)) : String(Number(perMinute.toPrecision(2)));

const whenFound = (minutes: number | null): string =>
  minutes === null ? 'is never found' : `in about ${lengthText(minutes)}`;

/** `3 min`, `1 h 12 min`, `2 d 4 h`; of a part of a minute the whole. */
export const lengthText = (minutes: number): string => durationText(Math.ceil(minutes) * MINUTE_MS);
