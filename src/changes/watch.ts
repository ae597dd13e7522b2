import { newcombe } from '../measures/difference.ts';
import type { ChangeFinding, ChangeRecord, ReviewResult } from '../model/change.ts';
import { DAY_MS, type Millis } from '../model/time.ts';
import { type Arm, changeReview, eventsToApprove } from './review.ts';

/** The chance of ever approving what loses the margin, and of ever rolling back for nothing, over all promises together. */
export const WATCH_ALPHA = 0.05;
/** The largest loss that is put up with: as much as the promise allows to be bad, and not more than this. */
const MARGIN_MAX = 0.05;
export const marginOf = (q0: number): number => Math.min(q0, MARGIN_MAX);

/** What is known of one promise of the service on both sides of a change. */
export interface WatchedPromise {
  readonly objective: string;
  readonly q0: number;
  readonly compared: ChangeFinding['compared'];
  readonly before: Arm;
  readonly after: Arm;
  /** So late most of its labels come; 0 of what is known at once. */
  readonly labelDelay: Millis;
  /** Why it can't be judged; null: it can. */
  readonly unknown: string | null;
  /** What to know of the comparison; null: nothing. */
  readonly note: string | null;
}

export interface ChangeVerdict {
  readonly decision: ChangeFinding['decision'];
  readonly reason: string;
  /** Of an approval, and of a rollback of a change that loses less than the margin. */
  readonly error: number;
  readonly findings: readonly ChangeFinding[];
}

/**
 * What the promises of a service say of a change. It is approved when every one of them shows that it loses less than the margin, and not
 * before a day, or twice the usual delay of the labels, has passed; it is to be rolled back when one of them shows that it loses more,
 * at alpha over the number of promises. As many looks as one likes.
 * @param elapsed  since the change began
 * @see statistics of intersection-union tests: Berger (1982), Technometrics 24:295-300
 */
export function watchVerdict(promises: readonly WatchedPromise[], elapsed: Millis): ChangeVerdict {
  const findings = promises.map((one) => findingOf(one, elapsed, promises.length));
  const error = WATCH_ALPHA;
  const of = (decision: ChangeFinding['decision']): string =>
    findings
      .filter((one) => one.decision === decision)
      .map(({ objective, reason }) => `${objective}: ${reason}`)
      .join('; ');
  if (findings.length === 0)
    return { decision: 'inconclusive', reason: 'the service promises nothing that could be compared', error, findings };
  if (findings.some(({ decision }) => decision === 'rollback'))
    return { decision: 'rollback', reason: of('rollback'), error, findings };
  if (findings.every(({ decision }) => decision === 'approve'))
    return { decision: 'approve', reason: of('approve'), error, findings };
  return { decision: 'inconclusive', reason: of('inconclusive'), error, findings };
}

function findingOf(promise: WatchedPromise, elapsed: Millis, promises: number): ChangeFinding {
  const { objective, q0, compared, before, after, labelDelay, unknown, note } = promise;
  const margin = marginOf(q0);
  const difference = newcombe(after.good, after.n, before.good, before.n);
  const { lnNotWorse, lnWorse } = changeReview(after, before, margin, WATCH_ALPHA);
  const progress = {
    towardsApproval: shareOfWay(lnNotWorse, WATCH_ALPHA),
    towardsRollback: shareOfWay(lnWorse, WATCH_ALPHA / promises),
  };
  const minimum = Math.max(DAY_MS, 2 * labelDelay);
  const said = (decision: ChangeFinding['decision'], reason: string): ChangeFinding => ({
    objective,
    compared,
    decision,
    before,
    after,
    difference,
    margin,
    ...progress,
    eventsNeeded: eventsToApprove(before.n === 0 ? 1 - q0 : before.good / before.n, margin, WATCH_ALPHA),
    minimumMs: minimum,
    reason: note === null ? reason : `${reason} (${note})`,
  });
  if (unknown !== null) return said('inconclusive', unknown);
  const shares = `${percent(after)} good of ${after.n} after, ${percent(before)} of ${before.n} before`;
  if (lnWorse >= Math.log(promises / WATCH_ALPHA))
    return said('rollback', `loses more than ${points(margin)}: ${shares}`);
  if (lnNotWorse < Math.log(1 / WATCH_ALPHA))
    return said('inconclusive', `not decided whether it loses ${points(margin)}: ${shares}`);
  if (elapsed < minimum)
    return said('inconclusive', `no loss so far, watched for less than ${Math.round(minimum / DAY_MS)} d: ${shares}`);
  return said('approve', `loses less than ${points(margin)}: ${shares}`);
}

/** Of the evidence that is needed; 0 as long as there is more against it than for it. */
const shareOfWay = (ln: number, alpha: number): number => Math.min(1, Math.max(0, ln / Math.log(1 / alpha)));

const percent = ({ n, good }: Arm): string => (n === 0 ? 'none' : `${Math.round((1000 * good) / n) / 10} %`);
const points = (margin: number): string => {
  const rounded = Math.round(margin * 1000) / 10;
  return `${rounded} ${rounded === 1 ? 'point' : 'points'}`;
};

/** What a post-implementation review says at the end of the watch. */
export function reviewResult(
  { rolledBack, incidents }: Pick<ChangeRecord, 'rolledBack' | 'incidents'>,
  { decision }: Pick<ChangeVerdict, 'decision'>,
): ReviewResult {
  if (rolledBack || decision === 'rollback') return 'unsuccessful';
  if (decision === 'inconclusive') return incidents.length > 0 ? 'successful_with_issues' : 'inconclusive';
  return incidents.length > 0 ? 'successful_with_issues' : 'successful';
}

/** The same in words, for whoever signs it. */
export function reviewText(change: ChangeRecord, verdict: ChangeVerdict): string {
  const { incidents, rolledBack } = change;
  return [
    rolledBack ? 'It was rolled back.' : null,
    incidents.length > 0 ? `Incidents of the new version: ${incidents.join(', ')}.` : 'No incident of the new version.',
    `${{ approve: 'Nothing is worse', rollback: 'It is worse', inconclusive: 'Not decided' }[verdict.decision]}: ${verdict.reason}.`,
  ]
    .filter((part) => part !== null)
    .join(' ');
}
