import { Router } from 'express';
import { z } from 'zod';
import { type FindingSources, findingsOf, type UnjudgedEvaluation } from '../../catalog/findings.ts';
import { listsAnything } from '../../catalog/standing.ts';
import { availability } from '../../measures/availability.ts';
import { durationHistogram } from '../../measures/durations.ts';
import { firstTokenHistogram } from '../../measures/first-token.ts';
import { satisfaction } from '../../measures/satisfaction.ts';
import { type CallCoverage, coverageRatio } from '../../model/call-metrics.ts';
import type { Service } from '../../model/config/service.ts';
import type { Code } from '../../model/dictionary.ts';
import { type Estimate, estimateToJson } from '../../model/estimate.ts';
import { hexOfId } from '../../model/ids.ts';
import { isOpen } from '../../model/incident.ts';
import { type CountedService, countedKey, parseCountedKey, parseEvaluationKey } from '../../model/names.ts';
import type { ServiceIdentity } from '../../model/span.ts';
import { DAY_MS, HOUR_MS, iso, type Millis, millisOfMinute } from '../../model/time.ts';
import type { Objective } from '../../objectives/objective.ts';
import { STEPS, type Step } from '../../store/reader.ts';
import { failedEntriesSince } from '../../store/sqlite/failed-entries.ts';
import { EVENT_CLOCK } from '../../tally/book.ts';
import { COUNT } from '../../tally/counters.ts';
import { countOf } from '../../tally/exponential.ts';
import { count, sum, type Tally } from '../../tally/group.ts';
import { mayFor } from '../access/guard.ts';
import { besideReader } from './beside.ts';
import type { ApiContext } from './context.ts';
import { approvedFor, componentsOf, componentToJson, inventoryFindings, recordedBy } from './inventory.ts';
import { judgeDriftOf } from './judge-drift.ts';
import { maturedAsOfNow, responseOf, tooLateIn } from './late-measures.ts';
import { type Line, readOf } from './line.ts';
import { monitoringGapsOf } from './monitoring-gap.ts';
import { objectiveToJson } from './objectives.ts';
import { badRequest, notFound, unknownService } from './problem.ts';
import { environment, listPaging, pageOf, range, readQuery } from './query.ts';
import { addAt } from './sums.ts';
import { newestOf, tracesOf } from './traces-of-components.ts';
import { trustLines } from './trust-lines.ts';
import { unmatchedOf } from './unmatched.ts';
import { costToJson, quantilesToJson, tokensToJson } from './used.ts';

const STEP_NAMES = { '1m': 'minute', '1h': 'hour', '1d': 'day' } as const;
/** Points one answer holds at most. */
const POINTS_MAX = 20_000;
/** Of an unregistered service, for traces that show it. */
const UNREGISTERED_LOOKED_THROUGH = 20;
/** Traces named by a finding. */
const EXAMPLES_MAX = 5;

/** Services as configuration items, and what was measured of them. */
export function serviceRoutes(context: ApiContext): Router {
  const router = Router();
  router.get('/services', async (request, response) => {
    const query = readQuery({ ...environment, ...listPaging }, request.query);
    const wanted = allServices(context).filter(
      (one) => mayFor(response, 'read', one.name) && isIn(context, one, query.environment),
    );
    const { page, next } = pageOf(wanted, query);
    const services = await Promise.all(page.map((one) => serviceToJson(context, one, false)));
    response.json({ services, ...next });
  });
  router.get('/services/:name', async (request, response) => {
    const query = readQuery({ ...environment }, request.query);
    const [one] = servicesNamed(context, request.params.name, query.environment);
    response.json(await serviceToJson(context, one!, true));
  });
  router.get('/services/:name/measures', (request, response) => {
    const query = readQuery(
      { ...range, ...environment, step: z.enum(['1m', '1h', '1d']).default('1h') },
      request.query,
    );
    const to = query.to ?? context.now();
    const from = query.from ?? to - DAY_MS;
    const step = STEP_NAMES[query.step];
    if ((to - from) / 60_000 / STEPS[step] > POINTS_MAX)
      throw badRequest(
        `from, to and step ask for more than ${POINTS_MAX} points: choose a longer step (1h, 1d) or a shorter time`,
      );
    response.json(measuresOf(context, request.params.name, query.environment, from, to, step));
  });
  return router;
}

