import type { Actor } from '../model/incident.ts';
import { logTime } from '../model/log-time.ts';
import type { ProblemClose, ProblemRecord, ProblemState, RootCause } from '../model/problem.ts';
import { type Millis, timeText } from '../model/time.ts';

/** What people do to a problem. */
export type ProblemMove =
  /** Somebody looks at it. */
  | { readonly type: 'assess'; readonly reason?: string | undefined }
  /** The cause is being looked for. */
  | { readonly type: 'analyse'; readonly reason?: string | undefined }
  /** A person says what the cause is. */
  | {
      readonly type: 'confirm';
      readonly cause: RootCause;
      readonly slice?: string | null | undefined;
      readonly reason: string;
    }
  | { readonly type: 'workaround'; readonly text: string }
  /** The cause is being mended. */
  | { readonly type: 'fix'; readonly change?: string | null | undefined; readonly notes?: string | undefined }
  | { readonly type: 'resolve'; readonly notes: string }
  /** The fix has failed. */
  | { readonly type: 'reopen'; readonly reason: string }
  /** The fix has held. */
  | { readonly type: 'close'; readonly reason?: string | undefined }
  /** Nothing is mended: somebody bears the risk until then. */
  | { readonly type: 'accept'; readonly until: Millis; readonly reason: string }
  | { readonly type: 'duplicate'; readonly of: string; readonly reason?: string | undefined }
  | { readonly type: 'cancel'; readonly reason: string }
  | { readonly type: 'link'; readonly incident: string; readonly reason?: string | undefined }
  | { readonly type: 'unlink'; readonly incident: string; readonly reason: string }
  | { readonly type: 'note'; readonly text: string };

/** Names of moves that end it as somebody decides who may approve. */
export const CLOSING = ['close', 'accept'] as const satisfies readonly ProblemMove['type'][];

const ABOUT_IT = ['workaround', 'link', 'unlink', 'duplicate', 'cancel', 'note'] as const;

/** What may be done in each state (docs/guide/problems.md). */
const MOVES: Readonly<Record<ProblemState, readonly ProblemMove['type'][]>> = {
  new: ['assess', ...ABOUT_IT],
  assess: ['analyse', 'confirm', 'accept', ...ABOUT_IT],
  root_cause_analysis: ['confirm', 'fix', 'accept', ...ABOUT_IT],
  fix_in_progress: ['confirm', 'fix', 'resolve', 'accept', ...ABOUT_IT],
  resolved: ['reopen', 'close', 'workaround', 'link', 'unlink', 'note'],
  closed: ['note'],
};

export const legalProblemMoves = (state: ProblemState): readonly ProblemMove['type'][] => MOVES[state];

/** A move that is not possible as things stand, and says which are, or what is missing; or that could never be. */
export interface ProblemRefused {
  readonly refused: true;
  /** What of the move can't be so whatever state the problem is in; null: it is the state, or what belongs to it. */
  readonly field: 'until' | 'of' | null;
  readonly state: ProblemState;
  readonly legal: readonly ProblemMove['type'][];
  readonly why: string;
}

export type ProblemMoved = { readonly refused: false; readonly problem: ProblemRecord } | ProblemRefused;

/** The cause is documented by a person after it was looked for, and there is something that helps. */
const isKnownError = ({ state, closedAs, causeConfirmedBy, workaround }: ProblemRecord): boolean =>
  causeConfirmedBy !== null &&
  workaround !== null &&
  state !== 'new' &&
  state !== 'assess' &&
  closedAs !== 'duplicate' &&
  closedAs !== 'canceled';

