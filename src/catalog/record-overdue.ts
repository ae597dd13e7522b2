import type { Service } from '../model/config/service.ts';
import { DAY_MS, type Millis } from '../model/time.ts';
import type { Finding } from './findings.ts';

/** A record that was confirmed once is to be looked through again after so long, unless it says otherwise. */
export const CONFIRM_EVERY_MS = 180 * DAY_MS;

/**
 * By when a record is to be confirmed. One that neither was ever confirmed nor says how often it is to be asks for nothing: null.
 * @param configuredAt  when the configuration was read
 */
export function confirmDueAt(
  { confirmed, confirmEveryMs }: Pick<Service, 'confirmed' | 'confirmEveryMs'>,
  configuredAt: Millis,
): Millis | null {
  if (confirmed === null) return confirmEveryMs === null ? null : configuredAt;
  return Date.parse(confirmed.at) + (confirmEveryMs ?? CONFIRM_EVERY_MS);
}

/** A record that its owners were to confirm by now. @param configuredAt  when the configuration was read */
export function recordOverdue(service: Service, now: Millis, configuredAt: Millis): Finding[] {
  const { confirmed, confirmEveryMs, name } = service;
  const due = confirmDueAt(service, configuredAt);
  if (due === null || (confirmed !== null && due > now)) return [];
  const last = confirmed === null ? 'nobody has confirmed' : `${confirmed.by} last confirmed on ${confirmed.at}`;
  return [
    {
      kind: 'record_overdue',
      since: due,
      detail: `${last} that the record of ${name} is right. What to do: look through it, then confirm it on the page of the service or over the API, or write confirmed: {by: …, at: …} into its file`,
      evidence: { confirmed, everyDays: (confirmEveryMs ?? CONFIRM_EVERY_MS) / DAY_MS },
    },
  ];
}
