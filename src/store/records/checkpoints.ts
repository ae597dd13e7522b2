import { MINUTES_PER_HOUR, type Minute } from '../../model/time.ts';
import type { Statement } from '../items.ts';

/** Each hour for so long, each day after that. */
const HOURLY_MINUTES = 48 * 60;
const HOURS_PER_DAY = 24;
/** Checkpoints of an objective are an hour apart: what this tick does not drop was dropped when the last one was taken. */
const OVERLAP_MINUTES = 2 * MINUTES_PER_HOUR;

/**
 * The minute of the hour behind which an objective's state is kept: by its name, so that a fleet's checkpoints are spread over the
 * hour and those of one objective are an hour apart, whichever process takes them. FNV-1a.
 */
export function checkpointMinute(objective: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < objective.length; i++) hash = Math.imul(hash ^ objective.charCodeAt(i), 0x01000193);
  return (hash >>> 0) % MINUTES_PER_HOUR;
}

/** Of a day the last hour's stays. */
const LAST_HOUR = HOURS_PER_DAY - 1;

/** Whether what was known behind a minute is still worth keeping. */
export const isKept = (minute: Minute, horizon: Minute): boolean =>
  minute > horizon - HOURLY_MINUTES || Math.floor(minute / MINUTES_PER_HOUR) % HOURS_PER_DAY === LAST_HOUR;

export const writeCheckpoint = (objective: string, minute: Minute, state: Uint8Array): Statement => ({
  sql: `insert into checkpoint (objective, minute, state) values (?, ?, ?)
    on conflict (objective, minute) do update set state = excluded.state`,
  parameters: [objective, minute, state],
});

/** Drops those that are past their time. @param after  the minute behind which was judged now */
export const dropCheckpoints = (objective: string, after: Minute, horizon: Minute): Statement => ({
  sql: `delete from checkpoint where objective = ? and minute > ? and minute <= ? and minute / ${MINUTES_PER_HOUR} % ${HOURS_PER_DAY} <> ${LAST_HOUR}`,
  parameters: [objective, after - HOURLY_MINUTES - OVERLAP_MINUTES, horizon - HOURLY_MINUTES],
});
