import { type Code, codeOfKnown } from '../../model/dictionary.ts';
import { EVENT_CLOCK } from '../../tally/book.ts';
import { decodeTally } from '../../tally/codec.ts';
import { addInto, type Tally } from '../../tally/group.ts';
import type { SqlDatabase } from '../sql.ts';

/** What a service called of one dependency; `kind` null: of all that are not told apart. */
export interface DependencyCalls {
  readonly kind: string | null;
  readonly provider: Code;
  /** The model of a model call; of any other what it is called. */
  readonly name: Code;
  readonly tally: Tally;
}

const TABLES = { minute: ['tally', 'minute'], hour: ['tally_hour', 'hour'] } as const;

/** What services called, together. @param from, to  both inclusive, in steps */
export function dependencyCalls(
  db: SqlDatabase,
  step: keyof typeof TABLES,
  services: readonly Code[],
  from: number,
  to: number,
): DependencyCalls[] {
  const [table, time] = TABLES[step];
  const ofService = db.prepare(
    `with recursive step(at) as (values (?) union all select at + 1 from step where at < ?)
     select t.value, t.data, d.kind, d.provider, d.name from step
     cross join ${table} t on t.clock = ? and t.${time} = step.at and t.service = ? and t.dimension = ?
     left join dependency d on d.code = t.value`,
  );
  const rows = services.flatMap(
    (service) => ofService.all(from, to, EVENT_CLOCK, service, codeOfKnown('dependency')) as unknown as Row[],
  );
  const found = new Map<Code, Omit<DependencyCalls, 'tally'> & { tally: Map<number, number> }>();
  for (const { value, kind, provider, name, data } of rows) {
    const one = found.get(value) ?? { kind, provider: provider ?? 0, name: name ?? 0, tally: new Map() };
    addInto(one.tally, decodeTally(data));
    found.set(value, one);
  }
  return [...found.values()];
}

interface Row {
  readonly value: Code;
  readonly kind: string | null;
  readonly provider: Code | null;
  readonly name: Code | null;
  readonly data: Uint8Array;
}
