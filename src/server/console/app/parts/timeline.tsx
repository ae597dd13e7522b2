import { isAfterOnset } from '../../../../model/onset.ts';
import { plainText } from '../../../../model/plain-text.ts';
import type { IncidentJson } from '../api.ts';
import { durationText, wordsOf } from '../logic/format.ts';
import { calledBy } from '../logic/sign-in.ts';
import { BothTimes, Moment } from './time.tsx';

/** Where the name of an event says too little. */
const EVENTS: Readonly<Record<string, string>> = {
  sla_warning: 'time runs out',
  sla_breached: 'target missed',
  unsuppressed: 'suppression over',
  disclosed: 'told now',
  aware: 'known as harmful',
};

/** What happened to the record, newest first: on a long incident the news are what is looked for. */
export function Timeline({ entries }: { entries: IncidentJson['timeline'] }) {
  return (
    <section aria-labelledby="timeline">
      <h2 id="timeline">Timeline</h2>
      <ol class="timeline" reversed>
        {entries.toReversed().map((entry, index) => (
          <li key={entries.length - index} class={entry.event}>
            <p>
              <strong>{EVENTS[entry.event] ?? wordsOf(entry.event)}</strong>{' '}
              <span class="terms">{calledBy(entry.by)}, </span>
              <span class="terms">
                <Moment at={entry.at} />
              </span>
            </p>
            <p class="entry-text">{entry.text}</p>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** What changed shortly before. */
export function Changes({ incident }: { incident: IncidentJson }) {
  const started = Date.parse(incident.startedAt);
  return (
    <section aria-labelledby="changes">
      <h2 id="changes">What changed</h2>
      {incident.changes.length === 0 && <p class="none">Nothing that Plimsoll knows of.</p>}
      <ul class="changes">
        {incident.changes.map((change) => (
          <li key={`${change.at} ${change.type} ${change.id}`}>
            <p>
              <strong>{wordsOf(change.type)}</strong> <code>{plainText(change.before ?? 'unknown')}</code>
              <span aria-hidden="true"> → </span>
              <span class="unseen"> to </span>
              <code>{plainText(change.after ?? 'unknown')}</code>
            </p>
            <p class="terms">
              {distanceText(Date.parse(change.at), started, Date.parse(incident.detectedAt))} ·{' '}
              {change.origin === 'declared'
                ? `declared${change.id === null ? '' : ` as ${plainText(change.id)}`}`
                : 'first seen in the traffic'}{' '}
              · <BothTimes at={change.at} />
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The onset is an estimate: a change that came after it and before anybody noticed may still be what it began with. */
function distanceText(at: number, started: number, detected: number): string {
  const ms = at - started;
  if (Math.abs(ms) < 60_000) return 'in the minute of the onset';
  if (ms < 0) return `${durationText(-ms)} before the onset`;
  const after = `${durationText(ms)} after the estimated onset`;
  return isAfterOnset(at, { startedAt: started, detectedAt: detected })
    ? `${after}, ${durationText(detected - at)} before it was noticed: it may have begun with this`
    : after;
}
