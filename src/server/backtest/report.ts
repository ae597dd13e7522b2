import { durationText } from '../../model/duration-text.ts';
import { iso, millisOfMinute } from '../../model/time.ts';
import type { Objective } from '../../objectives/objective.ts';
import { columns, countOf, laterText, minuteText, momentText, percentText } from '../cli/words.ts';
import type { Backtest, Backtests } from './backtest.ts';
import type { Compared, Found } from './compare.ts';

/** What it found, for people. */
export const backtestText = ({ from, to, backtests }: Backtests): string =>
  [
    `${minuteText(from)} to ${minuteText(to + 1)} UTC, ${durationText(millisOfMinute(to - from + 1))}`,
    ...backtests.flatMap((one) => ['', ...textOf(one)]),
  ].join('\n');

function textOf(backtest: Backtest): string[] {
  const { run, incidents, missedOpened, missedInForce } = backtest;
  const { objective, minutes, n, bad } = run;
  const lines = [`${objective.name}: ${promiseText(objective)}`];
  if (n === 0)
    return [...lines, '  nothing was counted in this time', ...missedText(objective, missedOpened, 'was opened then:')];
  lines.push(
    `  ${countOf(minutes, 'minute')} with ${countOf(n, 'event')}${qualityText(objective, n, bad)}`,
    ...recountText(backtest),
    ...inForceText(backtest),
    `  it would have opened ${incidents.length === 0 ? 'no incident' : countOf(incidents.length, 'incident')}${incidents.length === 0 ? '' : ':'}`,
  );
  if (incidents.length > 0) lines.push(...tableOf(backtest).map((line) => `    ${line}`));
  lines.push(
    ...missedText(objective, missedOpened, 'was opened, and would not have been:'),
    ...missedText(objective, missedInForce, 'the one in force finds, and this one does not:'),
  );
  return lines;
}

/** How good they were, as far as it is said of single ones. */
function qualityText({ judgedBy }: Objective, n: number, bad: number): string {
  if (judgedBy === 'drift') return '';
  return judgedBy === 'scores'
    ? `, with a mean score of ${Number((1 - bad / n).toPrecision(3))}`
    : `, ${percentText(bad / n)} of them bad`;
}

const promiseText = ({ measure, subject, service, environment, target, window }: Objective): string =>
  `${measure}${subject === null ? '' : ` (${subject})`} of ${service}${environment === null ? '' : ` in ${environment}`}${target === null ? '' : `, ${target} over ${window.text}`}`;

function recountText({ recount }: Backtest): string[] {
  if (recount === null) return [];
  const { exact, approximate, leftOut } = recount;
  const parts = [
    `${countOf(exact, 'minute')} exactly`,
    ...(approximate > 0 ? [`${countOf(approximate, 'minute')} approximately, from histograms`] : []),
    ...(leftOut > 0 ? [`${countOf(leftOut, 'minute')} not at all, because their rows are gone`] : []),
  ];
  return [`  counted anew, because nobody counted this then: ${parts.join('; ')}`];
}

function inForceText({ inForce, isInForce, inForceCount, openedCount }: Backtest): string[] {
  const opened =
    openedCount === 0
      ? 'no incident was opened for it'
      : `${countOf(openedCount, 'incident was', 'incidents were')} opened for it`;
  if (inForce === null) return ['  no objective like it is in force'];
  if (isInForce) return [`  it is in force as it is; ${opened}`];
  return [
    `  in force is ${inForce.name}: ${promiseText(inForce)}`,
    `  ${opened}; run over the same time it finds ${inForceCount === 0 ? 'none' : inForceCount}`,
  ];
}

const BAD_HEAD = { events: 'bad by then', scores: 'lost by then', drift: '', report: '' } as const;
const headOf = ({ judgedBy }: Objective): string[] => [
  'began',
  'found after',
  'lasted',
  'severity',
  BAD_HEAD[judgedBy],
];

function tableOf({ run, incidents, isInForce, inForce, openedCount }: Backtest): string[] {
  const head = headOf(run.objective);
  const comparesRun = inForce !== null && !isInForce;
  const rows = incidents.flatMap(({ incident, opened, inForce: found }) => {
    const beside = [
      ...(openedCount > 0 ? [besideText(incident, opened, 'none was opened')] : []),
      ...(comparesRun ? [besideText(incident, found, 'the one in force finds none')] : []),
    ];
    const [first = '', ...more] = beside;
    return [[...rowOf(run.objective, incident), first], ...more.map((text) => [...head.map(() => ''), text])];
  });
  return columns([[...head, ''], ...rows]);
}

const rowOf = (
  { judgedBy }: Objective,
  { startedAt, detectedAt, resolvedAt, priority, page, n, bad }: Found,
): string[] => [
  momentText(startedAt),
  durationText(detectedAt - startedAt),
  resolvedAt === null ? 'still open' : durationText(resolvedAt - startedAt),
  `P${priority}${page ? ' page' : ''}`,
  // Drift has no bad ones.
  judgedBy === 'drift' ? '' : `${bad.toLocaleString('en-GB')} of ${n.toLocaleString('en-GB')}`,
];

function besideText(incident: Found, other: Found | null, none: string): string {
  if (other === null) return none;
  const later = incident.detectedAt - other.detectedAt;
  const name = other.id ?? 'the one in force';
  return later === 0 ? `when ${name} was` : `${laterText(later)} than ${name}`;
}

function missedText(objective: Objective, missed: readonly Found[], what: string): string[] {
  if (missed.length === 0) return [];
  const rows = missed.map((one) => [...rowOf(objective, one), one.id ?? '']);
  return [`  ${what}`, ...columns([[...headOf(objective), ''], ...rows]).map((line) => `    ${line}`)];
}

/** The same for programs: times are RFC 3339, `soonerMs` is negative where it would have been later. */
export const backtestJson = ({ from, to, backtests }: Backtests): Record<string, unknown> => ({
  from: iso(millisOfMinute(from)),
  to: iso(millisOfMinute(to + 1)),
  backtests: backtests.map(({ run, inForce, isInForce, recount, incidents, missedOpened, missedInForce }) => {
    const { objective, minutes, n, bad } = run;
    return {
      objective: objective.name,
      service: objective.service,
      environment: objective.environment,
      measure: objective.measure,
      subject: objective.subject,
      target: objective.target,
      window: objective.window.text,
      minutes,
      n,
      bad,
      recount,
      isApproximate: recount !== null && recount.approximate + recount.leftOut > 0,
      inForce: inForce?.name ?? null,
      isInForce,
      incidents: incidents.map(comparedJson),
      missed: { opened: missedOpened.map(foundJson), inForce: missedInForce.map(foundJson) },
    };
  }),
});

const comparedJson = ({ incident, opened, inForce }: Compared): Record<string, unknown> => {
  const beside = (other: Found | null) =>
    other === null ? null : { ...foundJson(other), soonerMs: other.detectedAt - incident.detectedAt };
  return { ...foundJson(incident), opened: beside(opened), inForce: beside(inForce) };
};

const foundJson = ({ startedAt, detectedAt, resolvedAt, ...one }: Found): Record<string, unknown> => ({
  ...one,
  startedAt: iso(startedAt),
  detectedAt: iso(detectedAt),
  resolvedAt: resolvedAt === null ? null : iso(resolvedAt),
});
