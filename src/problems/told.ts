import type { ProblemRecord, ProblemTransition } from '../model/problem.ts';

/** By the entry of its timeline, where that alone says it. */
const BY_EVENT: Readonly<Record<string, ProblemTransition>> = {
  open: 'opened',
  again: 'recurred',
  resolve: 'resolved',
  reopen: 'reopened',
  close: 'closed',
  accept: 'closed',
  duplicate: 'closed',
  cancel: 'closed',
};

/**
 * What has happened to a problem, as destinations are told.
 * @param event  the last entry of its timeline
 * @param before  as it was; null: it was not there, or what it is known by stays the same
 */
export const problemTransition = (
  event: string,
  { knownError }: Pick<ProblemRecord, 'knownError'>,
  before: Pick<ProblemRecord, 'knownError'> | null,
): ProblemTransition =>
  BY_EVENT[event] ?? (knownError && before !== null && !before.knownError ? 'known_error' : 'updated');
