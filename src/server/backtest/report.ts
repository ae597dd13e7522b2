import { durationText } from '../../model/duration-text.ts';
import { iso, millisOfMinute } from '../../model/time.ts';
import type { Objective } from '../../objectives/objective.ts';
import { columns, countOf, laterText, minuteText, momentText, percentText } from '../cli/words.ts';
import type { Backtest, Backtests } from './backtest.ts';
import type { Compared, Found } from './compare.ts';

/** What it found, for people. */
export const backtestText = ({ from, to, backtests, passedOver }: Backtests): string =>
  [
    `${minuteText(from)} to ${minuteText(to + 1)} UTC, ${durationText((to - from + 1) * 60_000)}`,
    ...backtests.flatMap((one) => ['', ...textOf(one)]),
    ...(passedOver.length === 0 ? [] : ['', `not run, because they have no error budget: ${passedOver.join(', ')}`]),
  ].join('\n');

function textOf(backtest: Backtest): string[] {
  const { run, incidents, missedOpened, missedInForce } = backtest;
  const { objective, minutes, n, bad } = run;
  const lines = [`${objective.name}: ${promiseText(objective)}`];
  if (n === 0) return [...lines, '  nothing was counted in this time', ...missedText(missedOpened, 'was opened then:')];
  lines.push(
    `  ${countOf(minutes, 'minute')} with ${countOf(n, 'event')}, ${percentText(bad / n)} of them bad`,
    ...recountText(backtest),
    ...inForceText(backtest),
    `  it would have opened ${incidents.length === 0 ? 'no incident' : countOf(incidents.length, 'incident')}${incidents.length === 0 ? '' : ':'}`,
  );
  if (incidents.length > 0) lines.push(...tableOf(backtest).map((line) => `    ${line}`));
  lines.push(
    ...missedText(missedOpened, 'was opened, and would not have been:'),
    ...missedText(missedInForce, 'the one in force finds, and this one does not:'),
  );
  return lines;
}

const promiseText = ({ measure, subject, service, environment, target, window }: Objective): string =>
  `${measure}${subject === null ? '' : ` (${subject})`} of ${service}${environment === null ? '' : ` in ${environment}`}, ${target} over ${window.text}`;

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

const HEAD = ['began', 'found after', 'lasted', 'severity', 'bad by then'];

function tableOf({ incidents, isInForce, inForce, openedCount }: Backtest): string[] {
  const comparesRun = inForce !== null && !isInForce;
  const rows = incidents.flatMap(({ incident, opened, inForce: found }) => {
    const beside = [
      ...(openedCount > 0 ? [besideText(incident, opened, 'none was opened')] : []),
      ...(comparesRun ? [besideText(incident, found, 'the one in force finds none')] : []),
    ];
    const [first = '', ...more] = beside;
    return [[...rowOf(incident), first], ...more.map((text) => [...HEAD.map(() => ''), text])];
  });
  return columns([[...HEAD, ''], ...rows]);
}

const rowOf = ({ startedAt, detectedAt, resolvedAt, priority, page, n, bad }: Found): string[] => [
  momentText(startedAt),
  durationText(detectedAt - startedAt),
  resolvedAt === null ? 'still open' : durationText(resolvedAt - startedAt),
  `P${priority}${page ? ' page' : ''}`,
  `${bad.toLocaleString('en-GB')} of ${n.toLocaleString('en-GB')}`,
];

function besideText(incident: Found, other: Found | null, none: string): string {
  if (other === null) return none;
  const later = incident.detectedAt - other.detectedAt;
  const name = other.id ?? 'the one in force';
  return later === 0 ? `when ${name} was` : `${laterText(later)} than ${name}`;
}

function missedText(missed: readonly Found[], what: string): string[] {
  if (missed.length === 0) return [];
  const rows = missed.map((one) => [...rowOf(one), one.id ?? '']);
  return [`  ${what}`, ...columns([[...HEAD, ''], ...rows]).map((line) => `    ${line}`)];
}

/** The same for programs: times are RFC 3339, `soonerMs` is negative where it would have been later. */
export const backtestJson = ({ from, to, backtests, passedOver }: Backtests): Record<string, unknown> => ({
  from: iso(millisOfMinute(from)),
  to: iso(millisOfMinute(to + 1)),
  passedOver,
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
