import { parse as parseYaml } from 'yaml';
import { API_VERSION } from '../../model/config/document.ts';
import { type Detector, Objective } from '../../model/config/objective.ts';
import { OBJECTIVE_KINDS } from '../../model/incident.ts';
import { MINUTES_PER_DAY } from '../../model/time.ts';
import { burnTiers } from '../../objectives/burn-rate.ts';
import { LONGEST_MINUTES } from '../../objectives/calendar.ts';
import { clauses, Words } from './line.ts';

const MEASURES = ['availability', 'latency', 'satisfaction', 'label', 'evaluation'] as const;
const CLAUSES = ['of', 'over', 'by', 'page', 'no', 'kind', 'category'] as const;
export const DEFAULT_SERVICE = 'service';

interface Spec {
  service: string;
  kind?: string;
  incident?: { category: string };
  measure: Record<string, unknown>;
  target?: number;
  window?: Record<string, unknown>;
  alert: { detector?: Detector; page?: boolean };
}

/** `[name:] availability 99.9% over 30d, by burn rate`, or `name: {…}` as in a file. @throws LineError */
export function parseObjective(file: string, line: number, text: string, column: number): Objective {
  const named = /^\s*([a-z0-9][a-z0-9-]*):\s*/.exec(text);
  const rest = named === null ? text : text.slice(named[0].length);
  const at = column + (named === null ? 0 : named[0].length);
  const words = new Words(file, line, rest, at);
  const spec = rest.trimStart().startsWith('{') ? inYaml(words, rest) : inWords(file, line, rest, at);
  const name = named?.[1] ?? String(spec.measure?.['type']);
  const result = Objective.safeParse({ apiVersion: API_VERSION, kind: 'Objective', metadata: { name }, spec });
  if (!result.success) {
    const [issue] = result.error.issues;
    const place = issue!.path.slice(1).join('.');
    const hint = (issue as { params?: { hint?: string } }).params?.hint ?? null;
    throw words.wrong(`${place === '' ? '' : `${place}: `}${issue!.message}`, hint);
  }
  return result.data;
}

/** The specification as a file has it, for all that has no words of its own. */
function inYaml(words: Words, text: string): Spec {
  let value: unknown;
  try {
    value = parseYaml(text);
  } catch (error) {
    throw words.wrong(`not readable as YAML: ${(error as Error).message.split('\n')[0]}`);
  }
  return { ...{ service: DEFAULT_SERVICE }, ...(value as Spec) };
}

function inWords(file: string, line: number, text: string, column: number): Spec {
  const [head, ...more] = clauses(text, column);
  const words = new Words(file, line, head!.text, head!.column);
  const spec: Spec = { service: DEFAULT_SERVICE, measure: measureOf(words), alert: {} };
  spec.target = targetOfPercent(words);
  while (!words.isDone) clause(words, spec);
  for (const part of more) {
    const clauseWords = new Words(file, line, part.text, part.column);
    clause(clauseWords, spec);
    clauseWords.end();
  }
  return spec;
}

function measureOf(words: Words): Spec['measure'] {
  const type = words.one(MEASURES, 'a measure');
  switch (type) {
    case 'availability':
    case 'satisfaction':
      return { type };
    case 'latency': {
      words.takes('within');
      const threshold = words.next;
      words.durationMs('a limit of time');
      return { type, threshold };
    }
    case 'label':
      return { type: 'accuracy', label: words.take('the name of a label, like correct') };
    case 'evaluation': {
      const evaluation = words.take('the name of an evaluation, like groundedness');
      const op = words.one(['>=', '>', '<=', '<'], 'which scores are good, like >= 0.7');
      return { type: 'accuracy', evaluation, pass: `${op} ${words.number('a score')}` };
    }
  }
}

/** `99.9%` */
function targetOfPercent(words: Words): number {
  const match = /^(\d+(?:\.\d+)?)%$/.exec(words.next);
  if (match === null) throw words.wrong('expected the share that is promised, like 99.9%');
  words.take('a share');
  return Number((Number(match[1]) / 100).toPrecision(12));
}

function clause(words: Words, spec: Spec): void {
  switch (words.one(CLAUSES, 'what else the objective says')) {
    case 'of':
      spec.service = words.take('the name of a service');
      return;
    case 'over': {
      const window = words.take('a window, like 28d or month');
      spec.window = /^\d/.test(window) ? { rolling: window } : { calendar: window };
      return;
    }
    case 'by': {
      const first = words.one(['sequential', 'burn', 'both'], 'what decides');
      if (first !== 'both') words.expect(first === 'burn' ? 'rate' : 'test');
      spec.alert.detector = first === 'burn' ? 'burn_rate' : first;
      return;
    }
    case 'no':
      words.expect('page');
      spec.alert.page = false;
      return;
    case 'page':
      pageAt(words, spec);
      return;
    case 'kind':
      spec.kind = words.one(OBJECTIVE_KINDS, 'SLA, SLO or XLA');
      return;
    case 'category':
      spec.incident = { category: words.take('a category') };
  }
}

/** `page at 14.4x over 60m and 5m`: burn-rate rules, and a check that they have such a tier. */
function pageAt(words: Words, spec: Spec): void {
  words.expect('at');
  const threshold = Number(/^(\d+(?:\.\d+)?)x$/.exec(words.next)?.[1] ?? Number.NaN);
  if (Number.isNaN(threshold)) throw words.wrong('expected a burn rate, like 14.4x');
  const days = windowDays(spec);
  const tiers = burnTiers(days);
  const known = tiers.map(
    (tier) => `${Number(tier.threshold.toPrecision(4))}x over ${tier.longMinutes}m and ${tier.shortMinutes}m`,
  );
  const wrongTier = words.wrong(
    `a window of ${Number(days.toPrecision(4))} days has no such tier`,
    `say the window first (over 30d); its tiers are ${known.join('; ')}`,
  );
  words.take('a burn rate');
  words.expect('over');
  const long = words.wholeMinutes('the long window');
  words.expect('and');
  const short = words.wholeMinutes('the short window');
  const isTier = tiers.some(
    (tier) => Math.abs(tier.threshold - threshold) < 0.05 && tier.longMinutes === long && tier.shortMinutes === short,
  );
  if (!isTier) throw wrongTier;
  spec.alert.detector = 'burn_rate';
}

function windowDays({ window }: Spec): number {
  const rolling = /^(\d+)(d|h|m)$/.exec(String(window?.['rolling'] ?? (window === undefined ? '28d' : '')));
  if (rolling !== null) return (Number(rolling[1]) * { d: 1440, h: 60, m: 1 }[rolling[2] as 'd']) / MINUTES_PER_DAY;
  const unit = window?.['calendar'] as keyof typeof LONGEST_MINUTES;
  return (LONGEST_MINUTES[unit] ?? 28 * MINUTES_PER_DAY) / MINUTES_PER_DAY;
}
