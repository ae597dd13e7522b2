import type { EventMeasure } from '../../measures/events.ts';
import type { Stratum } from '../../measures/post-stratification.ts';
import type { Strata } from '../../measures/response.ts';
import { type Code, codeOfKnown, type Dictionary } from '../../model/dictionary.ts';
import type { Reader, Step } from '../../store/reader.ts';
import { EVENT_CLOCK } from '../../tally/book.ts';
import type { Tally } from '../../tally/group.ts';
import { addAt } from './sums.ts';

/** Steps of tallies, both inclusive. */
export interface Steps {
  readonly step: Step;
  readonly first: number;
  readonly last: number;
}

/** A value with fewer answers says nothing of its own. */
const ANSWERS_MIN = 10;

/** Those who could have answered by the values of a slice dimension: of the one in which most values have answers enough; null when none has two. */
export function strataOf(
  reader: Reader,
  dictionary: Dictionary,
  services: readonly Code[],
  events: EventMeasure,
  { step, first, last }: Steps,
): Strata | null {
  const tallies = new Map<Code, Map<Code, Tally>>();
  for (const service of services)
    for (const { dimension, value, tally } of reader.slices(step, EVENT_CLOCK, service, first, last)) {
      if (dimension === codeOfKnown('dependency') || dimension === codeOfKnown('delay')) continue;
      tallies.set(dimension, addAt(tallies.get(dimension) ?? new Map(), value, tally));
    }
  let best: Strata | null = null;
  let most = 1;
  for (const [dimension, values] of tallies) {
    const strata = [...values.values()].map((tally) => stratumOf(events, tally));
    const answered = strata.filter(({ n }) => n >= ANSWERS_MIN).length;
    if (answered <= most) continue;
    most = answered;
    best = { dimension: dictionary.text(dimension), strata };
  }
  return best;
}

function stratumOf(events: EventMeasure, tally: Tally): Stratum {
  const { n, bad, eligible } = events.eventsOf(tally);
  // Somebody may answer twice of one interaction.
  return { population: Math.max(eligible, n), n, good: n - bad };
}
