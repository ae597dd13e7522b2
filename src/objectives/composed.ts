import type { Minute } from '../model/time.ts';
import { inOrder, readComposite } from './composite-reading.ts';
import type { Objective } from './objective.ts';
import type { Reading } from './reading.ts';

/**
 * The readings of those objectives that are made of others, each after all that it is made of.
 * @param readingOf  of those that are not
 */
export function composedReadings(
  objectives: readonly Objective[],
  minute: Minute,
  readingOf: (objective: string) => Reading | null,
): Map<string, Reading> {
  const composed = new Map<string, Reading>();
  const byName = new Map(objectives.map((objective) => [objective.name, objective]));
  const compositions = new Map(
    objectives.flatMap(({ name, composition }) => (composition === undefined ? [] : [[name, composition] as const])),
  );
  for (const name of inOrder(compositions).order ?? []) {
    const composition = compositions.get(name)!;
    const members = composition.members.map(({ objective, weight }) => {
      const reading = composed.get(objective) ?? readingOf(objective);
      return { objective, weight, estimate: reading?.estimate ?? null, lastHour: reading?.lastHour ?? null };
    });
    composed.set(name, readComposite(byName.get(name)!, composition, minute, members));
  }
  return composed;
}