/** A file without an environment is for each that no other file names: it is in those that it was heard of in. */
function isIn(context: ApiContext, counted: CountedService, environment: string | undefined): boolean {
  if (environment === undefined || counted.environment === environment) return true;
  return (
    counted.environment === '' &&
    resourcesOf(context, counted).some(([, resource]) => resource.environment === environment)
  );
}

/** Those of a name, in the environment that is asked for. @throws not found when there is none */
export function servicesNamed(context: ApiContext, name: string, environment: string | undefined): CountedService[] {
  const services = allServices(context).filter((one) => one.name === name && isIn(context, one, environment));
  if (services.length === 0) throw notFound(unknownService(name));
  return services;
}

const resourcesOf = ({ plans, catalog }: ApiContext, counted: CountedService): [Code, ServiceIdentity][] =>
  [...plans.resources].filter(([, identity]) => {
    const found = catalog.countedFor(identity);
    return found.name === counted.name && found.environment === counted.environment;
  });

/** Declared services, those of which the API alone was told, then those that telemetry alone knows. */
export function allServices({ catalog, register, reader, dictionary }: ApiContext): CountedService[] {
  const declared = [...catalog.services, ...register.alone].map(({ name, environment }) => ({ name, environment }));
  const seen = reader.countedServices().flatMap((code) => parseCountedKey(dictionary.text(code)) ?? []);
  return [
    ...declared,
    ...seen.filter(
      (one) => !declared.some((known) => known.name === one.name && known.environment === one.environment),
    ),
  ];
}

async function serviceToJson(
  context: ApiContext,
  counted: CountedService,
  whole: boolean,
): Promise<Record<string, unknown>> {
  const { catalog, dictionary, judge, book } = context;
  const declared = catalog.byName(counted.name, counted.environment);
  const item = declared ?? context.register.aloneNamed(counted);
  const environment = counted.environment === '' ? null : counted.environment;
  const objectives = judge
    .readings()
    .filter(({ objective }) => objective.service === counted.name && objective.environment === environment);
  const resources = resourcesOf(context, counted);
  const instrumentations = resources
    .flatMap(([code]) => context.instrumentationsOf(code))
    .filter(({ lastSeen }) => lastSeen > context.now() - DAY_MS);
  const callCoverage = coverageOf(
    context,
    counted,
    resources.map(([code]) => code),
  );
  const components = whole || (item !== null && listsAnything(item)) ? componentsOf(context, counted, whole) : [];
  const approved = await approvedFor(context, item, components);
  const inventory = await inventoryFindings(context, counted, item, components, approved, whole);
  return {
    name: counted.name,
    displayName: item?.displayName ?? counted.name,
    environment,
    declared: declared !== null,
    recordedBy: recordedBy(context, counted),
    owner: item?.owner ?? null,
    supportGroup: item?.supportGroup ?? null,
    criticality: item?.criticality ?? null,
    tier: item?.tier ?? null,
    riskClass: item?.euAiAct.riskClass ?? null,
    verdict: worst(objectives.map(({ reading }) => reading?.verdict ?? 'insufficient_evidence')),
    objectives: objectives.map(({ objective, reading }) => objectiveToJson(context, objective, reading)),
    openIncidents: book.incidents
      .filter((one) => isOpen(one) && one.service === counted.name && one.environment === environment)
      .map((one) => ({ id: one.id, title: one.title, priority: one.priority, state: one.state })),
    findings: findingsOf(item, {
      resources: resources.map(([, identity]) => identity),
      instrumentations,
      callCoverage,
      unjudged: unjudgedOf(context, counted),
      unmatched: unmatchedOf(context, ({ service }) => service === counted.name),
      failedRequests: failedRequestsOf(
        context,
        resources.map(([code]) => code),
      ),
      configuredAt: context.startedAt,
      firstSeen: item === null ? firstSeen(context, counted) : null,
      traffic: item === null ? trafficOf(context, counted, whole) : null,
    })
      .concat(declared === null ? [] : judgeDriftOf(context, declared, dictionary.code(countedKey(counted))))
      .concat(inventory)
      .concat(monitoringGapsOf(context, dictionary.code(countedKey(counted)), objectives))
      .map((finding) => ({ ...finding, since: iso(finding.since) })),
    callCoverage: callCoverage === null ? null : coverageToJson(callCoverage),
    ...(whole && { seen: components.map((one) => componentToJson(item, one, approved)) }),
    ...(whole && item !== null ? declaredParts(item) : {}),
  };
}

