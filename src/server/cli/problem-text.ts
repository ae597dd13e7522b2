import { plainText } from '../../model/plain-text.ts';
import type { ProblemDetailJson, ProblemInfoJson, ProblemTrendJson } from '../api/openapi/problems.ts';
import { columns, countOf } from './words.ts';

const words = (code: string): string => code.replaceAll('_', ' ');
/** `2026-11-02 10:01`, UTC. */
const minute = (time: string): string => time.slice(0, 16).replace('T', ' ');
/** Lines that people wrote, each as one that can't turn the terminal around. */
const lines = (text: string): string[] => text.split('\n').map((line) => plainText(line, 8192));

type Caused = Pick<ProblemInfoJson, 'rootCauseCategory' | 'proposed'>;
const causeOf = ({ rootCauseCategory, proposed }: Caused): string =>
  rootCauseCategory === null ? `${words(proposed.category)} (proposed)` : words(rootCauseCategory);

const HEADER = ['ID', 'STATE', 'SERVICE', 'INCIDENTS', 'CAUSE', 'KNOWN ERROR', 'OPENED', 'TITLE'];

/** A table, its header first. */
export const problemRows = (problems: readonly ProblemInfoJson[]): string[][] => [
  HEADER,
  ...problems.map((one) => [
    one.id,
    words(one.closedAs ?? one.state),
    plainText(one.service),
    String(one.incidents.length),
    causeOf(one),
    one.knownError ? 'yes' : 'no',
    minute(one.openedAt),
    plainText(one.title, 120),
  ]),
];

/** How one stands, in one line: after a move. */
export const problemLine = (problem: ProblemInfoJson): string => {
  const { id, state, closedAs, incidents, knownError } = problem;
  const how = closedAs === null ? words(state) : `closed as ${words(closedAs)}`;
  return `${id} is ${how}: ${countOf(incidents.length, 'incident')}, cause ${causeOf(problem)}${knownError ? ', known error' : ''}`;
};

/** All of one, for a terminal. */
export function problemText(problem: ProblemDetailJson): string {
  const { workaround, evidence, incidents, timeline, moves, fixChange, riskAcceptance, duplicateOf } = problem;
  const where = problem.environment === null ? '' : ` (${plainText(problem.environment)})`;
  const about = [
    ['Service', `${plainText(problem.service)}${where}`],
    ['State', words(problem.closedAs === null ? problem.state : `closed as ${problem.closedAs}`)],
    ['Filed under', problem.category],
    [
      'Opened',
      `${minute(problem.openedAt)}, by ${problem.rule === 'person' ? 'a person' : `the rule ${words(problem.rule)}`}`,
    ],
    ['First seen', minute(problem.firstSeen)],
    ...(fixChange === null ? [] : [['Mended by', plainText(fixChange, 256)]]),
    ...(duplicateOf === null ? [] : [['Same as', duplicateOf]]),
    ...(riskAcceptance === null
      ? []
      : [['Risk borne', `until ${minute(riskAcceptance.until)}: ${plainText(riskAcceptance.reason, 8192)}`]]),
  ];
  return [
    `${problem.id}  ${plainText(problem.title, 256)}${problem.knownError ? '  [known error]' : ''}`,
    ...columns(about),
    ...(workaround === null ? [] : ['What helps:', ...lines(workaround).map((line) => `  ${line}`)]),
    `Cause: ${causeText(problem)}`,
    ...evidence.map((one) => `  ${one.incident ?? 'somebody'}: ${plainText(one.text, 1024)}`),
    'Incidents:',
    ...columns(
      incidents.map((one) => [`  ${one.id}`, `P${one.priority}`, words(one.state), plainText(one.title, 160)]),
    ),
    'Timeline:',
    ...timeline.flatMap(({ at, by, event, text }) => {
      const [first = '', ...more] = lines(text);
      const who = plainText(by.name ?? by.id, 256);
      return [`  ${minute(at)}  ${event}, by ${who}: ${first}`, ...more.map((line) => `    ${line}`)];
    }),
    `Possible now: ${moves.length === 0 ? 'nothing, for whoever asks' : moves.join(', ')}`,
  ].join('\n');
}

function causeText(problem: ProblemDetailJson): string {
  const { proposed, rootCauseCategory, rootCauseSlice, causeConfirmedBy } = problem;
  if (rootCauseCategory === null || causeConfirmedBy === null)
    return proposed.category === 'unknown'
      ? 'nothing that is known speaks for one'
      : `${words(proposed.category)}, as ${proposed.incidents} of ${countOf(proposed.of, 'incident')} speak for; nobody has confirmed it`;
  const slice = rootCauseSlice === null ? '' : ` (${plainText(rootCauseSlice, 256)})`;
  const who = plainText(causeConfirmedBy.by.name ?? causeConfirmedBy.by.id, 256);
  return `${words(rootCauseCategory)}${slice}, says ${who}: ${plainText(causeConfirmedBy.reason, 8192)}`;
}

/** Month by month: how many, what most of them were, where, and why. */
export function trendText({ months }: ProblemTrendJson): string {
  const some = months.filter(
    ({ incidents, problemsOpened, problemsClosed }) => incidents + problemsOpened + problemsClosed > 0,
  );
  if (some.length === 0) return 'no incidents in that time';
  return some
    .flatMap((month) => [
      `${month.month}: ${countOf(month.incidents, 'incident')}, ${month.withProblem} of a problem; problems opened ${month.problemsOpened}, closed ${month.problemsClosed}`,
      ...listed(
        'category',
        month.byCategory.map(({ category, incidents }) => [category, incidents]),
      ),
      ...listed(
        'service',
        month.byService.map(({ service, incidents }) => [plainText(service), incidents]),
      ),
      ...listed(
        'cause',
        month.byCause.map(({ cause, incidents, confirmed }) => [
          cause === null
            ? 'of no problem'
            : `${words(cause)}${confirmed === incidents ? '' : ` (${confirmed} confirmed)`}`,
          incidents,
        ]),
      ),
    ])
    .join('\n');
}

const listed = (heading: string, counts: readonly (readonly [string, number])[]): string[] =>
  counts.length === 0 ? [] : [`  by ${heading}: ${counts.map(([name, n]) => `${name} ${n}`).join(', ')}`];
