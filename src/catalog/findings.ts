import { blindnessOf } from '../model/blind-instrumentations.ts';
import type { CallCoverage } from '../model/call-metrics.ts';
import type { Service } from '../model/config/service.ts';
import { durationText } from '../model/duration-text.ts';
import type { SeenInstrumentation } from '../model/instrumentation.ts';
import type { EvaluationName } from '../model/names.ts';
import type { ServiceIdentity } from '../model/span.ts';
import { iso, type Millis } from '../model/time.ts';
import { UNDECLARED_MAX } from './catalog.ts';

/** Something about a service that should not be so, with what shows it. */
export interface Finding {
  readonly kind:
    | 'unregistered_service'
    | 'missing_owner'
    | 'undeclared_component'
    | 'unapproved_version'
    | 'retiring_model'
    | 'record_overdue'
    | 'record_conflict'
    | 'mixed_environments'
    | 'failures_invisible'
    | 'other_services'
    | 'spans_missing'
    | 'evaluation_not_judged'
    | 'feedback_unmatched'
    | 'judge_drift'
    | 'monitoring_gap'
    | 'configuration_refused';
  /** As far as is known. */
  readonly since: Millis;
  readonly detail: string;
  readonly evidence: Readonly<Record<string, unknown>>;
}

const EXAMPLES_MAX = 10;

/** Scores that are stored and judged by nobody. */
export interface UnjudgedEvaluation extends EvaluationName {
  /** The service's file gives it no scale, or there were scores outside of it. */
  readonly reason: 'unmapped' | 'out_of_scale';
  readonly since: Millis;
}

/** Feedback, evaluations and labels that have waited in vain for their interaction. */
export interface Unmatched {
  readonly count: number;
  /** When the first of them came. */
  readonly since: Millis;
  /** How long they waited. */
  readonly waitMs: Millis;
  /** Ids that some of them name. */
  readonly examples: readonly Readonly<Record<string, unknown>>[];
}

/** What the findings of a service rest on. */
export interface FindingSources {
  /** Identities in telemetry that are counted under the service. */
  readonly resources: readonly ServiceIdentity[];
  readonly unjudged: readonly UnjudgedEvaluation[];
  /** Those that name the service. */
  readonly unmatched: Unmatched | null;
  /** Libraries that have sent its AI spans of late. */
  readonly instrumentations: readonly SeenInstrumentation[];
  /** Calls in metrics against calls as spans; null when no metric counts calls. */
  readonly callCoverage: CallCoverage | null;
  /** Requests of the last day that failed and left no AI span, on routes whose libraries send none then. */
  readonly failedRequests: { readonly n: number; readonly traces: readonly string[] };
  /** When the configuration was read. */
  readonly configuredAt: Millis;
  /** When the service was first heard of; null: never. */
  readonly firstSeen: Millis | null;
  /** Interactions of the last day, of a service that nobody has registered, and some of their traces; null: it is registered. */
  readonly traffic?: { readonly lastDay: number; readonly traces: readonly string[] } | null | undefined;
}