const coverageOf = (
  { callCoverages, dictionary, judge }: ApiContext,
  counted: CountedService,
  resources: readonly Code[],
): CallCoverage | null => callCoverages.of(dictionary.code(countedKey(counted)), resources, judge.horizon);

const coverageToJson = ({ from, to, weight: _, ...counts }: CallCoverage): Record<string, unknown> => ({
  from: iso(from),
  to: iso(to),
  ...counts,
  coverage: coverageRatio(counts),
});

function unjudgedOf({ reader, dictionary }: ApiContext, counted: CountedService): UnjudgedEvaluation[] {
  return reader.unjudgedEvaluations(dictionary.code(countedKey(counted))).flatMap(({ evaluation, reason, since }) => {
    const name = parseEvaluationKey(dictionary.text(evaluation));
    return name === null ? [] : [{ ...name, reason, since: millisOfMinute(since) }];
  });
}

function failedRequestsOf({ reader, now }: ApiContext, resources: readonly Code[]): FindingSources['failedRequests'] {
  const { n, traces } = failedEntriesSince(reader.db, resources, (now() - DAY_MS) / 100, EXAMPLES_MAX);
  return { n, traces: traces.map(hexOfId) };
}

/** What an unregistered service was asked in the last day. @param whole  with traces that show it */
function trafficOf(context: ApiContext, counted: CountedService, whole: boolean): FindingSources['traffic'] {
  const { reader, dictionary, now } = context;
  const hour = Math.floor(now() / HOUR_MS);
  const hours = reader.series('hour', EVENT_CLOCK, dictionary.code(countedKey(counted)), hour - 23, hour);
  const lastDay = [...hours].reduce((total, { tally }) => total + count(tally, COUNT), 0);
  return { lastDay, traces: whole ? tracesOf(newestOf(context, counted, UNREGISTERED_LOOKED_THROUGH)) : [] };
}

function firstSeen({ reader, dictionary }: ApiContext, counted: CountedService): Millis | null {
  const minute = reader.firstMinute(dictionary.code(countedKey(counted)));
  return minute === null ? null : millisOfMinute(minute);
}

const declaredParts = (service: Service): Record<string, unknown> => ({
  description: service.description,
  intendedPurpose: service.intendedPurpose,
  lifecycle: service.lifecycle,
  evidence: service.evidence,
  confirmed: service.confirmed,
  euAiAct: service.euAiAct,
  models: service.models,
  prompts: service.prompts,
  vectorStores: service.vectorStores,
  tools: service.tools,
  agents: service.agents,
  guardrails: service.guardrails,
  dependsOn: service.dependsOn,
  slices: service.slices,
  evaluations: service.evaluations,
  links: { trace: service.links.trace, runbook: service.links.runbook, dashboard: service.links.dashboard },
});

const ORDER = ['breached', 'at_risk', 'insufficient_evidence', 'met'] as const;
/** The verdict that a service is shown with; without promises there is nothing that could be met. */
const worst = (verdicts: readonly string[]): string =>
  ORDER.find((verdict) => verdicts.includes(verdict)) ?? 'insufficient_evidence';

/** What is read of slices, and what is made of others, is not read of a tally. */
const isDrawable = ({ judgedBy, estimator, slices }: Objective): boolean =>
  slices === undefined && (estimator !== undefined || judgedBy === 'events');

const lineOf = ({ name, measure, subject, variant, method, proxy, events, estimator }: Objective): Line => ({
  ...readOf(events, estimator),
  objectives: [name],
  head: { measure, subject, method, proxy },
  variant,
  ...(measure === 'cost_per_day' ? { step: 'day' } : {}),
});

const keyOf = ({ head, variant }: Line): string => JSON.stringify([head.measure, head.subject, variant]);

