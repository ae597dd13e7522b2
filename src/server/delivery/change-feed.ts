import type { ChangeNotice } from '../../model/delivery.ts';
import type { Millis } from '../../model/time.ts';
import { DEAD_AFTER_MS } from '../../store/outbox/plan.ts';
import type { Records } from '../../store/records/records.ts';
import { readSetting, writeSetting } from '../../store/records/settings.ts';
import type { ConfiguredSink } from './dispatcher.ts';
import { type ErrandOptions, sendTo } from './errand.ts';

/** Up to which entry of the audit log a destination knows of changes. */
interface Told {
  readonly seq: number;
}

/** What has happened: told of, asked for and begun, or shown by the traffic. */
const HAPPENED = ['change.declared', 'change.started', 'change.observed'];
/** So many at a time: the tools count what comes in a minute. */
const AT_ONCE = 50;

/**
 * Tells destinations that show changes of those that were declared or seen, each in the order in which they became known: the audit log
 * has it. What was known before a destination was configured is not told, nor what could not be told for 72 hours.
 */
export async function tellOfChanges(options: ErrandOptions): Promise<void> {
  for (const sink of options.sinks()) if (sink.sink.change !== undefined) await serve(sink, options);
}

async function serve(sink: ConfiguredSink, options: ErrandOptions): Promise<void> {
  const { records, write, now, log } = options;
  const setting = `changes told: ${sink.name}`;
  const told = await readSetting<Told>(records, setting);
  const settle = (seq: number) => write([writeSetting(records, setting, { seq } satisfies Told)]);
  if (told === null) {
    await settle(await lastSeq(records));
    return;
  }
  const entries = await records
    .selectFrom('audit_entry')
    .select(['seq', 'at', 'entry'])
    .where('type', 'in', HAPPENED)
    .where('seq', '>', told.seq)
    .orderBy('seq')
    .limit(AT_ONCE)
    .execute();
  for (const { seq, at, entry } of entries) {
    const change = now() - at >= DEAD_AFTER_MS ? null : await changeOf(records, JSON.parse(entry).data.id);
    if (change !== null) {
      const outcome = await sendTo(sink, options, (context) => sink.sink.change!(change, context));
      if (outcome.kind === 'retry' || outcome.kind === 'unknown') return;
      if (outcome.kind === 'permanent')
        log.warn({ sink: sink.name, change: change.id, reason: outcome.reason }, 'a change was not taken');
    }
    await settle(seq);
  }
}

async function lastSeq(records: Records): Promise<number> {
  const row = await records
    .selectFrom('audit_entry')
    .select((column) => column.fn.max('seq').as('seq'))
    .where('type', 'in', HAPPENED)
    .executeTakeFirst();
  return row?.seq ?? -1;
}

async function changeOf(records: Records, id: string): Promise<ChangeNotice | null> {
  const row = await records.selectFrom('change').selectAll().where('id', '=', id).executeTakeFirst();
  if (row === undefined) return null;
  const { service, environment, type, before, after, at, description } = row;
  return {
    id,
    at: at as Millis,
    service,
    environment,
    type,
    before: nameOf(before),
    after: nameOf(after),
    description,
  };
}

/** `"7"`, or `{"id": "7", "sha256": ...}`. */
function nameOf(json: string | null): string | null {
  const value = json === null ? null : (JSON.parse(json) as string | { readonly id?: string } | null);
  return typeof value === 'string' ? value : (value?.id ?? null);
}
