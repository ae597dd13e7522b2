import type { Objective } from '../../objectives/objective.ts';
import { isBudgeted } from '../../objectives/objective.ts';
import { loadConfiguration } from '../config/load.ts';
import { formatProblems } from '../config/problem.ts';
import type { Configuration } from '../plimsoll.ts';
import { type Detection, detectionOf } from './detection.ts';
import { budgetText, detectionText } from './detection-text.ts';
import { eventPartOf } from './event-part.ts';
import { type Traffic, trafficOf } from './traffic.ts';
import { type WithoutBudget, withoutBudgetOf, withoutBudgetText } from './without-budget.ts';
import { countOf } from './words.ts';

/** Validates files, and says what each objective can detect and how fast. 0: usable. 3: not. */
export function checkCommand(files: readonly string[], json: boolean): number {
  const results = files.map((file) => ({ file, result: loadConfiguration(file) }));
  const isUsable = results.every(({ result }) => result.ok);
  if (json) {
    const described = results.map(({ file, result }) => ({
      file,
      ok: result.ok,
      problems: result.ok ? [] : result.problems,
      warnings: result.ok ? result.warnings : [],
      ...(result.ok ? detectable(result.configuration) : { detection: [], withoutBudget: [] }),
    }));
    console.log(JSON.stringify({ ok: isUsable, files: described }));
  } else
    for (const { file, result } of results) {
      if (!result.ok) console.error(formatProblems(result.problems));
      else {
        if (result.warnings.length > 0) console.error(formatProblems(result.warnings));
        console.log(describe(file, result.configuration, result.files.length));
      }
    }
  return isUsable ? 0 : 3;
}

const detections = ({ objectives, eventsPerMinute, states }: Traffic, { deployment }: Configuration): Detection[] =>
  objectives.filter(isBudgeted).map((objective) =>
    detectionOf(objective, {
      eventsPerMinute: eventsPerMinute.get(objective.name),
      eventPart: eventPartOf(states.get(objective.name) ?? null),
      falseIncidentsPer30Days: deployment.falseIncidents.per30Days,
    }),
  );

const withoutBudgets = (
  { objectives, eventsPerMinute, states }: Traffic,
  { deployment }: Configuration,
): WithoutBudget[] =>
  objectives.flatMap(
    (objective) =>
      withoutBudgetOf(objective, {
        eventsPerMinute: eventsPerMinute.get(objective.name),
        state: states.get(objective.name) ?? null,
        falseIncidentsPer30Days: deployment.falseIncidents.per30Days,
      }) ?? [],
  );

function detectable(configuration: Configuration): Record<string, unknown> {
  const traffic = trafficOf(configuration);
  return {
    detection: detections(traffic, configuration),
    withoutBudget: withoutBudgets(traffic, configuration),
  };
}

/** What was read, and how long each objective needs to see what. */
function describe(file: string, configuration: Configuration, files: number): string {
  const { services, objectives, deployment } = configuration;
  const traffic = trafficOf(configuration);
  const known = detections(traffic, configuration);
  const others = withoutBudgets(traffic, configuration);
  const lines = [
    `${file}: usable (${countOf(files, 'file')}, ${countOf(services.length, 'service')}, ${countOf(objectives.length, 'objective')})`,
  ];
  if (traffic.fault !== null) lines.push(`  traffic is supposed, because the store can't be read: ${traffic.fault}`);
  for (const { name, measure, service, target } of objectives) {
    const judged = traffic.objectives.find((one) => one.name === name)!;
    const promise = target?.share ?? promiseText(judged);
    lines.push('', `  ${name}: ${measure.type} of ${service}, ${promise} over ${judged.window.text}`);
    if (!isBudgeted(judged)) {
      const one = others.find(({ objective }) => objective === name)!;
      for (const line of withoutBudgetText(one)) lines.push(`    ${line}`);
    } else {
      const detection = known.find((one) => one.objective === name)!;
      for (const line of detectionText(judged.q0, detection)) lines.push(`    ${line}`);
    }
  }
  const closing = budgetText(deployment.falseIncidents.per30Days, known, others);
  if (objectives.length > 0 && deployment.sinks.length === 0)
    closing.push('Nobody is told of incidents: spec.sinks is empty. They are in the console and the API alone.');
  return [...lines, ...(closing.length === 0 ? [] : ['', ...closing.map((line) => `  ${line}`)])].join('\n');
}

/** What is promised without a target in the file: a limit, or the share that holds when none is written. */
export function promiseText({ target, direction, measure, subject }: Objective): string {
  if (target === null) return 'no target';
  if (direction === 'at_least') return String(target);
  return `at most ${target}${measure === 'cost_per_day' ? ` ${subject}` : ''}`;
}
