import type { ChangeRecord } from '../../model/change.ts';
import type { Notice, SinkClass } from '../../model/delivery.ts';
import type { Millis } from '../../model/time.ts';
import { DEAD_AFTER_MS } from '../../store/outbox/plan.ts';
import { readChange } from '../../store/records/change-records.ts';
import type { Records } from '../../store/records/records.ts';
import { readSetting, writeSetting } from '../../store/records/settings.ts';
import type { ConfiguredSink } from './dispatcher.ts';
import { type ErrandOptions, sendTo } from './errand.ts';
import { tellersBeside } from './notices.ts';

/** Nobody is woken for a change that waits. */
const CLASSES: readonly SinkClass[] = ['chat', 'note'];
/** After these entries a change may wait for somebody. */
const ENTRIES = ['change.moved', 'change.review_written'];
const SETTING = 'approvals asked for';
const AT_ONCE = 20;

/** Up to which entry of the audit log approvers know what waits for them. */
interface Told {
  readonly seq: number;
}

/**
 * Tells those who approve that a change waits for them: in the sink that is named as the change group of the service is, else in the first chat
 * (else by the first mail) that takes it. Where nothing of that is configured nobody is told: the list of changes has it.
 */
export async function askForApprovals(options: ErrandOptions): Promise<void> {
  const { records, write, now } = options;
  const told = await readSetting<Told>(records, SETTING);
  const settle = (seq: number) => write([writeSetting(records, SETTING, { seq } satisfies Told)]);
  if (told === null) {
    await settle(await lastSeq(records));
    return;
  }
  const entries = await records
    .selectFrom('audit_entry')
    .select(['seq', 'at', 'entry'])
    .where('type', 'in', ENTRIES)
    .where('seq', '>', told.seq)
    .orderBy('seq')
    .limit(AT_ONCE)
    .execute();
  for (const { seq, at, entry } of entries) {
    const { id, state } = JSON.parse(entry).data as { readonly id: string; readonly state?: string };
    const change = now() - at < DEAD_AFTER_MS ? await readChange(records, id) : null;
    // Somebody may have decided by now.
    const what = change === null || (state !== undefined && state !== change.state) ? null : waitsToBe(change);
    if (what !== null && !(await ask(change!, what, seq, options))) return;
    await settle(seq);
  }
}

/** What somebody has to do with a change; null: nobody has to do anything. */
function waitsToBe({ state, review }: ChangeRecord): 'assessed' | 'approved' | 'signed' | null {
  if (state === 'assess') return 'assessed';
  if (state === 'authorize') return 'approved';
  return state === 'review' && review !== null && review.signed === null ? 'signed' : null;
}

async function lastSeq(records: Records): Promise<number> {
  const row = await records
    .selectFrom('audit_entry')
    .select((column) => column.fn.max('seq').as('seq'))
    .where('type', 'in', ENTRIES)
    .executeTakeFirst();
  return row?.seq ?? -1;
}

/** @returns false: it is to be tried again */
async function ask(change: ChangeRecord, what: string, seq: number, options: ErrandOptions): Promise<boolean> {
  const group = options.changeGroupOf(change);
  const isOne = ({ name, sink }: ConfiguredSink): boolean =>
    sink.announce !== undefined && (CLASSES.includes(sink.class) || name === group);
  // The group's own comes first.
  const tellers = tellersBeside('', options)
    .filter(isOne)
    .toSorted((a, b) => Number(b.name === group) - Number(a.name === group));
  // Out of reach just now is not nobody.
  let again = tellers.length === 0 && options.sinks().some(isOne);
  for (const teller of tellers) {
    const notice = noticeOf(change, what, group, seq, options);
    const outcome = await sendTo(teller, options, (context) => teller.sink.announce!(notice, context));
    if (outcome.kind === 'ok') return true;
    again ||= outcome.kind !== 'permanent';
  }
  return !again;
}

function noticeOf(
  change: ChangeRecord,
  what: string,
  group: string | null,
  seq: number,
  { deployment, consoleUrl, now }: ErrandOptions,
): Notice {
  const { id, service, type, kind, before, after, assessment, description, justification, link, evidence } = change;
  const url = `${consoleUrl()}/changes/${encodeURIComponent(id)}`;
  const at: Millis = now();
  const said = [
    `A ${kind} change of ${service} waits to be ${what}: ${type.replaceAll('_', ' ')} ${before?.id ?? '(none)'} -> ${after?.id ?? '(none)'}.`,
    description,
    justification === null ? null : `Why: ${justification}`,
    assessment === null ? null : `Risk ${assessment.risk}: ${assessment.reasons.join('; ')}.`,
    ...evidence.map(({ run, n, low, high }) => `Evaluated: ${run}, n ${n}, ${low} to ${high}.`),
    what === 'signed' ? `Review: ${change.review!.result.replaceAll('_', ' ')}. ${change.review!.text}` : null,
    // Versions may be hashes: what differs is there to be read.
    `What differs: ${link ?? url}`,
    group === null ? null : `Who decides: ${group}.`,
  ];
  return {
    deliveryId: `plimsoll-${deployment}-approval-${seq}`,
    about: `change-${seq}`,
    at,
    title: `${service}: a change waits to be ${what}`,
    text: said.filter((line) => line !== null).join('\n'),
    url,
  };
}
