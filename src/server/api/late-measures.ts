import type { EventMeasure } from '../../measures/events.ts';
import { type Matured, matured } from '../../measures/maturity.ts';
import { claimsOf, isVoluntary } from '../../measures/response.ts';
import { estimateShare } from '../../measures/share.ts';
import { type Code, codeOfKnown } from '../../model/dictionary.ts';
import type { Estimate, Period } from '../../model/estimate.ts';
import { type ClaimsJson, claimsToJson } from '../../model/response-claims.ts';
import { DAY_MS, MINUTE_MS } from '../../model/time.ts';
import { EVENT_CLOCK } from '../../tally/book.ts';
import { TOO_LATE } from '../../tally/delay.ts';
import type { Tally } from '../../tally/group.ts';
import { curveOn } from '../judge/label-history.ts';
import type { ApiContext } from './context.ts';
import { type Steps, strataOf } from './strata.ts';

/** Of what comes late: how much of it has come by now in a period, and the share corrected for what is still to come. */
export function maturedAsOfNow(
  { reader, now }: Pick<ApiContext, 'reader' | 'now'>,
  services: readonly Code[],
  events: EventMeasure,
): (tally: Tally, period: Period) => Matured {
  const curve = curveOn(reader, services, events, Math.floor(now() / DAY_MS));
  const ageOf = (at: number): number => Math.max(0, (now() - at) / MINUTE_MS);
  return (tally, { from, to }) =>
    matured([{ counts: events.eventsOf(tally), from: ageOf(to), to: ageOf(from) }], curve);
}

/** Of measures of volunteers: what may be said about everybody, over all steps together. @param all  of them the tally */
export function responseOf(
  { reader, dictionary }: Pick<ApiContext, 'reader' | 'dictionary'>,
  head: Pick<Estimate, 'measure' | 'subject' | 'method'>,
  services: readonly Code[],
  events: EventMeasure,
  all: Tally,
  steps: Steps,
): { response?: ClaimsJson | null } {
  if (!isVoluntary(head)) return {};
  const estimate = estimateShare(events.eventsOf(all));
  const strata = strataOf(reader, dictionary, services, events, steps);
  const claims = claimsOf({ measure: head.measure, ...estimate }, null, strata);
  return { response: claims === null ? null : claimsToJson(claims) };
}

/** How much came after seven days, when it corrects the numbers alone. */
export function tooLateIn(
  { reader }: Pick<ApiContext, 'reader'>,
  services: readonly Code[],
  events: EventMeasure,
  { step, first, last }: Steps,
): number {
  let tooLate = 0;
  for (const service of services)
    for (const { value, tally } of reader.slicesOf(step, EVENT_CLOCK, service, codeOfKnown('delay'), first, last))
      if (value === TOO_LATE) tooLate += events.eventsOf(tally).n;
  return tooLate;
}
