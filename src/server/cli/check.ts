import { durationText } from '../../catalog/objectives.ts';
import { isBudgeted, type Objective } from '../../objectives/objective.ts';
import { loadConfiguration } from '../config/load.ts';
import { formatProblems } from '../config/problem.ts';
import type { Configuration } from '../plimsoll.ts';
import { type Detection, detectionOf, detectionText } from './detection.ts';
import { type Traffic, trafficOf } from './traffic.ts';

/** Validates files, and says what each objective can detect and how fast. 0: usable. 3: not. */
export function checkCommand(files: readonly string[], json: boolean): number {
  const results = files.map((file) => ({ file, result: loadConfiguration(file) }));
  const isUsable = results.every(({ result }) => result.ok);
  if (json) {
    console.log(
      JSON.stringify({
        ok: isUsable,
        files: results.map(({ file, result }) => ({
          file,
          ok: result.ok,
          problems: result.ok ? [] : result.problems,
          warnings: result.ok ? result.warnings : [],
          detection: result.ok ? detections(trafficOf(result.configuration)) : [],
        })),
      }),
    );
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

const detections = ({ objectives, eventsPerMinute }: Traffic): Detection[] =>
  objectives.filter(isBudgeted).map((objective) => detectionOf(objective, eventsPerMinute.get(objective.name)));

/** What was read, and how long each objective needs to see what. */
function describe(file: string, configuration: Configuration, files: number): string {
  const { services, objectives } = configuration;
  const traffic = trafficOf(configuration);
  const lines = [
    `${file}: usable (${files === 1 ? '1 file' : `${files} files`}, ${services.length} services, ${objectives.length} objectives)`,
  ];
  if (traffic.fault !== null) lines.push(`  traffic is supposed, because the store can't be read: ${traffic.fault}`);
  for (const { name, measure, service, target, window } of objectives) {
    const judged = traffic.objectives.find((one) => one.name === name);
    const declared = window.type === 'rolling' ? durationText(window.ms) : `calendar ${window.unit}`;
    const promise = target?.share ?? (judged === undefined ? 'no target' : promiseText(judged));
    lines.push(`  ${name}: ${measure.type} of ${service}, ${promise} over ${judged?.window.text ?? declared}`);
    if (judged === undefined) lines.push('    not judged in this version');
    else if (!isBudgeted(judged)) lines.push(`    ${withoutBudgetText(judged)}`);
    else
      for (const line of detectionText(judged, detectionOf(judged, traffic.eventsPerMinute.get(name))))
        lines.push(`    ${line}`);
  }
  return lines.join('\n');
}

/** Of an objective without an error budget: what decides about it. */
export const withoutBudgetText = ({ incidentsBy, judgedBy, guarantee }: Objective): string =>
  judgedBy === 'drift'
    ? `decided by the drift detector, once its baseline of 7 days and 20000 events is there; ${guarantee}`
    : `reported only: ${incidentsBy === null ? 'it opens no incidents' : `incidents are opened by ${incidentsBy}`}`;

/** What is promised without a target in the file: a limit, or the share that holds when none is written. */
export function promiseText({ target, direction, measure, subject }: Objective): string {
  if (target === null) return 'no target';
  if (direction === 'at_least') return String(target);
  return `at most ${target}${measure === 'cost_per_day' ? ` ${subject}` : ''}`;
}
