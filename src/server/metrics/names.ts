import type { Dictionary } from '../../model/dictionary.ts';
import { parseCountedKey } from '../../model/names.ts';
import type { Objective } from '../../objectives/objective.ts';

/** The two labels that name a service; an environment that no file names is ''. */
export interface ServiceLabels {
  readonly service: string;
  readonly environment: string;
}

export function serviceLabels(dictionary: Dictionary, counted: number): ServiceLabels {
  const { name, environment } = parseCountedKey(dictionary.text(counted))!;
  return { service: name, environment };
}

export const labelsOf = (one: { service: string; environment: string | null }): ServiceLabels => ({
  service: one.service,
  environment: one.environment ?? '',
});

/** `availability`, `latency:4s`, `accuracy:groundedness`, `accuracy:correct:voluntary`: objectives that measure something else never share one. */
export const measureLabel = ({
  measure,
  subject,
  variant,
}: Pick<Objective, 'measure' | 'subject' | 'variant'>): string =>
  [measure, subject, variant].filter((part) => part != null).join(':');

export const SEVERITIES = ['P1', 'P2', 'P3', 'P4', 'P5'] as const;
export const severityOf = ({ priority }: { priority: number }): string => `P${priority}`;
