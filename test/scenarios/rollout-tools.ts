import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

interface Metric {
  readonly count: number;
  readonly successCondition: string;
  readonly failureCondition: string;
  readonly inconclusiveLimit: number;
  readonly provider: { readonly web: { readonly url: string; readonly jsonPath: string } };
}

interface Hook {
  readonly type: string;
  readonly url: string;
}

/** A block of YAML of a page of the guide, by its first line. */
function blockOf<T>(page: string, first: string): T {
  const blocks = readFileSync(page, 'utf8').matchAll(/```yaml\n(.*?)```/gs);
  const block = [...blocks].find(([, text]) => text!.startsWith(first));
  return parse(block![1]!) as T;
}

export const argoMetric = (): Metric =>
  blockOf<{ metrics: Metric[] }>('docs/guide/changes.md', '# Argo Rollouts').metrics[0]!;

export const flaggerHooks = (): readonly Hook[] =>
  blockOf<{ analysis: { webhooks: Hook[] } }>('docs/guide/changes.md', '# Flagger').analysis.webhooks;

/** What Argo Rollouts makes of one answer: a field of it, held against both conditions. */
export function argoPhase({ provider, successCondition, failureCondition }: Metric, answer: object) {
  const field = /^\{\$\.(\w+)\}$/.exec(provider.web.jsonPath)![1]!;
  const result = String((answer as Record<string, unknown>)[field]);
  const holds = (condition: string): boolean => /^result == "(\w+)"$/.exec(condition)![1] === result;
  if (holds(failureCondition)) return 'Failed';
  return holds(successCondition) ? 'Successful' : 'Inconclusive';
}

/** What it makes of a metric by its answers so far. @see argoproj/argo-rollouts, analysis/analysis.go, assessMetricStatus */
export function argoMetricPhase(metric: Metric, phases: readonly string[]): string {
  const of = (phase: string): number => phases.filter((one) => one === phase).length;
  if (of('Failed') > 0) return 'Failed';
  if (of('Inconclusive') > metric.inconclusiveLimit) return 'Inconclusive';
  return phases.length >= metric.count ? 'Successful' : 'Running';
}
