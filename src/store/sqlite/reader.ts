import type { Minute } from '../../model/time.ts';
import { type Due, Reader, type TallySql } from '../reader.ts';
import type { SqlDatabase } from '../sql.ts';
import { openForReading } from './database.ts';
import { PartTable } from './parts.ts';
import { RatingTable } from './ratings.ts';

const walk = 'with recursive step(at) as (values (?) union all select at + 1 from step where at < ?)';
const inOneText = (key: string): string => `group_concat(${key} || ' ' || hex(t.data), ';' order by ${key})`;

/** Step by step: a search for each is quicker than the planner's walk over all services. */
const TALLIES: TallySql = {
  series: (table, time) =>
    `${walk} select ${inOneText('step.at')} as rows from step cross join ${table} t
     on t.clock = ? and t.${time} = step.at and t.service = ? and t.dimension = 0 and t.value = 0`,
  slices: (table, time) =>
    `${walk} select t.dimension as dimension, t.value as value, step.at as at, t.data as data from step cross join ${table} t
     on t.clock = ? and t.${time} = step.at and t.service = ? and t.dimension > 0`,
  slicesOf: (table, time) =>
    `${walk} select t.value as value, step.at as at, t.data as data from step cross join ${table} t
     on t.clock = ? and t.${time} = step.at and t.service = ? and t.dimension = ?`,
  ofServices: (table, time) =>
    `select t.service as service, t.dimension as dimension, t.value as value, t.data as data
     from json_each(?) wanted cross join ${table} t on t.clock = 0 and t.${time} = ? and t.service = wanted.value`,
  countedIn: (table, time) =>
    `select distinct service from ${table} where clock = 0 and ${time} = ? and dimension = 0 and value = 0`,
  ofAll: `select ${inOneText('t.service')} as rows from tally t where clock = ? and minute = ? and dimension = 0 and value = 0`,
  ofDimension: (place) =>
    `select ${inOneText(`(t.service * ${place} + t.value)`)} as rows from tally t where clock = ? and minute = ? and dimension = ?`,
  first: (table, time) =>
    `select ${time} as at from ${table} where clock = 0 and service = ? and ${time} >= ? order by ${time} limit 1`,
  extent: 'select min(minute) as first, max(minute) as last from tally where clock = ?',
};

/** A reader of an embedded store. @throws OperatorError when the file can't be read by this build */
export function openReader(file: string): Reader {
  const db = openForReading(file);
  const parts = new PartTable(db);
  return new Reader(db, {
    engine: 'sqlite',
    marks: { due: dueIn(db) },
    tallies: TALLIES,
    spans: {
      newestFirst: (from, to) => parts.newestFirst(from, to),
      countBetween: (from, to) => parts.countBetween(from, to),
      ofTrace: (traceId, places) => places.flatMap((part) => parts.ofTrace(part, traceId)),
    },
    ratings: new RatingTable(db),
  });
}

/** Settlements follow each other: what was marked by none after the newest that was seen has been read. */
function dueIn(db: SqlDatabase): (horizon: Minute) => Due | null {
  const marked = db.prepare(
    'select min(minute) as first, max(settlement) as settlement from unjudged where clock in (0, 1) and minute <= ?',
  );
  return (horizon) => {
    const { first, settlement } = marked.get(horizon) as { first: Minute | null; settlement: number };
    if (first === null) return null;
    return {
      first,
      judged: {
        sql: 'delete from unjudged where clock in (0, 1) and minute <= ? and settlement <= ?',
        parameters: [horizon, settlement],
      },
    };
  };
}
