import { type Code, codeOfKnown } from '../../model/dictionary.ts';
import { EVENT_CLOCK } from '../../tally/book.ts';
import { addInto, type Tally } from '../../tally/group.ts';
import type { Reader } from '../reader.ts';

/** What a service called of one dependency; `kind` null: of all that are not told apart. */
export interface DependencyCalls {
  /** Its value of the dimension `dependency`. */
  readonly code: Code;
  readonly kind: string | null;
  readonly provider: Code;
  /** The model of a model call; of any other what it is called. */
  readonly name: Code;
  readonly tally: Tally;
}

/** What services called, together. @param from, to  both inclusive, in steps */
export function dependencyCalls(
  reader: Reader,
  step: 'minute' | 'hour',
  services: readonly Code[],
  from: number,
  to: number,
): DependencyCalls[] {
  const tallies = new Map<Code, Map<number, number>>();
  for (const service of services)
    for (const { value, tally } of reader.slicesOf(step, EVENT_CLOCK, service, codeOfKnown('dependency'), from, to)) {
      const total = tallies.get(value) ?? new Map();
      addInto(total, tally);
      tallies.set(value, total);
    }
  const ofCode = reader.db.prepare('select kind, provider, name from dependency where code = ?');
  return [...tallies].map(([code, tally]) => {
    const known = ofCode.get(code) as { kind: string; provider: Code; name: Code } | undefined;
    return { code, kind: known?.kind ?? null, provider: known?.provider ?? 0, name: known?.name ?? 0, tally };
  });
}
