import { durationText, isJudged } from '../../catalog/objectives.ts';
import { belongsTo } from '../../catalog/plan-book.ts';
import { eventsToDetect } from '../../objectives/detectability.ts';
import { alarmThreshold } from '../../objectives/e-detector.ts';
import { loadConfiguration } from '../config/load.ts';
import { formatProblems } from '../config/problem.ts';
import type { Configuration } from '../plimsoll.ts';

/** Validates files. 0: usable. 3: not. */
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

/** What was read, and how many events each objective needs to see what. */
function describe(file: string, { deployment, services, objectives }: Configuration, files: number): string {
  const lines = [
    `${file}: usable (${files === 1 ? '1 file' : `${files} files`}, ${services.length} services, ${objectives.length} objectives)`,
  ];
  const judged = objectives.filter(isJudged);
  const weights = new Map(
    judged
      .filter(({ alert }) => alert.detector !== 'burn_rate')
      .map((objective) => [
        objective,
        5 - (services.find((service) => belongsTo(objective, service))?.criticality ?? 3),
      ]),
  );
  const total = [...weights.values()].reduce((sum, weight) => sum + weight, 0);
  for (const objective of objectives) {
    const weight = weights.get(objective);
    const window =
      objective.window.type === 'rolling' ? durationText(objective.window.ms) : `calendar ${objective.window.unit}`;
    const head = `  ${objective.name}: ${objective.measure.type} of ${objective.service}, ${objective.target?.share ?? 'no target'} over ${window}`;
    if (!judged.includes(objective)) lines.push(`${head}; not judged in this version`);
    else if (weight === undefined || objective.target === null)
      lines.push(`${head}; burn-rate rules, outside of the budget of false incidents`);
    else {
      const { q0 } = objective.target;
      const threshold = alarmThreshold(deployment.falseIncidents.per30Days, weight / total);
      const events = (burn: number): string => `${Math.ceil(eventsToDetect(q0, threshold, burn))}`;
      const most = 1 / q0;
      const parts = [`an outage shows after about ${events(most)} events`];
      if (most > 10) parts.push(`a 10x burn after ${events(10)}`);
      parts.push(`a 2x burn after ${events(2)}`);
      lines.push(`${head}; ${parts.join(', ')}`);
    }
  }
  return lines.join('\n');
}
