import { dirname, resolve } from 'node:path';
import { API_VERSION } from '../../model/config/document.ts';
import type { Objective } from '../../model/config/objective.ts';
import { Service } from '../../model/config/service.ts';
import { minuteOf, parseDuration } from '../../model/time.ts';
import { momentOf } from '../cli/moments.ts';
import { checkFalseIncidents } from '../config/cross-checks.ts';
import { loadConfiguration } from '../config/load.ts';
import { suggestion } from '../config/nearest.ts';
import type { ConfigProblem } from '../config/problem.ts';
import { LineError, Words } from './line.ts';
import { parseExpectations } from './parse-expectation.ts';
import { parseObjective } from './parse-objective.ts';
import { parseTraffic, type TrafficDefaults } from './parse-traffic.ts';
import { membersOf, PLAYABLE_HINT, unplayable } from './playable.ts';
import { type Expectation, evaluationsIn, type Scenario, type Traffic } from './scenario.ts';

export type Parsed =
  | { readonly ok: true; readonly scenarios: readonly Scenario[] }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] };

const STATEMENTS = [
  'scenario',
  'start',
  'false',
  'service',
  'objective',
  'objectives',
  'minutes',
  'minute',
  'tick',
  'ticks',
] as const;
/** A Monday. */
const DEFAULT_START = minuteOf(Date.parse('2026-01-05T00:00:00Z'));
const MONTH_MS = parseDuration('30d')!;
/** An answer of which nothing is said takes so long, or half of the shortest limit. */
const OK_MS = 500;

interface Line {
  readonly number: number;
  readonly keyword: (typeof STATEMENTS)[number];
  /** What follows the keyword, and its column. */
  readonly rest: string;
  readonly column: number;
}

/** Reads a scenario file: all that is wrong with it at once, each with its line. @param file  as it is shown; files it names are relative to it */
export function parseScenarios(file: string, text: string): Parsed {
  const problems: ConfigProblem[] = [];
  const attempt = <T>(read: () => T): T | null => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof LineError)) throw error;
      problems.push(error.problem);
      return null;
    }
  };
  const blocks: Line[][] = [];
  for (const [i, raw] of text.split(/\r?\n/).entries()) {
    const line = attempt(() => lineOf(file, i + 1, raw));
    if (line === null) continue;
    if (line.keyword === 'scenario') blocks.push([line]);
    else if (blocks.length > 0) blocks.at(-1)!.push(line);
    else
      attempt(() => {
        throw new Words(file, line.number, raw).wrong('a file begins with "scenario" and its name');
      });
  }
  const scenarios = blocks.map((block) => build(file, block, attempt));
  if (blocks.length === 0 && problems.length === 0)
    attempt(() => {
      throw new Words(file, 1, '').wrong('this file holds no scenario', 'write scenario and its name');
    });
  return problems.length > 0
    ? { ok: false, problems: problems.sort((a, b) => a.line - b.line || a.column - b.column) }
    : { ok: true, scenarios };
}

