import type { Detection, DetectionTimes } from './detection.ts';
import { lengthText } from './detection.ts';
import type { EventPart } from './event-part.ts';
import type { WithoutBudget } from './without-budget.ts';
import { columns, countOf, percentText, rateText, timesText, wrapped } from './words.ts';

/** Columns that a line may take. */
const WIDTH = 98;

/** What an objective can and can't detect, as lines for people. @param q0  the bad share that is allowed  @param since  when traffic was seen */
export function detectionText(q0: number, detection: Detection, since = 'in the last week'): string[] {
  const { eventsPerMinute, isSeen, isOfScores, sequential } = detection;
  const seen = isSeen ? `as seen ${since}` : 'supposed: none were seen yet';
  const notes = [
    ...(isOfScores
      ? ['Of scores it is the mean loss that is held against what is allowed: a burn of 2x loses twice as much.']
      : []),
    ...(sequential === null ? [] : sequentialNotes(sequential, isOfScores)),
    ...unreachableNotes(detection),
    ...(sequential === null
      ? ['Burn-rate rules are outside of the budget of false incidents: nothing bounds how often they are wrong.']
      : []),
  ];
  return [
    `At ${rateText(eventsPerMinute)} rated interactions a minute (${seen}) this is found after about:`,
    ...tableOf(q0, detection).map((line) => `  ${line}`),
    '  * of a service that spends half of its error budget, evenly',
    ...notes.flatMap((note) => wrapped(note, WIDTH - 4)),
  ];
}

function tableOf(q0: number, { decides, sequential, burnRate }: Detection): string[] {
  const wanted: (readonly [string, keyof DetectionTimes])[] = [
    ['an outage', 'outage'],
    ...(10 * q0 < 1 ? [['a 10x burn', 'tenfold'] as const] : []),
    ...(2 * q0 < 1 ? [['a 2x burn', 'twofold'] as const] : []),
  ];
  const cells = (times: DetectionTimes): string[] => wanted.map(([, key]) => foundText(times[key]));
  const rows: string[][] = [['', ...wanted.map(([title]) => title), 'false in 30 days']];
  if (sequential !== null) {
    const isOn = sequential.eventPart.state === 'on';
    rows.push(['sequential test', ...cells(sequential), `at most ${Number(sequential.falseIncidents.toPrecision(2))}`]);
    rows.push([isOn ? '  by minutes alone' : '  by minutes alone, as now', ...cells(sequential.byMinutes), 'the same']);
  }
  const isIdle = decides === 'sequential';
  const wrong = burnRate.falseIncidents === 0 ? 'none seen' : `about ${burnRate.falseIncidents}`;
  rows.push([`burn-rate rules${isIdle ? ', if used' : ''}`, ...cells(burnRate), `${wrong} *`]);
  return columns(rows);
}

const foundText = (minutes: number | null): string => (minutes === null ? 'never' : lengthText(minutes));

function sequentialNotes(
  { budgetShare, eventPart, smallestChange, guarantee, isSliced }: NonNullable<Detection['sequential']>,
  isOfScores: boolean,
): string[] {
  return [
    smallestChange === null
      ? 'Within a day not even an outage is found: there is too little traffic.'
      : `The smallest change found within a day: ${timesText(smallestChange.burn)} what is allowed, ${isOfScores ? `a mean of ${Number((1 - smallestChange.badShare).toPrecision(3))}` : `${percentText(smallestChange.badShare)} bad`}.`,
    ...eventPartText(eventPart),
    `It takes ${percentText(budgetShare)} of the budget of false incidents: ${guarantee}.`,
    ...(isSliced ? ['Its slices are watched one by one besides, and share as much of that budget again.'] : []),
  ];
}

/** Why only minutes count; nothing where single events do, too. */
export function eventPartText(part: EventPart): string[] {
  switch (part.state) {
    case 'on':
      return [];
    case 'overdispersed':
      return [
        `Only the bad shares of minutes count, not single events: bad ones come in bunches (their number varies ${timesText(part.phi)} as much as that of independent ones, 1.5x is the most).`,
      ];
    case 'new':
      return [
        `Only the bad shares of minutes count today, not single events: that needs 1,000 minutes with 20 bad events in the days before, it has ${countOf(part.minutes, 'minute')} with ${part.bad}.`,
      ];
    case 'unknown':
      return ['For its first day only the bad shares of minutes count, not single events.'];
  }
}

function unreachableNotes({ decides, burnRate }: Detection): string[] {
  if (decides === 'sequential') return [];
  return burnRate.unreachable.map(
    ({ tier, badShare }) =>
      `Burn-rate tier ${tier} can never fire: it needs ${percentText(badShare)} of the events to be bad.`,
  );
}

/** What the budget of false incidents is, and who shares it. */
export function budgetText(
  per30Days: number,
  detections: readonly Detection[],
  others: readonly WithoutBudget[] = [],
): string[] {
  const sharing = detections.filter(({ sequential }) => sequential !== null).length;
  const drifting = others.filter(({ decides }) => decides === 'drift').length;
  const outside = detections.filter(({ decides }) => decides !== 'sequential').length;
  if (detections.length + drifting === 0) return [];
  const text = [
    `Budget of false incidents: ${Number(per30Days.toPrecision(3))} in 30 days for the whole deployment, shared by ${countOf(sharing, 'sequential test')}${drifting === 0 ? '' : ` and ${countOf(drifting, 'drift detector')}`}.`,
    ...(outside > 0
      ? [`Burn-rate rules are outside of it: ${countOf(outside, 'objective uses', 'objectives use')} them.`]
      : []),
  ].join(' ');
  return wrapped(text, WIDTH);
}
