import type { ProblemMove } from '../../problems/lifecycle.ts';
import type { ProblemDetailJson, ProblemInfoJson, ProblemTrendJson } from '../api/openapi/problems.ts';
import { problemLine, problemRows, problemText, trendText } from './problem-text.ts';
import { type RecordOptions, SHOWN_MAX, tellAnswer } from './records.ts';
import { columns } from './words.ts';

/** Which problems. */
export interface ProblemFilter {
  readonly state?: string | undefined;
  readonly service?: string | undefined;
  readonly environment?: string | undefined;
}

/** What is said with a move, by the names of the API. */
export interface ProblemSaid {
  readonly reason?: string | undefined;
  readonly person?: string | undefined;
  readonly cause?: string | undefined;
  readonly slice?: string | undefined;
  readonly text?: string | undefined;
  readonly notes?: string | undefined;
  readonly change?: string | undefined;
  readonly until?: string | undefined;
  readonly of?: string | undefined;
  readonly incident?: string | undefined;
}

const PROBLEMS = '/problems';
const pathOf = (id: string): string => `${PROBLEMS}/${encodeURIComponent(id)}`;

/** Newest first. */
export const listProblemsCommand = (options: RecordOptions, filter: ProblemFilter): Promise<number> =>
  tellAnswer(
    options,
    async (running) => ({
      problems: await running.list<ProblemInfoJson>(PROBLEMS, 'problems', { ...filter }, SHOWN_MAX),
    }),
    ({ problems }) =>
      problems.length === 0 ? `no problem${stateText(filter)}` : columns(problemRows(problems)).join('\n'),
  );

const stateText = ({ state }: ProblemFilter): string =>
  state === undefined ? '' : ` is ${state.replaceAll('_', ' ')}`;

/** One problem: what it is about, what speaks for which cause, what helps, what was done and what may be. */
export const showProblemCommand = (options: RecordOptions, id: string): Promise<number> =>
  tellAnswer(options, (running) => running.get<ProblemDetailJson>(pathOf(id)), problemText);

/** Does to a problem what a person asks for. Where that is not possible now, what is possible is said. */
export const moveProblemCommand = (
  options: RecordOptions,
  id: string,
  move: ProblemMove['type'],
  said: ProblemSaid,
): Promise<number> =>
  tellAnswer(options, (running) => running.ask<ProblemInfoJson>('POST', `${pathOf(id)}/${move}`, said), problemLine);

/** Opens a problem about incidents of one service. */
export const openProblemCommand = (
  options: RecordOptions,
  wanted: {
    readonly title: string;
    readonly incidents: readonly string[];
    readonly reason: string;
    readonly category?: string | undefined;
    readonly person?: string | undefined;
  },
): Promise<number> =>
  tellAnswer(options, (running) => running.ask<ProblemInfoJson>('POST', PROBLEMS, wanted), problemLine);

/** Incidents by category, service and cause, month by month. */
export const problemTrendCommand = (
  options: RecordOptions,
  filter: Omit<ProblemFilter, 'state'> & { readonly from?: string | undefined; readonly to?: string | undefined },
): Promise<number> =>
  tellAnswer(options, (running) => running.get<ProblemTrendJson>(`${PROBLEMS}/trend`, { ...filter }), trendText);