/** Null: it says nothing. */
function lineOf(file: string, number: number, raw: string): Line | null {
  const text = raw.replace(/(^|\s)#.*$/, '');
  if (text.trim() === '') return null;
  const words = new Words(file, number, text);
  const keyword = words.one(STATEMENTS, 'a statement');
  const column = text.indexOf(keyword) + keyword.length;
  return { number, keyword, rest: text.slice(column), column: column + 1 };
}

function build(file: string, [head, ...lines]: readonly Line[], attempt: <T>(read: () => T) => T | null): Scenario {
  const found: Declared = {
    start: DEFAULT_START,
    falsePer30Days: 1,
    services: [],
    criticality: new Map(),
    objectives: [],
    judged: [],
  };
  const title = head!.rest.trim();
  if (title === '')
    attempt(() => {
      throw new Words(file, head!.number, head!.rest, head!.column).wrong('expected what the scenario shows');
    });
  for (const line of lines) attempt(() => declare(file, line, found));
  for (const { service } of found.objectives)
    if (!found.services.some((one) => one.name === service)) found.services.push(serviceNamed(service, found));
  for (const objective of found.objectives.filter(({ name }) => found.judged.includes(name)))
    attempt(() => {
      const why = unplayable(objective, serviceOf(objective, found.services));
      const line = lines.find(({ rest }) => rest.includes(objective.name)) ?? head!;
      if (why !== null) throw new Words(file, line.number, line.rest, line.column).wrong(why, PLAYABLE_HINT);
    });
  attempt(() => {
    const line = lines.find(({ keyword }) => keyword === 'false') ?? head!;
    const judge = { count: found.falsePer30Days, per30Days: found.falsePer30Days };
    const [wrong] = checkFalseIncidents({ falseIncidents: judge }, found.services, found.objectives);
    if (wrong !== undefined)
      throw new Words(file, line.number, line.rest, line.column).wrong(wrong.message, `${wrong.hint}, in 30 days`);
  });
  const has = defaultsOf(found);
  const traffic: Traffic[] = [];
  const expectations: Expectation[] = [];
  for (const { number, keyword, rest, column } of lines) {
    if (keyword === 'minutes' || keyword === 'minute') {
      if (found.judged.length === 0) continue;
      const one = attempt(() => parseTraffic(file, number, rest, column, has));
      if (one !== null) traffic.push(one);
    }
    if (keyword === 'tick' || keyword === 'ticks')
      expectations.push(...(attempt(() => parseExpectations(file, number, rest, column, found.judged)) ?? []));
  }
  // One that can't be read has been told of already.
  if (!lines.some(({ keyword }) => keyword === 'objective' || keyword === 'objectives'))
    attempt(() => {
      throw new Words(file, head!.number, head!.rest, head!.column).wrong(
        'this scenario has no objective',
        'write objective availability 99.9%',
      );
    });
  return {
    file,
    line: head!.number,
    title,
    start: found.start,
    falseIncidentsPer30Days: found.falsePer30Days,
    services: found.services,
    objectives: found.objectives,
    judged: found.judged,
    traffic,
    expectations,
  };
}

interface Declared {
  start: number;
  falsePer30Days: number;
  readonly services: Service[];
  /** Of services that no file declares. */
  readonly criticality: Map<string, number>;
  readonly objectives: Objective[];
  readonly judged: string[];
}

function declare(file: string, { number, keyword, rest, column }: Line, found: Declared): void {
  const words = new Words(file, number, rest, column);
  switch (keyword) {
    case 'start': {
      const at = momentOf(rest.trim(), Number.NaN);
      if (at === null || Number.isNaN(at)) throw words.wrong('expected a time, like 2026-11-18T09:00Z');
      found.start = minuteOf(at);
      return;
    }
    case 'false': {
      words.expect('incidents');
      const count = words.number('how many incidents may be opened in error');
      words.expect('in');
      found.falsePer30Days = (count * MONTH_MS) / words.durationMs('in what time');
      words.end();
      return;
    }
    case 'service': {
      const name = words.take('the name of a service');
      words.expect('criticality');
      found.criticality.set(name, Number(words.one(['1', '2', '3', '4'], 'how critical it is')));
      words.end();
      return;
    }
    case 'objective':
    case 'objectives':
      if (/(^|\s)from\s/.test(rest)) takeFrom(file, words, keyword === 'objectives', found);
      else add(words, found, [parseObjective(file, number, rest, column)]);
  }
}

function add(words: Words, found: Declared, objectives: readonly Objective[]): void {
  for (const objective of objectives) {
    if (found.objectives.some(({ name }) => name === objective.name))
      throw words.wrong(`a second objective is named ${objective.name}`, 'write a name and a colon before each');
    const unknown = [...membersOf(objective, found.objectives)].find(
      (name) => !found.objectives.some((one) => one.name === name),
    );
    if (unknown !== undefined)
      throw words.wrong(`${objective.name} is made of ${unknown}, which is no objective of a line before`);
    found.objectives.push(objective);
    found.judged.push(objective.name);
  }
}

/** `NAME from FILE`, `from FILE`: promises that are in use, with the share of the budget of false incidents that they have there. */
function takeFrom(file: string, words: Words, takesAll: boolean, found: Declared): void {
  const name = takesAll ? null : words.take('the name of an objective');
  words.expect('from');
  const path = words.take('a file');
  words.end();
  const loaded = loadConfiguration(resolve(dirname(file), path));
  if (!loaded.ok) {
    const [first] = loaded.problems;
    throw words.wrong(
      `${path} can't be used: ${first!.line === 0 ? '' : `line ${first!.line}: `}${first!.message}`,
      first!.hint,
    );
  }
  const { services, objectives, deployment } = loaded.configuration;
  const asked = objectives.filter((one) => name === null || one.name === name);
  // Of a whole file what can be told here is taken; what is asked for by its name is refused when it can't.
  const wanted = asked.filter((one) => name !== null || unplayable(one, serviceOf(one, services)) === null);
  if (wanted.length === 0)
    throw words.wrong(
      name === null
        ? `${path} holds no objective that can be told here`
        : `${path} holds no objective ${JSON.stringify(name)}`,
      name === null
        ? null
        : suggestion(
            name,
            objectives.map((one) => one.name),
          ),
    );
  found.falsePer30Days = deployment.falseIncidents.per30Days;
  for (const service of services)
    if (!found.services.some((one) => one.name === service.name && one.environment === service.environment))
      found.services.push(service);
  for (const objective of objectives)
    if (!found.objectives.some((one) => one.name === objective.name)) found.objectives.push(objective);
  // What is made of others is judged by them.
  const names = wanted.flatMap((one) => [...membersOf(one, objectives), one.name]);
  found.judged.push(...new Set(names.filter((one) => !found.judged.includes(one))));
}

const serviceOf = ({ service, environment }: Objective, services: readonly Service[]): Service | undefined =>
  services.find((one) => one.name === service && (environment === null || one.environment === environment));

/** A service as its objectives need it. */
function serviceNamed(name: string, { criticality, objectives }: Declared): Service {
  const evaluations = objectives.flatMap(({ service, measure }) => {
    if (service !== name || !('evaluation' in measure) || measure.evaluation === null) return [];
    return [{ evaluation: measure.evaluation, pass: 'pass' in measure ? measure.pass : null }];
  });
  // A pass mark tells more of the scale than no pass mark.
  evaluations.sort((a, b) => Number(a.pass !== null) - Number(b.pass !== null));
  const spec = {
    ...(criticality.has(name) && { criticality: criticality.get(name) }),
    evaluations: Object.fromEntries(
      evaluations.map(({ evaluation, pass }) => [
        evaluation,
        { scale: scaleOf(pass?.value ?? 1), good: pass?.op.startsWith('<') === true ? 'low' : 'high' },
      ]),
    ),
  };
  return Service.parse({ apiVersion: API_VERSION, kind: 'Service', metadata: { name }, spec });
}

/** The scale that a pass mark is most likely on: a file says it, a line need not. */
const scaleOf = (mark: number): [number, number] => [0, [1, 5, 10, 100].find((high) => mark <= high) ?? mark];

/** What traffic means where a line does not say it. */
function defaultsOf({ services, objectives, judged }: Declared): TrafficDefaults {
  const mine = objectives.filter(({ name }) => judged.includes(name));
  const limits = mine.flatMap(({ measure }) => ('thresholdMs' in measure ? [measure.thresholdMs] : []));
  const names = <T>(values: readonly (T | null)[]): T[] => [...new Set(values.filter((one) => one !== null))] as T[];
  return {
    okMs: Math.min(OK_MS, ...limits.map((limit) => limit / 2)),
    slowMs: limits.length === 0 ? null : 2 * Math.max(...limits),
    services: services
      .filter((service) => mine.some((one) => one.service === service.name))
      .map(({ name, environment }) => ({ name, environment })),
    evaluations: evaluationsIn(mine, services),
    labels: names(mine.map(({ measure }) => ('label' in measure ? measure.label : null))),
  };
}
