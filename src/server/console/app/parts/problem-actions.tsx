import type { ProblemDetailJson } from '../api.ts';
import { PROBLEM_ACTIONS } from '../logic/problem-actions.ts';
import { Moves } from './moves.tsx';

/** What whoever looks may do to a problem now. */
export const ProblemActions = ({ problem: { id, moves } }: { problem: ProblemDetailJson }) => (
  <Moves
    path={`/problems/${encodeURIComponent(id)}`}
    actions={PROBLEM_ACTIONS}
    offered={Object.keys(PROBLEM_ACTIONS).filter((move) => moves.includes(move))}
    none="What is done to problems is for responders. You may look."
  />
);
