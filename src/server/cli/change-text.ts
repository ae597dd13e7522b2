import { plainText } from '../../model/plain-text.ts';
import type {
  ChangeDetailJson,
  ChangeVerdictJson,
  ManagedChangeJson,
  RecordedChangeJson,
} from '../api/openapi/changes.ts';
import type { ListedChangeJson } from './changes.ts';
import { columns } from './words.ts';

const words = (code: string): string => code.replaceAll('_', ' ');
/** `2026-11-02 10:01`, UTC. */
const minute = (time: string): string => time.slice(0, 16).replace('T', ' ');
/** Lines that people wrote, each as one that can't turn the terminal around. */
const lines = (text: string): string[] => text.split('\n').map((line) => plainText(line, 8192));
const versions = ({ before, after }: Pick<ListedChangeJson, 'before' | 'after'>): string =>
  `${plainText(before?.id ?? '(none)', 64)} -> ${plainText(after?.id ?? '(none)', 64)}`;
const timeOf = (one: ListedChangeJson): string => (one.kind === null ? one.at : (one.startedAt ?? one.createdAt));

const HEADER = ['ID', 'SERVICE', 'KIND', 'STATE', 'RISK', 'WHAT', 'SINCE'];

/** A table, its header first. What was only told of has no kind, and no risk. */
export const changeRows = (changes: readonly ListedChangeJson[]): string[][] => [
  HEADER,
  ...changes.map((one) => [
    plainText(one.id, 256),
    plainText(one.service),
    one.kind ?? 'told of',
    plainText(words(one.state), 256),
    one.kind === null ? '' : (one.assessment?.risk ?? ''),
    `${words(one.type)} ${versions(one)}`,
    minute(timeOf(one)),
  ]),
];

/** How one stands, in one line: after a move. */
export const changeLine = ({ id, state, assessment }: ManagedChangeJson): string =>
  `${plainText(id, 256)} is ${words(state)}${assessment === null ? '' : `, risk ${assessment.risk}`}`;

/** All of one, for a terminal. @param verdict  of one that is watched */
export function changeText(
  change: ChangeDetailJson | RecordedChangeJson,
  verdict: ChangeVerdictJson | null = null,
): string {
  const where = change.environment === null ? '' : ` (${plainText(change.environment)})`;
  const head = `${plainText(change.id, 256)}  ${words(change.type)} ${versions(change)}`;
  const service = ['Service', `${plainText(change.service)}${where}`];
  if (change.kind === null)
    return [
      head,
      ...columns([service, ['Told of', `${minute(change.at)}, ${plainText(change.state, 256)}`]]),
      ...(change.description === null ? [] : lines(change.description)),
    ].join('\n');
  return [head, ...columns([service, ...aboutOf(change)]), ...restOf(change, verdict)].join('\n');
}

function aboutOf(change: ChangeDetailJson): string[][] {
  const { kind, state, requestedBy, unapproved, plannedStart, plannedEnd, startedAt, endedAt, rolledBack } = change;
  const span = (from: string | null, to: string | null): string =>
    `${from === null ? '?' : minute(from)} to ${to === null ? '?' : minute(to)}`;
  return [
    ['State', `${words(state)}${unapproved ? ', and nobody had approved it' : ''}`],
    ['Kind', kind],
    ['Asked for by', plainText(requestedBy.name ?? requestedBy.id, 256)],
    ...(plannedStart === null && plannedEnd === null ? [] : [['Planned', span(plannedStart, plannedEnd)]]),
    ...(startedAt === null ? [] : [['Made', `${span(startedAt, endedAt)}${rolledBack ? ', rolled back' : ''}`]]),
    ...Object.entries(change.externalRefs).map(([sink, name]) => [`In ${plainText(sink)}`, plainText(name, 64)]),
    ...(change.link === null ? [] : [['What differs', plainText(change.link, 2048)]]),
  ];
}

const VERDICTS = { approve: 'approved', rollback: 'to be rolled back', inconclusive: 'not decided yet' } as const;
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** How far the watch has come. */
function watchLines({ decision, notBefore, watchedUntil, objectives }: ChangeVerdictJson): string[] {
  const times = [
    ...(notBefore !== null && decision === 'inconclusive' ? [`approved not before ${minute(notBefore)}`] : []),
    ...(watchedUntil === null ? [] : [`the review is written at ${minute(watchedUntil)}`]),
  ];
  return [
    [`Watch: by what is promised ${VERDICTS[decision]}`, ...times].join(', '),
    ...objectives.map(
      (one) =>
        `  ${one.objective}: ${VERDICTS[one.decision]}, ${plainText(one.reason, 1024)}; ${percent(one.towardsApproval)} of the evidence for an approval, ${percent(one.towardsRollback)} of that for a rollback`,
    ),
  ];
}

function restOf(change: ChangeDetailJson, verdict: ChangeVerdictJson | null): string[] {
  const { assessment, evidence, conflicts, approvals, review, incidents, timeline, moves } = change;
  const said = [
    ['Why', change.justification],
    ['Way back', change.rollbackPlan],
  ].flatMap(([name, text]) => (text == null ? [] : [`${name}: ${lines(text).join(' ')}`]));
  return [
    ...(change.description === null ? [] : lines(change.description)),
    ...said,
    ...(assessment === null
      ? []
      : [`Risk ${assessment.risk}: ${assessment.reasons.map((one) => plainText(one, 512)).join('; ')}`]),
    ...evidence.map(({ run, n, low, high }) => `Evaluated: ${plainText(run, 256)}, n ${n}, ${low} to ${high}`),
    ...conflicts.map(({ text }) => `Conflict: ${plainText(text, 1024)}`),
    ...approvals.map(({ by, at, reference }) => {
      const who = plainText(by.name ?? by.id, 256);
      return `Approved: ${minute(at)}, by ${who}${reference === null ? '' : ` as ${plainText(reference, 256)}`}`;
    }),
    ...(incidents.length === 0 ? [] : [`Incidents of the new version: ${incidents.join(', ')}`]),
    ...(verdict === null ? [] : watchLines(verdict)),
    ...(review === null
      ? []
      : [`Review: ${words(review.signed?.result ?? review.result)}. ${plainText(review.text, 8192)}`]),
    'Timeline:',
    ...timeline.flatMap(({ at, by, event, text }) => {
      const [first = '', ...more] = lines(text);
      const who = plainText(by.name ?? by.id, 256);
      return [`  ${minute(at)}  ${words(event)}, by ${who}: ${first}`, ...more.map((line) => `    ${line}`)];
    }),
    `Possible now: ${moves.length === 0 ? 'nothing, for whoever asks' : moves.join(', ')}`,
  ];
}
