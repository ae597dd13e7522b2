import type { Notice } from '../../model/delivery.ts';
import { SYSTEM } from '../../model/incident.ts';
import { HOUR_MS, type Millis } from '../../model/time.ts';
import { auditEntry } from '../../store/records/audit.ts';
import { readSetting, writeSetting } from '../../store/records/settings.ts';
import type { ErrandOptions } from './errand.ts';
import { tellBeside } from './notices.ts';

/** Of one destination people are told so often at most, however much is given up. */
export const NOTICE_EVERY_MS: Millis = HOUR_MS;
const NAMED_MAX = 5;

/** Up to when people were told of what was given up, and when that was. */
interface Told {
  readonly at: Millis;
  readonly until: Millis;
}

interface Letter {
  readonly incident: string;
  readonly transition: string;
  readonly last_error: string | null;
  readonly settled_at: number | null;
}

/** Tells people, by another destination, of what one was not told: once an hour, not once a message. */
export async function tellOfDeadLetters(options: ErrandOptions): Promise<void> {
  const { records, write, sinks, now, deployment, log } = options;
  for (const { name, sink } of sinks()) {
    const told = await readSetting<Told>(records, settingOf(name));
    if (told !== null && now() - told.at < NOTICE_EVERY_MS) continue;
    const letters: Letter[] = await records
      .selectFrom('outbox')
      .select(['incident', 'transition', 'last_error', 'settled_at'])
      .where('sink', '=', name)
      .where('state', '=', 'dead')
      .where('settled_at', '>', told?.until ?? 0)
      .orderBy('settled_at', 'desc')
      .execute();
    if (letters.length === 0) continue;
    const until = letters[0]!.settled_at!;
    const by = await tellBeside(name, noticeOf(name, sink.name, letters, options), options);
    if (by === null) {
      log.error({ sink: name, messages: letters.length }, 'nobody could be told of what was not delivered');
      continue;
    }
    const at = now();
    await write([
      writeSetting(records, settingOf(name), { at, until }),
      auditEntry(SYSTEM, 'delivery.dead_letters_told', { sink: name, by, messages: letters.length, deployment }, at),
    ]);
  }
}

const settingOf = (sink: string): string => `dead letters told: ${sink}`;

function noticeOf(
  sink: string,
  type: string,
  letters: readonly Letter[],
  { deployment, consoleUrl, now }: ErrandOptions,
): Notice {
  const count = letters.length;
  const named = letters.slice(0, NAMED_MAX).map(({ incident, transition }) => `${incident} (${transition})`);
  const more = count > NAMED_MAX ? ` and ${count - NAMED_MAX} more` : '';
  return {
    deliveryId: `plimsoll-${deployment}-dead-letters-${sink}-${letters[0]!.settled_at}`,
    about: `dead-letters-${sink}`,
    at: now(),
    title: `${sink} was not told of ${count === 1 ? 'an incident' : `${count} things about incidents`}`,
    text: [
      `Plimsoll (${deployment}) gave up telling ${sink} (${type}): ${named.join(', ')}${more}.`,
      `Last reason: ${letters[0]!.last_error ?? 'none is known'}.`,
      'What to do: tell whoever relies on it; mend the cause; then send it again or drop it:',
      `  plimsoll outbox list --sink ${sink}`,
      `  plimsoll outbox replay --sink ${sink}`,
      `  plimsoll outbox discard --sink ${sink} --reason "told by phone"`,
    ].join('\n'),
    url: `${consoleUrl()}/deliveries`,
  };
}
