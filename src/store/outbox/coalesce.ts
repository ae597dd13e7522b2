import type { SinkClass } from '../../model/delivery.ts';
import type { OutboxRow, Told } from './row.ts';

/** A row that needn't be sent, and the one that says it instead (null: nothing needs to be said). */
export interface Superseded {
  readonly row: OutboxRow;
  readonly by: OutboxRow | null;
}

const BEGINS: ReadonlySet<Told> = new Set(['opened', 'reopened']);
const ENDS: ReadonlySet<Told> = new Set(['resolved', 'closed']);
const isEnd = (row: OutboxRow): boolean => ENDS.has(row.transition);
const isBegin = (row: OutboxRow): boolean => BEGINS.has(row.transition);

/**
 * Which of one stream's waiting rows needn't be sent.
 *
 * Records and notes: an update that something newer follows, and of acknowledgements, holds and escalations all but the
 * last of each, or all when the end is waiting too. Beginnings and ends are kept: the tool is told opened, then resolved.
 *
 * Pages and chats as well: a breach that was over before it could be told is not told at all. Where something of the
 * incident may be open at the destination, the end alone is sent: it ends that, and wakes nobody.
 *
 * @param rows  of one stream, waiting (none is under way), in order of seq
 */
export function coalesce(rows: readonly OutboxRow[], sinkClass: SinkClass): Superseded[] {
  const told = sinkClass === 'page' || sinkClass === 'chat' ? overBeforeTold(rows) : [];
  const gone = new Set(told.map(({ row }) => row));
  return [...told, ...outdated(rows.filter((row) => !gone.has(row)))];
}

function outdated(rows: readonly OutboxRow[]): Superseded[] {
  return rows.flatMap((row, i) => {
    if (isBegin(row) || isEnd(row)) return [];
    const later = rows.slice(i + 1);
    const by =
      row.transition === 'updated' ? later[0] : later.find((next) => next.transition === row.transition || isEnd(next));
    return by === undefined ? [] : [{ row, by }];
  });
}

function overBeforeTold(rows: readonly OutboxRow[]): Superseded[] {
  const over: Superseded[] = [];
  let mayBeOpenThere = rows[0]?.announced ?? false;
  let episode: OutboxRow[] = [];
  let lastEnd: OutboxRow | null = null;
  for (const row of rows) {
    if (isBegin(row)) episode = [];
    episode.push(row);
    mayBeOpenThere ||= row.uncertain;
    if (!isEnd(row)) continue;
    if (!mayBeOpenThere) over.push(...episode.map((member) => ({ row: member, by: null })));
    else if (isBegin(episode[0]!)) {
      over.push(...episode.slice(0, -1).map((member) => ({ row: member, by: row })));
      if (lastEnd !== null) over.push({ row: lastEnd, by: row });
    }
    if (mayBeOpenThere) lastEnd = row;
    episode = [];
  }
  return over;
}