/** Each measure once, with all objectives on it: as the first of them has it. */
function together(lines: readonly Line[]): Line[] {
  return [...Map.groupBy(lines, keyOf).values()].map((same) => ({
    ...same[0]!,
    objectives: [...new Set(same.flatMap(({ objectives = [] }) => objectives))],
  }));
}

/** What is drawn of a service: the measures of its objectives, as far as they can be read of a tally; availability and satisfaction. */
function linesOf(context: ApiContext, counted: Code): Line[] {
  const lines = context
    .objectives()
    .filter((one) => one.counted === counted && isDrawable(one))
    .map(lineOf);
  const standard: Line[] = [
    {
      head: { measure: 'availability', subject: null, method: 'spans', proxy: false },
      ...readOf(availability()),
    },
    {
      head: { measure: 'satisfaction', subject: null, method: 'feedback', proxy: false },
      ...readOf(satisfaction),
    },
  ];
  const more = standard.filter((one) => !lines.some((line) => keyOf(line) === keyOf(one)));
  const isDrawn = ({ head }: Line): boolean =>
    lines.some((one) => one.head.measure === head.measure && one.head.subject === head.subject);
  return [...lines, ...more, ...trustLines(context, counted).filter((one) => !isDrawn(one))];
}

/** Of the prices by which these services' costs are counted. */
export const currenciesOf = ({ plans, catalog }: ApiContext, services: readonly CountedService[]): string[] => [
  ...new Set(services.map(({ name, environment }) => plans.pricesOf(catalog.byName(name, environment)).currency)),
];

function measuresOf(
  context: ApiContext,
  name: string,
  environment: string | undefined,
  from: number,
  to: number,
  step: Step,
): Record<string, unknown> {
  const { dictionary, reader } = context;
  const services = servicesNamed(context, name, environment);
  const length = STEPS[step];
  const first = Math.ceil(from / 60_000 / length);
  const last = Math.ceil(to / 60_000 / length) - 1;
  const tallies = new Map<number, Tally>();
  const codes = services.map((one) => dictionary.code(countedKey(one)));
  for (const code of codes)
    for (const { at, tally } of reader.series(step, EVENT_CLOCK, code, first, last)) addAt(tallies, at, tally);
  const points = [...tallies].sort(([a], [b]) => a - b);
  const steps = points.map(([at, tally]) => ({ at: millisOfMinute(at * length), tally }));
  const lines = together(codes.flatMap((code) => linesOf(context, code)));
  const all = sum(tallies.values());
  const known = lines.filter((line) => (line.isKnownIn?.(all) ?? true) && (line.step ?? step) === step);
  return {
    measures: known.map(({ head, objectives, partsOf, beside, late }) => {
      const maturedIn = late === undefined ? null : maturedAsOfNow(context, codes, late);
      const besideAt = beside === undefined ? null : besideReader(reader, codes, beside, step, first, last);
      const asked = { step, first, last };
      return {
        measure: head.measure,
        subject: head.subject,
        objectives,
        ...(late !== undefined && {
          ...responseOf(context, head, codes, late, all, asked),
          tooLate: tooLateIn(context, codes, late, asked),
        }),
        points: points.map(([at, tally]) => {
          const start = millisOfMinute(at * length);
          const window = { from: start, to: start + length * 60_000 };
          const { why: _, ...parts } = partsOf(tally, length, besideAt?.(at));
          const estimate: Estimate = { ...head, ...parts, ...maturedIn?.(tally, window), window };
          return { at: iso(start), estimate: estimateToJson(estimate) };
        }),
      };
    }),
    latency: steps.map(({ at, tally }) => ({
      at: iso(at),
      n: count(tally, COUNT),
      ...quantilesToJson(durationHistogram(tally)),
    })),
    timeToFirstToken: steps.flatMap(({ at, tally }) => {
      const histogram = firstTokenHistogram(tally);
      const n = countOf(histogram);
      return n === 0 ? [] : [{ at: iso(at), n, ...quantilesToJson(histogram) }];
    }),
    tokens: tokensToJson(steps),
    cost: costToJson(steps, currenciesOf(context, services)),
  };
}
