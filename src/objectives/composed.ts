import type { Minute } from '../model/time.ts';
import { readComposite } from './composite-reading.ts';
import type { Objective } from './objective.ts';
import type { Reading } from './reading.ts';

/**
 * What an objective says that is made of others. @param readingOf  of each of these, at the same minute; null where there is none. Those
 * that are made of others themselves ask in turn: a circle is refused when objectives are read.
 */
export function composedReading(
  objective: Objective,
  minute: Minute,
  readingOf: (objective: string) => Reading | null,
): Reading {
  const composition = objective.composition!;
  const members = composition.members.map(({ objective: name, weight }) => {
    const reading = readingOf(name);
    return { objective: name, weight, estimate: reading?.estimate ?? null, lastHour: reading?.lastHour ?? null };
  });
  return readComposite(objective, composition, minute, members);
}
