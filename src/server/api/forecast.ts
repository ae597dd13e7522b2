import { LEVEL } from '../../measures/interval.ts';
import { durationText } from '../../model/duration-text.ts';
import { type Breach, type Incident, isOpen } from '../../model/incident.ts';
import { iso, MINUTE_MS, type Minute, millisOfMinute, minuteOf } from '../../model/time.ts';
import type { Objective } from '../../objectives/objective.ts';
import type { Reading } from '../../objectives/reading.ts';
import { basisOf, outlookOf } from '../judge/outlook.ts';
import type { ApiContext } from './context.ts';

/** The part of an open incident in which an objective is broken at present. */
export function openBreachOf(
  { book }: ApiContext,
  { name }: Objective,
): { incident: Incident; breach: Breach } | undefined {
  for (const incident of book.incidents) {
    if (!isOpen(incident)) continue;
    const breach = incident.breaches.find((one) => one.objective === name && one.recoveredAt === null);
    if (breach !== undefined) return { incident, breach };
  }
  return undefined;
}

/** When the budget will be spent, made when somebody asks; null where there is no budget, or too little was seen to say anything. */
export function forecastOf(
  context: ApiContext,
  objective: Objective,
  { budget, minute, verdict }: Reading,
): Record<string, unknown> | null {
  const onset = openBreachOf(context, objective)?.breach.startedAt ?? null;
  const outlook =
    budget === null || verdict === 'insufficient_evidence'
      ? null
      : outlookOf(context.reader, objective, minute, onset === null ? null : minuteOf(onset), null);
  if (outlook === null) return null;
  const { lookback, expected } = outlook;
  const after = (minutes: number | null): string | null =>
    minutes === null ? null : iso(millisOfMinute(minute + 1) + Math.round(minutes) * MINUTE_MS);
  const startOf = (at: Minute): string => iso(millisOfMinute(at));
  return {
    basis: basisOf(outlook, (minutes) => durationText(minutes * MINUTE_MS)),
    guarantee: 'heuristic',
    lookback: { from: startOf(lookback.from), to: startOf(lookback.to), n: lookback.n, bad: lookback.bad },
    windowEnds: startOf(outlook.windowEnds),
    allowedBad: outlook.allowedBad,
    remainingBad: outlook.remainingBad,
    exhausted: outlook.exhausted,
    exhaustedAt: after(outlook.minutes),
    earliest: after(outlook.low),
    latest: after(outlook.high),
    level: LEVEL,
    probability: outlook.probability,
    expected,
  };
}
