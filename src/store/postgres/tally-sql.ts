import type { TallySql } from '../reader.ts';

/** Where the tallies of a service are. @param service  a parameter or a column */
const shardOf = (service: string): string => `(select key from shard_key where ordinal = ${service} % 32)`;

const inOneText = (key: string): string => `string_agg(${key} || ' ' || encode(t.data, 'hex'), ';' order by ${key})`;

/** Step by step, as on SQLite: a search for each, in the partition that it lies in. `offset 0` keeps the planner from making one walk over all services of it. */
const walk = (table: string, time: string, wanted: string): string =>
  `from generate_series(?1::int4, ?2::int4) step(at) cross join lateral (
     select * from ${table} where shard = ${shardOf('?4::int4')} and clock = ?3 and ${time} = step.at
       and ${time} between ?1 and ?2 and service = ?4 and ${wanted} offset 0
   ) t`;

/** Each lane has a row of its own: those of one key follow each other. */
export const TALLIES: TallySql = {
  series: (table, time) => `select ${inOneText('step.at')} as rows ${walk(table, time, 'dimension = 0 and value = 0')}`,
  slices: (table, time) =>
    `select t.dimension, t.value, step.at, t.data ${walk(table, time, 'dimension > 0')} order by step.at, t.dimension, t.value`,
  slicesOf: (table, time) =>
    `select t.value, step.at, t.data ${walk(table, time, 'dimension = ?5')} order by step.at, t.value`,
  ofServices: (table, time) =>
    `select t.service, t.dimension, t.value, t.data from json_array_elements_text(?1::json) wanted(service) cross join lateral (
       select * from ${table} where shard = ${shardOf('wanted.service::int4')} and clock = 0 and ${time} = ?2::int4
         and service = wanted.service::int4 offset 0
     ) t order by t.service, t.dimension, t.value`,
  countedIn: (table, time) =>
    `select distinct service from ${table} where shard in (select key from shard_key) and clock = 0 and ${time} = ?::int4
     and dimension = 0 and value = 0`,
  ofAll: `select ${inOneText('t.service')} as rows from tally t
    where shard in (select key from shard_key) and clock = ? and minute = ? and dimension = 0 and value = 0`,
  ofDimension: (place) =>
    `select ${inOneText(`(t.service::int8 * ${place} + t.value)`)} as rows from tally t
     where shard in (select key from shard_key) and clock = ? and minute = ? and dimension = ?`,
  first: (table, time) =>
    `select ${time} as at from ${table} where shard = ${shardOf('?1::int4')} and clock = 0 and service = ?1 and ${time} >= ?2
     order by ${time} limit 1`,
  extent: `select min(of_shard.first) as first, max(of_shard.last) as last from shard_key cross join lateral (
      select (select minute from tally where shard = key and clock = ?1 order by minute limit 1) as first,
        (select minute from tally where shard = key and clock = ?1 order by minute desc limit 1) as last
    ) of_shard`,
};
