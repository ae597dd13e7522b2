import { z } from 'zod';
import type { Written } from '../../incidents/book.ts';
import { reassess } from '../../incidents/hush.ts';
import { isWithin, type ServiceScope } from '../../model/access.ts';
import { type Actor, SYSTEM } from '../../model/incident.ts';
import {
  fits,
  MATCHER_OPERATORS,
  matcherText,
  SILENCE_LABELS,
  SILENCE_MAX_MS,
  type Silence,
  servicesNamed,
  silenceState,
} from '../../model/silence.ts';
import type { Millis } from '../../model/time.ts';
import { reasonOf } from '../../store/audit/reason.ts';
import type { Statement } from '../../store/items.ts';
import { auditEntry } from '../../store/records/audit.ts';
import { writeIncident } from '../../store/records/incidents.ts';
import { nextSilenceId, readSilence, storeSilence } from '../../store/records/silences.ts';
import type { ApiContext } from '../api/context.ts';
import { badRequest, Problem } from '../api/problem.ts';
import { recalled } from './recall.ts';

const instant = z.iso
  .datetime({ offset: true, error: 'a time like 2026-12-01T18:00:00Z' })
  .transform((text): Millis => Date.parse(text));

const matcher = z.strictObject({
  label: z.enum(SILENCE_LABELS, { error: `one of ${SILENCE_LABELS.join(', ')}` }),
  operator: z.enum(MATCHER_OPERATORS, { error: `one of ${MATCHER_OPERATORS.join(' ')}` }).default('='),
  value: z.string().max(256),
});

/** What somebody asks for. */
export const NewSilence = z.strictObject({
  matchers: z.array(matcher).min(1, 'one matcher or more').max(20),
  /** Now, when nothing is said. */
  startsAt: instant.optional(),
  endsAt: instant,
  comment: z.string().trim().min(1, 'why: whoever is not told will ask').max(1024),
});
export type NewSilence = z.output<typeof NewSilence>;

/** @throws Problem  for one that can't be, or that whoever asks may not make */
function checked({ matchers, startsAt, endsAt }: NewSilence, scope: ServiceScope, now: Millis): Millis {
  for (const one of matchers)
    try {
      fits(one, '');
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      throw badRequest(`${matcherText(one)}: ${error.message}`);
    }
  if (matchers.every((one) => fits(one, '')))
    throw badRequest('matchers: one at least has to name something; all of these fit what has no label at all');
  const from = Math.max(now, startsAt ?? now);
  if (endsAt <= from) throw badRequest('endsAt: it is over before it begins');
  if (endsAt - from > SILENCE_MAX_MS)
    throw badRequest('endsAt: a silence lasts 30 days at most; make another one then');
  const services = servicesNamed({ matchers });
  if (scope !== null && (services === null || !services.every((name) => isWithin(scope, name))))
    throw new Problem(
      403,
      'PLIM_ACCESS_FORBIDDEN',
      'Not allowed',
      'you may respond for some services: name one of them with a matcher on service with =',
    );
  return from;
}

/** Somebody does not want to be told. What it suppresses is so at once. The caller is alone while it runs. */
export async function makeSilence(
  context: ApiContext,
  wanted: NewSilence,
  by: Actor,
  scope: ServiceScope,
): Promise<Silence> {
  const now = context.now();
  const silence: Silence = {
    id: await nextSilenceId(context.records),
    matchers: wanted.matchers,
    startsAt: checked(wanted, scope, now),
    endsAt: wanted.endsAt,
    createdAt: now,
    createdBy: by,
    comment: wanted.comment,
    expiredBy: null,
  };
  await put(
    context,
    silence,
    auditEntry(by, 'silence.created', { ...audited(silence), ...reasonOf(by, silence.comment) }, now),
    now,
  );
  return silence;
}

/** Ends a silence before its time; one that is over stays as it is. The caller is alone while it runs. */
export async function endSilence(context: ApiContext, id: string, by: Actor): Promise<Silence | null> {
  const now = context.now();
  const silence = await readSilence(context.records, id);
  if (silence === null || silenceState(silence, now) === 'expired') return silence;
  const ended = { ...silence, startsAt: Math.min(silence.startsAt, now), endsAt: now, expiredBy: by };
  await put(context, ended, auditEntry(by, 'silence.expired', audited(ended), now), now);
  return ended;
}

/** What it is about is what the audit log says; why, in people's words, is in the record. */
const audited = ({ id, matchers, startsAt, endsAt }: Silence) => ({
  id,
  matchers: matchers.map(matcherText),
  startsAt,
  endsAt,
});

/** The silence, and what becomes of incidents by it: one transaction. */
async function put(context: ApiContext, silence: Silence, entry: Statement, now: Millis): Promise<void> {
  const { book, records, listeners, suppression } = context;
  const sources = await suppression(now);
  const others = sources.silences.filter(({ id }) => id !== silence.id);
  const putBack = book.remember();
  let written: readonly Written[];
  try {
    const changed = reassess(book, { ...sources, silences: [...others, silence] }, now);
    const kept = await recalled(changed, { records, book, listeners }, now);
    written = kept.written;
    await context.writeIncidents([
      storeSilence(records, silence),
      entry,
      ...kept.statements,
      ...written.flatMap((one) => writeIncident(records, one, SYSTEM, listeners, now)),
    ]);
  } catch (error) {
    putBack();
    throw error;
  }
  if (written.length > 0) context.wakeDelivery();
  for (const { incident } of written)
    context.events.send('incident', { id: incident.id, state: incident.state }, incident.service);
}