export function findingsOf(
  service: Service | null,
  {
    resources,
    unjudged,
    unmatched,
    instrumentations,
    callCoverage,
    failedRequests,
    configuredAt,
    firstSeen,
    traffic = null,
  }: FindingSources,
): Finding[] {
  const findings: Finding[] = [];
  const environments = [...new Set(resources.map((resource) => resource.environment))].sort();
  const names = [...new Set(resources.map(({ name }) => name))];
  if (service === null && names.length > 1)
    findings.push({
      kind: 'other_services',
      since: firstSeen ?? configuredAt,
      detail: `${names.length} services that no file declares are counted together, beyond the first ${UNDECLARED_MAX}: write files for those that matter`,
      evidence: { services: names.length, examples: names.slice(0, EXAMPLES_MAX) },
    });
  else if (service === null)
    findings.push({
      kind: 'unregistered_service',
      since: firstSeen ?? configuredAt,
      detail: `no file declares this service: it has no owner and no promises${traffic === null ? '' : `; ${traffic.lastDay} ${traffic.lastDay === 1 ? 'interaction' : 'interactions'} in the last day`}. What to do: plimsoll adopt writes its file, or say over the API who answers for it`,
      evidence: {
        resources,
        firstSeen: firstSeen === null ? null : iso(firstSeen),
        lastDay: traffic?.lastDay ?? null,
        traces: traffic?.traces ?? [],
      },
    });
  if (service !== null && service.owner === null)
    findings.push({
      kind: 'missing_owner',
      since: configuredAt,
      detail: `nobody is accountable: write spec.owner in the file of ${service.name}`,
      evidence: {},
    });
  if (service !== null && service.environment === '' && environments.length > 1)
    findings.push({
      kind: 'mixed_environments',
      since: configuredAt,
      detail: `${environments.length} environments are counted together: write a file for each, with environment: and its name`,
      evidence: { environments },
    });
  for (const { reason, since, ...evaluation } of unjudged) {
    const scale = service?.evaluations[evaluation.name];
    if (reason === 'unmapped' ? scale !== undefined : scale === undefined) continue;
    findings.push({
      kind: 'evaluation_not_judged',
      since,
      detail:
        scale === undefined
          ? `scores of ${evaluation.name} are stored and not judged: write its scale under spec.evaluations of the service's file`
          : `scores of ${evaluation.name} outside of ${scale.low}..${scale.high} are stored and not judged: correct its scale, or the evaluator`,
      evidence: { ...evaluation, reason },
    });
  }
  const { n, traces } = failedRequests;
  const since = firstSeen ?? configuredAt;
  const counted =
    n === 0 ? '' : ` In the last day ${n} failed without any AI span: they count as failed by their own spans.`;
  const blindness = blindnessOf(instrumentations);
  for (const { blind, seen } of blindness)
    findings.push({
      kind: 'failures_invisible',
      since,
      detail: `availability may look better than it is: with ${blind.package} (found in ${blind.versions}) ${blind.hides}.${counted} What to do: ${blind.remedy}`,
      evidence: {
        package: blind.package,
        instrumentations: seen.map(({ scope, version }) => ({ scope, version: version || null })),
        failedRequests: n,
        traces,
      },
    });
  if (n > 0 && blindness.length === 0)
    findings.push({
      kind: 'failures_invisible',
      since,
      detail: `requests fail and leave no AI span.${counted}`,
      evidence: { package: null, instrumentations: [], failedRequests: n, traces },
    });
  if (callCoverage !== null && lacksSpans(callCoverage)) findings.push(spansMissing(callCoverage));
  if (unmatched !== null) findings.push(unmatchedFinding(unmatched));
  return findings;
}

/** Fewer than these of the calls came: what lies above is taken for the ends of the window. */
const COVERAGE_MIN = 0.9;
/** So many standard deviations of a count of calls, sampled or not, are no chance. */
const DEVIATIONS = 3;

function lacksSpans({ inMetrics, asSpans, weight }: CallCoverage): boolean {
  const missing = inMetrics - asSpans;
  return asSpans < COVERAGE_MIN * inMetrics && missing > DEVIATIONS * Math.sqrt(inMetrics * weight);
}

const spansMissing = (coverage: CallCoverage): Finding => ({
  kind: 'spans_missing',
  since: coverage.from,
  detail:
    `metrics know of ${coverage.inMetrics} calls of models, ${coverage.asSpans} came as spans: what is measured rests on a part of the traffic. ` +
    "What to do: look at the log of the span exporter and at its queue (OTEL_BSP_MAX_QUEUE_SIZE), and at samplers, which have to write their threshold into the spans' trace state",
  evidence: { ...coverage, from: iso(coverage.from), to: iso(coverage.to) },
});

/** Ratings that no interaction was found for: nobody else would ever notice that they are not counted. */
export function unmatchedFinding({ count, since, waitMs, examples }: Unmatched): Finding {
  const [name, value] = Object.entries(examples[0] ?? {})[0] ?? [];
  const example = name === undefined ? '' : `, for example the one with ${name} ${value}`;
  return {
    kind: 'feedback_unmatched',
    since,
    detail: `${count === 1 ? '1 rating has' : `${count} ratings have`} found no interaction within ${durationText(waitMs)}, so that nothing counts ${count === 1 ? 'it' : 'them'}${example}. What to do: send the id of the answer itself (its trace, its response, or your own id that a span of it carries), and see that its spans arrive here: GET /api/v1/interactions/{traceId} shows what is known of a trace`,
    evidence: { count, examples },
  };
}
