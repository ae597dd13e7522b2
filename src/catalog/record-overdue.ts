import type { Service } from '../model/config/service.ts';
import { DAY_MS, type Millis } from '../model/time.ts';
import type { Finding } from './findings.ts';

/** A record that was confirmed once is to be looked through again after so long, unless it says otherwise. */
export const CONFIRM_EVERY_MS = 180 * DAY_MS;

/**
 * A record that its owners were to confirm by now. One that neither was ever confirmed nor says how often it is to be asks for
 * nothing. @param configuredAt  when the configuration was read
 */
export function recordOverdue(service: Service, now: Millis, configuredAt: Millis): Finding[] {
  const { confirmed, confirmEveryMs, name } = service;
  if (confirmed === null && confirmEveryMs === null) return [];
  const due = confirmed === null ? configuredAt : Date.parse(confirmed.at) + (confirmEveryMs ?? CONFIRM_EVERY_MS);
  if (confirmed !== null && due > now) return [];
  const last = confirmed === null ? 'nobody has confirmed' : `${confirmed.by} last confirmed on ${confirmed.at}`;
  return [
    {
      kind: 'record_overdue',
      since: due,
      detail: `${last} that the file of ${name} is right. What to do: look through it, then write confirmed: {by: …, at: …} with your name and the day`,
      evidence: { confirmed, everyDays: (confirmEveryMs ?? CONFIRM_EVERY_MS) / DAY_MS },
    },
  ];
}
