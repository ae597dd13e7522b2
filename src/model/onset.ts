import { MINUTE_MS, type Millis } from './time.ts';

/**
 * Whether something lies between the estimated onset of an incident and its detection. The onset is where the detector's sum began to
 * grow, which may be minutes early or late: what happened in that time may have been before what it really began with.
 */
export const isAfterOnset = (
  at: Millis,
  { startedAt, detectedAt }: { readonly startedAt: Millis; readonly detectedAt: Millis },
): boolean => at - startedAt >= MINUTE_MS && at <= detectedAt;
