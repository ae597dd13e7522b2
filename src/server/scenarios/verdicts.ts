import { type Incident, isOpen } from '../../model/incident.ts';
import { millisOfMinute } from '../../model/time.ts';
import type { Reading } from '../../objectives/reading.ts';
import { percentText } from '../cli/words.ts';
import type { Happened, Played, Standing } from './play.ts';
import type { Expectation, Happening, Tick, Want } from './scenario.ts';

/** An expectation that did not come true. */
export interface Failure {
  readonly line: number;
  readonly tick: Tick;
  readonly expected: string;
  /** What there was instead. */
  readonly found: string;
}

/** What of a scenario did not come as expected, in order of its lines. */
export const failuresOf = (played: Played): Failure[] =>
  played.scenario.expectations.flatMap((expectation) => {
    // What should hold beside something that happens should hold when that happens.
    const at = momentOf(played, expectation);
    return expectation.wants.flatMap((want) => {
      const failure =
        want.type === 'happens'
          ? missing(played, expectation, want.happening)
          : at === 'never'
            ? null
            : unlike(played, at === null ? expectation : { ...expectation, from: at, to: at }, want);
      return failure === null
        ? []
        : [{ line: expectation.line, expected: subject(expectation, want.text), ...failure }];
    });
  });

/** The first tick in which something expected happens; null where nothing is expected to happen. */
function momentOf({ happened }: Played, { from, to, objective, wants }: Expectation): Tick | 'never' | null {
  const wanted = wants.flatMap((want) => (want.type === 'happens' ? [want.happening] : []));
  if (wanted.length === 0) return null;
  const found = happened.find(
    (one) =>
      one.tick >= from &&
      one.tick <= to &&
      (objective === null || one.objective === objective) &&
      wanted.includes(one.happening),
  );
  return found?.tick ?? 'never';
}

const subject = ({ objective }: Expectation, text: string): string =>
  objective === null ? text : `${objective}: ${text}`;

type Found = Pick<Failure, 'tick' | 'found'>;

/** Something that should have happened in one of the ticks. */
function missing(played: Played, { from, to, objective }: Expectation, happening: Happening): Found | null {
  const mine = played.happened.filter((one) => objective === null || one.objective === objective);
  if (mine.some((one) => one.happening === happening && one.tick >= from && one.tick <= to)) return null;
  const same = nearestTo(
    mine.filter((one) => one.happening === happening),
    from,
  );
  const instead = mine.filter(({ tick }) => tick >= from && tick <= to);
  const parts = [
    instead.length === 0 ? 'nothing happened' : instead.map((one) => one.happening).join(' and '),
    same === null ? 'it never does' : `it does in tick ${same.tick}`,
    ...(same === null ? [evidenceText(played, from, objective)] : []),
  ];
  return { tick: from, found: parts.filter((part) => part !== '').join('; ') };
}

const nearestTo = (list: readonly Happened[], tick: Tick): Happened | null =>
  list.toSorted((a, b) => Math.abs(a.tick - tick) - Math.abs(b.tick - tick))[0] ?? null;

/** Something that should have held at each of the ticks: the first at which it did not. */
function unlike(played: Played, { from, to, objective }: Expectation, want: Want): Found | null {
  for (let tick = from; tick <= to; tick++) {
    const standing = played.standings.get(tick);
    // Tick 0 judges nothing.
    if (standing === undefined) continue;
    const found = foundInstead(played, standing, tick, objective, want);
    if (found !== null) return { tick, found };
  }
  return null;
}

/** Null: it holds. */
function foundInstead(
  { scenario, happened }: Played,
  { readings, incidents }: Standing,
  tick: Tick,
  objective: string | null,
  want: Want,
): string | null {
  const reading = readings.get(objective ?? scenario.judged[0]!) ?? null;
  const mine = incidents.filter(
    (one) => objective === null || one.breaches.some((breach) => breach.objective === objective),
  );
  const open = mine.find(isOpen) ?? null;
  const newest = open ?? mine.at(-1) ?? null;
  switch (want.type) {
    case 'verdict':
      return reading?.verdict === want.verdict ? null : readingText(reading);
    case 'open':
      if ((open !== null) === want.isOpen) return null;
      return open === null
        ? ['none was open', readingText(reading)].filter((part) => part !== '').join('; ')
        : `${open.id} was open, since tick ${openedIn(happened, open, tick)}`;
    case 'priority':
      return open?.priority === want.priority
        ? null
        : open === null
          ? 'none was open'
          : `${open.id} had P${open.priority}`;
    case 'since': {
      if (newest === null) return 'there was no incident';
      const since = newest.startedAt / millisOfMinute(1) - scenario.start;
      return since >= want.from && since <= want.to ? null : `${newest.id} began in minute ${since}`;
    }
    case 'stale':
      return reading?.stale === true ? null : `it was not; ${readingText(reading)}`;
    case 'foundLate':
      return newest?.detectedLate === true
        ? null
        : newest === null
          ? 'there was no incident'
          : `${newest.id} was found in time`;
    case 'opened':
      return mine.length === want.count ? null : `there were ${mine.length}`;
    case 'happens':
      return null;
  }
}

const openedIn = (happened: readonly Happened[], incident: Incident, tick: Tick): Tick | string =>
  happened.findLast(
    (one) =>
      one.incident === incident.id && one.tick <= tick && (one.happening === 'opens' || one.happening === 'reopens'),
  )?.tick ?? 'an earlier one';

function readingText(reading: Reading | null): string {
  if (reading === null) return '';
  const { verdict, reason, evidence } = reading;
  const parts = [`it was ${verdict.replaceAll('_', ' ')}`, ...(reason === null ? [] : [reason])];
  if (verdict !== 'breached' && reason?.includes('evidence') !== true)
    parts.push(`evidence at ${percentText(evidence)} of an alarm`);
  return parts.join('; ');
}

function evidenceText({ scenario, standings }: Played, tick: Tick, objective: string | null): string {
  const reading = standings.get(tick)?.readings.get(objective ?? scenario.judged[0]!);
  return reading === undefined ? '' : readingText(reading);
}
