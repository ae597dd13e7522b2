import type { ServiceIdentity } from './span.ts';

/**
 * Composite names that get one code in the dictionary. Each begins with what it is, so that they never meet the plain
 * strings of telemetry, nor each other.
 */
const SEPARATOR = '\u0000';

const join = (...parts: readonly string[]): string =>
  parts.map((part) => part.replaceAll(SEPARATOR, '')).join(SEPARATOR);
function split(tag: string, text: string, count: number): string[] | null {
  const parts = text.split(SEPARATOR);
  return parts[0] === tag && parts.length === count + 1 ? parts.slice(1) : null;
}

/** A service as telemetry names it: what a span's `service` is the code of. */
export const serviceKey = (service: ServiceIdentity): string =>
  join('resource', service.name, service.namespace, service.environment);
export function parseServiceKey(text: string): ServiceIdentity | null {
  const parts = split('resource', text, 3);
  return parts === null ? null : { name: parts[0]!, namespace: parts[1]!, environment: parts[2]! };
}

/** A service as it is counted: a declared service, or an undeclared one under its own name. `environment` '': all that no other file names. */
export interface CountedService {
  readonly name: string;
  readonly environment: string;
}
export const countedKey = (service: CountedService): string => join('service', service.name, service.environment);
export function parseCountedKey(text: string): CountedService | null {
  const parts = split('service', text, 2);
  return parts === null ? null : { name: parts[0]!, environment: parts[1]! };
}

/** Who scored what: scores of two versions of an evaluator are never mixed. */
export interface EvaluationName {
  readonly name: string;
  readonly evaluator: string;
  readonly version: string;
}
export const evaluationKey = (evaluation: EvaluationName): string =>
  join('evaluation', evaluation.name, evaluation.evaluator, evaluation.version);
export function parseEvaluationKey(text: string): EvaluationName | null {
  const parts = split('evaluation', text, 3);
  return parts === null ? null : { name: parts[0]!, evaluator: parts[1]!, version: parts[2]! };
}

/** The same of those that judge the documents that were found, and not the answer. */
export const judgedKey = (evaluation: EvaluationName): string =>
  join('judged documents', evaluation.name, evaluation.evaluator, evaluation.version);
export function parseJudgedKey(text: string): EvaluationName | null {
  const parts = split('judged documents', text, 3);
  return parts === null ? null : { name: parts[0]!, evaluator: parts[1]!, version: parts[2]! };
}

/** What judged documents are measured by: nDCG of the first ten, say. */
export const rankingKey = (evaluation: EvaluationName, metric: string, k: number): string =>
  join('ranking', evaluation.name, evaluation.evaluator, evaluation.version, metric, String(k));

/** What one interaction may cost, in billionths of a currency. */
export const costLimitKey = (currency: string, nanos: number): string => join('cost limit', currency, String(nanos));

/** A pass mark of an evaluation, like `>= 0.7`. */
export const markKey = (evaluation: EvaluationName, mark: { op: string; value: number }): string =>
  join('mark', evaluation.name, evaluation.evaluator, evaluation.version, `${mark.op}${mark.value}`);

/** One of the equal parts of an evaluation's scale, counted from the worst. */
export const scoreBinKey = (evaluation: EvaluationName, bin: number): string =>
  join('bin', evaluation.name, evaluation.evaluator, evaluation.version, String(bin));

/** What is labelled, by whom, and how the labelled were chosen. */
export interface LabelName {
  readonly name: string;
  readonly source: string;
  readonly sampling: 'random' | 'voluntary';
}
export const labelKey = (label: LabelName): string => join('label', label.name, label.source, label.sampling);
export function parseLabelKey(text: string): LabelName | null {
  const parts = split('label', text, 3);
  return parts === null ? null : { name: parts[0]!, source: parts[1]!, sampling: parts[2] as LabelName['sampling'] };
}

/** A label and the score that a judge gave the same interaction. */
export const pairKey = (label: string, judge: EvaluationName): string =>
  join('pair', label, judge.name, judge.evaluator, judge.version);
/** A bin of stated confidence, and a label of the same interaction: of one kind of sampling alone. */
export const confidenceKey = (
  label: string,
  sampling: LabelName['sampling'],
  stated: EvaluationName,
  bin: number,
): string => join('confidence', label, sampling, stated.name, stated.evaluator, stated.version, String(bin));
/** A decision and a label of the same interaction: of one kind of sampling alone. */
export const relianceKey = (label: string, sampling: LabelName['sampling']): string =>
  join('reliance', label, sampling);
