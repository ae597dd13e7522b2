import { blamed, reviewed } from '../../changes/lifecycle.ts';
import { reviewResult, reviewText } from '../../changes/watch.ts';
import type { IncidentBook, Written } from '../../incidents/book.ts';
import { type ChangeRecord, WATCH_MS } from '../../model/change.ts';
import { type Incident, SYSTEM } from '../../model/incident.ts';
import { type Millis, millisOfMinute } from '../../model/time.ts';
import type { Statement } from '../../store/items.ts';
import { auditEntry } from '../../store/records/audit.ts';
import { changesSince, storeChange, toldSince, unreviewed } from '../../store/records/change-records.ts';
import { writeIncident } from '../../store/records/incidents.ts';
import type { Records } from '../../store/records/records.ts';
import { verdictOfChange, type WatchSources } from './watch.ts';

export interface TendOptions extends WatchSources {
  readonly records: Records;
  readonly book: IncidentBook;
  readonly writeIncidents: (statements: readonly Statement[]) => Promise<unknown>;
  readonly now: Millis;
}

/** So many reviews are written in a tick. */
const REVIEWS_AT_ONCE = 20;

/** Incidents that began within the watch of a change and are of its new version, and reviews whose watch is over. The caller is alone. */
export async function tendChanges(options: TendOptions, written: readonly Written[]): Promise<void> {
  for (const id of new Set(written.map(({ incident }) => incident.id))) await blame(options, id);
  await writeReviews(options);
}

async function blame({ records, book, writeIncidents, now }: TendOptions, id: string): Promise<void> {
  const incident = book.byId(id);
  if (incident === undefined || incident.causedByChange !== null || incident.slices.length === 0) return;
  const changes = await changesSince(records, incident.service, incident.startedAt - WATCH_MS);
  const guilty = changes.find((change) => isCause({ ...change, at: change.startedAt }, incident));
  const cause = guilty?.id ?? (await toldCause(records, incident));
  if (cause === null) return;
  const linked: Incident = { ...incident, causedByChange: cause };
  await writeIncidents([
    ...writeIncident(records, { incident: linked, transition: null }, SYSTEM, [], now),
    ...(guilty === undefined ? [] : storeChange(records, blamed(guilty, incident.id, SYSTEM, now))),
    auditEntry(SYSTEM, 'change.blamed', { id: cause, incident: incident.id }, now),
  ]);
  book.put(linked);
}

/** One that was only told of, or seen: it has no record that an incident could count against. */
async function toldCause(records: Records, incident: Incident): Promise<string | null> {
  const told = await toldSince(records, incident.service, incident.startedAt - WATCH_MS);
  return told.find((change) => isCause(change, incident))?.id ?? null;
}

/** Whether its new version is a guilty slice of the incident, which began in its watch. */
function isCause(
  { environment, at, after }: Pick<ChangeRecord, 'environment' | 'after'> & { readonly at: Millis | null },
  incident: Incident,
): boolean {
  if (at === null || after === null) return false;
  if (environment !== null && incident.environment !== null && environment !== incident.environment) return false;
  // An onset is a whole minute.
  const since = incident.startedAt - at;
  return (
    since > -60_000 && since < WATCH_MS && incident.slices.some(({ value }) => value.split(' & ').includes(after.id))
  );
}

async function writeReviews(options: TendOptions): Promise<void> {
  const { records, writeIncidents, through, now } = options;
  // What is not judged yet is not reviewed.
  const due = await unreviewed(records, Math.min(now, millisOfMinute(through)), REVIEWS_AT_ONCE);
  for (const change of due) {
    const verdict = verdictOfChange(options, change);
    const result = reviewResult(change, verdict);
    const text = reviewText(change, verdict);
    const { findings } = verdict;
    const done = reviewed(change, { writtenAt: now, result, text, findings, signed: null }, SYSTEM);
    await writeIncidents([
      ...storeChange(records, done),
      auditEntry(SYSTEM, 'change.review_written', { id: change.id, result, decision: verdict.decision }, now),
    ]);
  }
}
