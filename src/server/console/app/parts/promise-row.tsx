import { nearText } from '../../../../model/statistic-text.ts';
import type { ObjectiveJson } from '../api.ts';
import { budgetText } from '../logic/format.ts';
import { placeOfIncident, placeOfObjective } from '../logic/places.ts';
import { estimatePieces, promiseName, promiseTerms, smallestChangeText } from '../logic/promise.ts';
import { Link } from '../router.tsx';
import { LoadLine } from './load-line.tsx';
import { VerdictTag } from './verdict.tsx';

/** One promise: what, how it stands, by which numbers; and, where there is room, what of a worsening would be found. */
export function PromiseRow({
  promise,
  saysWhatIsFound = false,
}: {
  promise: ObjectiveJson;
  saysWhatIsFound?: boolean;
}) {
  const { value, interval, count, coverage, youth } = estimatePieces(promise.estimate, promise.target);
  const smallest = saysWhatIsFound ? smallestChangeText(promise.detector) : null;
  return (
    <li class={`promise ${promise.verdict}`} id={promise.name}>
      <div class="promise-what">
        <h4>
          <Link to={placeOfObjective(promise.name)}>{promiseName(promise)}</Link>
        </h4>
        <p class="terms">
          <abbr title={KINDS[promise.kind] ?? promise.kind}>{promise.kind}</abbr> {promiseTerms(promise)}
        </p>
        {smallest !== null && <p class="terms">{smallest}</p>}
      </div>
      <div class="promise-figure">
        <LoadLine promise={promise} pennant={promise.budget?.burn ?? null} />
      </div>
      <div class="promise-numbers">
        <p>
          <strong class="number">{value}</strong> {interval !== null && <span class="interval">{interval}</span>}
        </p>
        <p class="terms">
          {count}
          {coverage !== null && `, ${coverage}`}
          {promise.budget !== null && promise.verdict !== 'insufficient_evidence' && (
            <span class="budget">{budgetText(promise.budget.remaining)}</span>
          )}
        </p>
        {youth !== null && <p class="terms">{youth}</p>}
      </div>
      <div class="promise-verdict">
        <VerdictTag verdict={promise.verdict} />
        <Evidence promise={promise} />
        {promise.incident !== null ? (
          <p class="terms">
            <Link to={placeOfIncident(promise.incident)}>{promise.incident}</Link>
          </p>
        ) : (
          <p class="terms">{reasonOf(promise)}</p>
        )}
      </div>
    </li>
  );
}

const KINDS: Readonly<Record<string, string>> = {
  SLA: 'Service level agreement: what was contracted',
  SLO: 'Service level objective: what the team aims for',
  XLA: 'Experience level agreement: what people experience',
};

/** Below this the evidence is that of any quiet day. */
const EVIDENCE_SHOWN = 0.5;

/** How far the evidence for a breach has come: an alarm is at the end. */
function Evidence({ promise }: { promise: ObjectiveJson }) {
  const evidence = promise.detector?.evidence ?? 0;
  if (promise.verdict === 'breached' || evidence < EVIDENCE_SHOWN) return null;
  return (
    <svg class="evidence" width="100%" height="5" aria-hidden="true">
      <line class="keel" x1="0" x2="100%" y1="2.5" y2="2.5" />
      <rect class="amount" x="0" y="0" width={`${(100 * Math.min(1, evidence)).toFixed(1)}%`} height="5" />
    </svg>
  );
}

/** Why it stands so, and how far the evidence has come once it has come somewhere. */
function reasonOf({ verdict, reason, detector, stale }: ObjectiveJson): string {
  const evidence = detector?.evidence ?? 0;
  const isSaid = verdict === 'breached' || evidence < EVIDENCE_SHOWN || reason?.includes('evidence') === true;
  return [stale ? 'no traffic for an hour' : null, reason, isSaid ? null : nearText(evidence)]
    .filter((part) => part !== null)
    .join('; ');
}
