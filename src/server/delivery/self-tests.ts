import type { Notice } from '../../model/delivery.ts';
import { DAY_MS, HOUR_MS, type Millis } from '../../model/time.ts';
import type { Records } from '../../store/records/records.ts';
import { readSetting, writeSetting } from '../../store/records/settings.ts';
import type { ConfiguredSink } from './dispatcher.ts';
import { type ErrandOptions, sendTo } from './errand.ts';
import { tellBeside } from './notices.ts';

/** Of a destination that may go deaf without a word. */
export interface SelfTest {
  readonly at: Millis;
  /** The last one that was taken; null: none ever was. */
  readonly passedAt: Millis | null;
  /** Why the last one was not taken; null: it was. */
  readonly reason: string | null;
  /** When people were last told that it fails. */
  readonly toldAt: Millis | null;
}

/** A test that failed is made again after this long, and people hear of it once a day. */
const AGAIN_MS: Millis = HOUR_MS;
const TELL_EVERY_MS: Millis = DAY_MS;

export async function readSelfTests(
  records: Records,
  sinks: readonly ConfiguredSink[],
): Promise<ReadonlyMap<string, SelfTest>> {
  const found = new Map<string, SelfTest>();
  for (const { name, sink } of sinks) {
    const test = sink.testEveryMs === undefined ? null : await readSetting<SelfTest>(records, settingOf(name));
    if (test !== null) found.set(name, test);
  }
  return found;
}

/** Sends a test to whoever has taken nothing for as long as its kind may be quiet. One that has never taken anything is tested at once. */
export async function testTheQuiet(options: ErrandOptions): Promise<void> {
  const { sinks, records, write, now } = options;
  for (const sink of sinks()) {
    const { testEveryMs, announce } = sink.sink;
    if (testEveryMs === undefined || announce === undefined) continue;
    const last = await readSetting<SelfTest>(records, settingOf(sink.name));
    const took = Math.max(await lastDelivery(records, sink.name), last?.passedAt ?? 0);
    if (now() - took < testEveryMs || now() - (last?.at ?? 0) < AGAIN_MS) continue;
    const outcome = await sendTo(sink, options, (context) => announce(testNotice(sink, options), context));
    const at = now();
    const passed = outcome.kind === 'ok';
    const test: SelfTest = {
      at,
      passedAt: passed ? at : (last?.passedAt ?? null),
      reason: passed ? null : outcome.reason,
      toldAt: passed ? null : await tellOfFailure(sink, outcome.reason, last, options),
    };
    await write([writeSetting(records, settingOf(sink.name), test)]);
  }
}

async function tellOfFailure(
  { name, sink }: ConfiguredSink,
  reason: string,
  last: SelfTest | null,
  options: ErrandOptions,
): Promise<Millis | null> {
  const { now, deployment, consoleUrl, log } = options;
  const toldAt = last?.toldAt ?? null;
  log.error({ sink: name, reason }, 'a destination does not take its self-test');
  if (toldAt !== null && now() - toldAt < TELL_EVERY_MS) return toldAt;
  const at = now();
  const notice: Notice = {
    deliveryId: `plimsoll-${deployment}-self-test-failed-${name}-${at}`,
    about: `self-test-${name}`,
    at,
    title: `${name} does not take messages`,
    text: [
      `The self-test of ${name} (${sink.name}) failed: ${reason}.`,
      'Incidents will not arrive there either. What to do: look at it in the tool itself, then:',
      `  plimsoll sink test ${name}`,
    ].join('\n'),
    url: `${consoleUrl()}/deliveries`,
  };
  return (await tellBeside(name, notice, options)) === null ? toldAt : at;
}

async function lastDelivery(records: Records, sink: string): Promise<Millis> {
  const row = await records
    .selectFrom('outbox')
    .select((column) => column.fn.max('settled_at').as('at'))
    .where('sink', '=', sink)
    .where('state', '=', 'delivered')
    .executeTakeFirst();
  return row?.at ?? 0;
}

const settingOf = (sink: string): string => `self test: ${sink}`;

const testNotice = ({ name }: ConfiguredSink, { deployment, consoleUrl, now }: ErrandOptions): Notice => ({
  deliveryId: `plimsoll-${deployment}-self-test-${name}-${now()}`,
  about: `self-test-${name}`,
  at: now(),
  title: 'Plimsoll can reach you here',
  text: `A test, nothing is broken: no message came for a week, so Plimsoll (${deployment}) made sure that ${name} still works.`,
  url: `${consoleUrl()}/deliveries`,
});
