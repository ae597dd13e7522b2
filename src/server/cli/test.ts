import { relative } from 'node:path';
import { type ConfigProblem, fileProblem, formatProblems } from '../config/problem.ts';
import { readText } from '../config/read-text.ts';
import { parseScenarios } from '../scenarios/parse.ts';
import { play } from '../scenarios/play.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import { type Failure, failuresOf } from '../scenarios/verdicts.ts';
import { countOf } from './words.ts';

interface Tested {
  readonly scenario: Scenario;
  readonly failures: readonly Failure[];
  readonly ms: number;
}

/** Plays scenario files. 0: all is as expected. 1: something is not. 2: a file can't be read; then nothing is played. */
export async function testCommand(files: readonly string[], json: boolean): Promise<number> {
  const scenarios: Scenario[] = [];
  const problems: ConfigProblem[] = [];
  for (const file of files) {
    const read = readScenarios(file);
    if (read.ok) scenarios.push(...read.scenarios);
    else problems.push(...read.problems);
  }
  if (problems.length > 0) {
    if (json) console.log(JSON.stringify({ ok: false, problems, scenarios: [] }));
    else console.error(`${formatProblems(problems)}\n${countOf(problems.length, 'mistake')}: nothing was played`);
    return 2;
  }
  const tested: Tested[] = [];
  for (const scenario of scenarios) {
    const began = performance.now();
    const failures = failuresOf(await play(scenario));
    tested.push({ scenario, failures, ms: performance.now() - began });
    if (!json) console.log(resultText(tested.at(-1)!));
  }
  const failed = tested.filter(({ failures }) => failures.length > 0).length;
  if (json) console.log(JSON.stringify({ ok: failed === 0, problems: [], scenarios: tested.map(resultJson) }));
  else
    console.log(
      `\n${countOf(tested.length, 'scenario')}, ${failed === 0 ? 'all as expected' : `${failed} not as expected`}`,
    );
  return failed === 0 ? 0 : 1;
}

function readScenarios(file: string): ReturnType<typeof parseScenarios> {
  const read = readText(file);
  return 'text' in read
    ? parseScenarios(file, read.text)
    : { ok: false, problems: [fileProblem(file, read.fault, 'PLIM_SCENARIO_UNREADABLE')] };
}

function resultText({ scenario, failures, ms }: Tested): string {
  const { file, title } = scenario;
  if (failures.length === 0) return `ok    ${shown(file)}  ${title}  (${Math.ceil(ms)} ms)`;
  return [
    `FAIL  ${shown(file)}  ${title}`,
    ...failures.map(
      ({ line, tick, expected, found }) =>
        `      ${shown(file)}:${line}  tick ${tick}: expected "${expected}", but ${found}`,
    ),
  ].join('\n');
}

const resultJson = ({ scenario, failures, ms }: Tested): Record<string, unknown> => ({
  file: scenario.file,
  line: scenario.line,
  title: scenario.title,
  ok: failures.length === 0,
  failures,
  ms: Math.round(ms * 1000) / 1000,
});

/** As people typed it, or from where they stand. */
function shown(file: string): string {
  const short = relative(process.cwd(), file);
  return short.startsWith('..') || short === '' ? file : short;
}
