import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { Deployment } from '../../model/config/deployment.ts';
import { refusalOf } from '../../sinks/http.ts';
import { FAMILIES } from '../metrics/catalogue.ts';
import type { Metrics } from '../metrics/index.ts';
import type { OtlpMetrics } from './sender.ts';

export interface OtlpMetricsWiring {
  readonly deployment: Pick<Deployment, 'name' | 'otlpMetrics' | 'egress'>;
  readonly version: string;
  readonly metrics: Metrics;
  readonly secret: (reference: string) => Promise<string>;
  readonly log: Logger;
}

/** Begins to send metrics where the deployment names a receiver; null where it does not, and where it may not be sent to. */
export async function openOtlpMetrics({
  deployment,
  version,
  metrics,
  secret,
  log,
}: OtlpMetricsWiring): Promise<OtlpMetrics | null> {
  const { name, otlpMetrics, egress } = deployment;
  if (otlpMetrics === null) return null;
  const refusal = refusalOf(otlpMetrics.url, egress.allow);
  if (refusal !== null) {
    log.error(
      { reason: refusal },
      'metrics are not sent: mend spec.otlpMetrics.url or spec.egress.allow and start again',
    );
    return null;
  }
  const { startOtlpMetrics } = await import('./sender.ts');
  return startOtlpMetrics({
    config: otlpMetrics,
    allow: egress.allow,
    secret,
    deployment: name,
    version,
    instance: randomUUID(),
    families: FAMILIES.filter(({ kind, type }) => kind !== 'self' && type !== 'histogram'),
    values: () => metrics.values(),
    onState: (reason) => {
      if (reason === null) log.info('metrics are sent again');
      else log.warn({ reason }, 'metrics could not be sent; it is tried again at the next turn');
    },
  });
}