/** @param now  clock, ms */
export function moveProblem(problem: ProblemRecord, step: ProblemMove, by: Actor, now: Millis): ProblemMoved {
  const at = logTime(problem, now);
  const refusal = refusalOf(problem, step, at);
  if (refusal !== null) return { refused: true, state: problem.state, legal: MOVES[problem.state], ...refusal };
  const done = (event: string, text: string, change: Partial<ProblemRecord> = {}): ProblemMoved => {
    const next = { ...problem, ...change, timeline: [...problem.timeline, { at, by, event, text }] };
    // What was known stays known when it is mended: the record says how it was.
    return { refused: false, problem: { ...next, knownError: isKnownError(next) } };
  };
  const closed = (as: ProblemClose, event: string, text: string, change: Partial<ProblemRecord> = {}): ProblemMoved =>
    done(event, text, { state: 'closed', closedAt: at, closedAs: as, ...change });
  switch (step.type) {
    case 'assess':
      return done('assess', because('it is being assessed', step), { state: 'assess' });
    case 'analyse':
      return done('analyse', because('the cause is being looked for', step), { state: 'root_cause_analysis' });
    case 'confirm': {
      const slice = step.slice === undefined ? problem.proposed.slice : step.slice;
      return done('confirm', `cause: ${step.cause}${slice === null ? '' : `, ${slice}`}: ${step.reason}`, {
        rootCauseCategory: step.cause,
        rootCauseSlice: slice,
        causeConfirmedBy: { by, at, reason: step.reason },
        // Who knows the cause has looked for it.
        state: problem.state === 'assess' ? 'root_cause_analysis' : problem.state,
      });
    }
    case 'workaround':
      return done('workaround', step.text, { workaround: step.text });
    case 'fix': {
      const change = step.change ?? problem.fixChange;
      const notes = step.notes === undefined ? '' : `: ${step.notes}`;
      return done('fix', `${change === null ? 'a fix is on its way' : `to be mended by ${change}`}${notes}`, {
        state: 'fix_in_progress',
        fixChange: change,
      });
    }
    case 'resolve':
      return done('resolve', step.notes, { state: 'resolved', resolvedAt: at });
    case 'reopen':
      return done('reopen', `the fix has failed: ${step.reason}`, { state: 'fix_in_progress', resolvedAt: null });
    case 'close':
      return closed('fix_applied', 'close', because('the fix has held', step));
    case 'accept':
      return closed('risk_accepted', 'accept', `the risk is borne until ${timeText(step.until)}: ${step.reason}`, {
        riskAcceptance: { by, at, reason: step.reason, until: step.until },
      });
    case 'duplicate':
      return closed('duplicate', 'duplicate', because(`the same as ${step.of}`, step), { duplicateOf: step.of });
    case 'cancel':
      return closed('canceled', 'cancel', step.reason);
    case 'link':
      return done('link', because(`${step.incident} belongs to it`, step), {
        incidents: inOrder([...problem.incidents, step.incident]),
        unlinked: problem.unlinked.filter((id) => id !== step.incident),
      });
    case 'unlink':
      return done('unlink', `${step.incident} does not belong to it: ${step.reason}`, {
        incidents: problem.incidents.filter((id) => id !== step.incident),
        unlinked: inOrder([...problem.unlinked, step.incident]),
      });
    case 'note':
      return done('note', step.text);
  }
}

const because = (text: string, { reason }: { readonly reason?: string | undefined }): string =>
  reason === undefined ? text : `${text}: ${reason}`;

/** Why a move is not possible; null: it is. */
function refusalOf(
  problem: ProblemRecord,
  step: ProblemMove,
  at: Millis,
): Pick<ProblemRefused, 'field' | 'why'> | null {
  const { id, state, incidents, causeConfirmedBy } = problem;
  const refused = (why: string, field: ProblemRefused['field'] = null) => ({ field, why });
  if (!MOVES[state].includes(step.type))
    return refused(
      `${id} is ${state}: ${step.type} is not possible, ${MOVES[state].join(', ')} ${MOVES[state].length === 1 ? 'is' : 'are'}`,
    );
  if (step.type === 'fix' && causeConfirmedBy === null)
    return refused(`${id} has no confirmed cause: say first with confirm what it is, unknown included`);
  if (step.type === 'accept' && step.until <= at) return refused('a risk is borne until a time in the future', 'until');
  if (step.type === 'duplicate' && step.of === id) return refused(`${id} is no duplicate of itself`, 'of');
  if (step.type === 'link' && incidents.includes(step.incident))
    return refused(`${step.incident} belongs to ${id} already`);
  if (step.type === 'unlink' && !incidents.includes(step.incident))
    return refused(`${step.incident} does not belong to ${id}`);
  if (step.type === 'unlink' && incidents.length === 1)
    return refused(`${step.incident} is all that ${id} is about: cancel the problem instead`);
  return null;
}

/** Incidents by their numbers. */
export const inOrder = (ids: readonly string[]): string[] =>
  [...new Set(ids)].sort((a, b) => Number(a.slice(4)) - Number(b.slice(4)));

/** Whether incidents alike still belong to it: it is not over, or somebody bears the risk of more of them. */
export const isCurrent = ({ state, riskAcceptance }: ProblemRecord, now: Millis): boolean =>
  state !== 'closed' || (riskAcceptance !== null && riskAcceptance.until > now);
