import { type Flags, NO_FLAGS, type Signs } from '../../incidents/category-rules.ts';
import type { Episode } from '../../incidents/episodes.ts';
import { ERROR_CLASSES } from '../../model/error-class.ts';
import { MINUTES_PER_HOUR, type Minute } from '../../model/time.ts';
import type { Counts } from '../../objectives/burn-rate.ts';
import type { Objective } from '../../objectives/objective.ts';
import { EVENT_CLOCK, LABEL_CLOCK } from '../../tally/book.ts';
import { COUNT, ENTRIES_FAILED, FAILED, feedback, TOKEN_PARTS, TOKENS, TOKENS_KNOWN } from '../../tally/counters.ts';
import { count, sum, type Tally } from '../../tally/group.ts';
import type { TallySource } from './feeds.ts';
import type { Span } from './guilty.ts';

const BASELINE_HOURS = 24;
/** A longer time is read by whole hours. */
const READ_BY_MINUTE_MAX = 720;

type Source = Pick<TallySource, 'series'>;

/**
 * @param span  when the interactions happened that a breach is about
 * @param counts  events of the whole service since the onset
 */
export function signsOf(
  source: Source,
  { counted }: Pick<Objective, 'counted'>,
  span: Span,
  episode: Episode,
  { n, bad }: Counts,
): Signs {
  const now = between(source, EVENT_CLOCK, counted, span);
  const first = Math.floor(span.from / MINUTES_PER_HOUR);
  const before = sum(
    Array.from(source.series('hour', EVENT_CLOCK, counted, first - BASELINE_HOURS, first - 1), ({ tally }) => tally),
  );
  return {
    n,
    bad,
    interactions: count(now, COUNT),
    failed: {
      ...(Object.fromEntries(ERROR_CLASSES.map((name) => [name, count(now, FAILED[name])])) as Signs['failed']),
      unnamed: count(now, ENTRIES_FAILED),
    },
    tokens: tokensOf(now),
    tokensBefore: tokensOf(before),
    flags: flagsBetween(source, counted, episode.onset, episode.alarm),
  };
}

export const isFlagged = (flags: Flags): boolean => Object.values(flags).some((n) => n > 0);

/** What people flagged in these minutes, both inclusive. */
export function flagsBetween(source: Source, counted: Objective['counted'], from: Minute, to: Minute): Flags {
  const tally = between(source, LABEL_CLOCK, counted, { from, to });
  const names = Object.keys(NO_FLAGS) as (keyof Flags)[];
  return Object.fromEntries(names.map((name) => [name, count(tally, feedback('flag', name))])) as unknown as Flags;
}

function between(
  source: Source,
  clock: typeof EVENT_CLOCK | typeof LABEL_CLOCK,
  counted: Objective['counted'],
  { from, to }: Span,
): Tally {
  const isLong = to - from > READ_BY_MINUTE_MAX;
  const scale = isLong ? MINUTES_PER_HOUR : 1;
  const steps = source.series(
    isLong ? 'hour' : 'minute',
    clock,
    counted,
    Math.floor(from / scale),
    Math.floor(to / scale),
  );
  return sum(Array.from(steps, ({ tally }) => tally));
}

function tokensOf(tally: Tally): number | null {
  const known = count(tally, TOKENS_KNOWN);
  if (known === 0) return null;
  return TOKEN_PARTS.reduce((total, part) => total + count(tally, TOKENS[part]), 0) / known;
}
