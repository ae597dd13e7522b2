import { setTimeout } from 'node:timers/promises';
import type { ObservableCounter, ObservableGauge } from '@opentelemetry/api';
import type { PushMetricExporter } from '@opentelemetry/sdk-metrics';
import type { OtlpMetricsConfig } from '../../model/config/history.ts';
import type { Millis } from '../../model/time.ts';
import { Allowed } from '../../sinks/addresses.ts';
import { codeOf, forbiddenIn, guardedLookup, ruleFor, systemResolve, TOTAL_MS } from '../../sinks/egress.ts';
import type { Family } from '../metrics/family.ts';
import { otlpNameOf } from './names.ts';

const STOP_MS: Millis = 2000;

/** A value that is on the page of metrics. */
export interface ShownValue {
  readonly family: Family;
  /** In the order of the family's labels. */
  readonly labels: readonly string[];
  readonly value: number;
}

export interface OtlpMetricsOptions {
  readonly config: OtlpMetricsConfig;
  /** `egress.allow`. */
  readonly allow: readonly string[];
  readonly secret: (reference: string) => Promise<string>;
  readonly deployment: string;
  readonly version: string;
  /** Tells processes apart that say the same. */
  readonly instance: string;
  /** What is sent: counters and gauges, each of which becomes an instrument. */
  readonly families: readonly Family[];
  readonly values: () => Promise<Iterable<ShownValue>>;
  /** Told when sending begins to fail, and why; and when it goes well again (null). */
  readonly onState: (reason: string | null) => void;
}

export interface OtlpMetrics {
  /** Sends now what there is. */
  send(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Sends the counters and gauges of the page of metrics over OTLP/HTTP, as any OpenTelemetry SDK does. The SDK is loaded here alone: it
 * takes tens of megabytes. What is configured by files is not taken from its environment variables.
 */
export async function startOtlpMetrics(options: OtlpMetricsOptions): Promise<OtlpMetrics> {
  const { config, deployment, version, instance, families } = options;
  const [
    { metrics },
    { NodeSDK },
    { OTLPMetricExporter },
    { AggregationTemporality, InstrumentType, PeriodicExportingMetricReader },
  ] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/sdk-node'),
    import('@opentelemetry/exporter-metrics-otlp-proto'),
    import('@opentelemetry/sdk-metrics'),
  ]);
  const exporter = withoutItsEnvironment(
    () =>
      new OTLPMetricExporter({
        url: config.url,
        // Asked for each request: a secret may be another one by then.
        headers: async () =>
          Object.fromEntries(
            await Promise.all(
              Object.entries(config.headers).map(async ([name, reference]) => [name, await options.secret(reference)]),
            ),
          ),
        httpAgentOptions: { keepAlive: false, ...guardOf(config.url, options.allow) },
        compression: 'gzip' as never,
        timeoutMillis: Math.min(TOTAL_MS, config.everyMs),
      }),
  );
  const observed = observedExporter(exporter, options.onState);
  // A gauge of which nothing is said any more would otherwise be sent for ever with its last value.
  observed.selectAggregationTemporality = (type) =>
    type === InstrumentType.OBSERVABLE_GAUGE ? AggregationTemporality.DELTA : AggregationTemporality.CUMULATIVE;
  const most = Math.max(...families.map(({ cap }) => cap)) + 1;
  const reader = new PeriodicExportingMetricReader({
    exporter: observed,
    exportIntervalMillis: config.everyMs,
    exportTimeoutMillis: Math.min(TOTAL_MS, config.everyMs),
    cardinalityLimits: { default: most },
  });
  const sdk = withoutItsEnvironment(() => {
    const made = new NodeSDK({
      metricReaders: [reader],
      spanProcessors: [],
      logRecordProcessors: [],
      textMapPropagator: null,
      instrumentations: [],
      resourceDetectors: [
        {
          detect: () => ({
            attributes: {
              'service.name': 'plimsoll',
              'service.namespace': deployment,
              'service.version': version,
              'service.instance.id': instance,
            },
          }),
        },
      ],
    });
    made.start();
    return made;
  });
  observe(metrics.getMeter('plimsoll', version), options);
  return {
    send: () => reader.forceFlush(),
    stop: async () => {
      // It sends once more: who does not answer is not waited for.
      await Promise.race([sdk.shutdown().catch(() => {}), setTimeout(STOP_MS, null, { ref: false })]);
      metrics.disable();
    },
  };
}

/**
 * What is made of the SDK is made as if the environment had no variables for one: those are of other programs, and would turn this one off, or
 * add their headers, which are secrets, to what is sent to another receiver.
 */
function withoutItsEnvironment<T>(make: () => T): T {
  const theirs = Object.entries(process.env).filter(([name]) => name.startsWith('OTEL_'));
  for (const [name] of theirs) delete process.env[name];
  try {
    return make();
  } finally {
    for (const [name, value] of theirs) process.env[name] = value;
  }
}

/** Each family an instrument; their values are those of the page as it is then. */
function observe(
  meter: ReturnType<typeof import('@opentelemetry/api')['metrics']['getMeter']>,
  { families, values }: OtlpMetricsOptions,
): void {
  const instruments = new Map<string, ObservableCounter | ObservableGauge>();
  for (const family of families) {
    const { name, unit } = otlpNameOf(family);
    const about = { unit, description: family.help };
    instruments.set(
      family.name,
      family.type === 'counter' ? meter.createObservableCounter(name, about) : meter.createObservableGauge(name, about),
    );
  }
  meter.addBatchObservableCallback(
    async (result) => {
      for (const { family, labels, value } of await values()) {
        const instrument = instruments.get(family.name);
        if (instrument === undefined) continue;
        // An empty label is none.
        const attributes = Object.fromEntries(
          family.labels.flatMap((label, i) => (labels[i] === '' ? [] : [[label, labels[i]!]])),
        );
        result.observe(instrument, value, attributes);
      }
    },
    [...instruments.values()],
  );
}

/** Connections lead where the rules of all doors out let them; literal addresses have been looked at. */
const guardOf = (url: string, allow: readonly string[]): object => ({
  lookup: guardedLookup(systemResolve, ruleFor(new URL(url), new Allowed(allow))),
});

/** The same, whose outcomes are told, each turn of them once. */
function observedExporter(exporter: PushMetricExporter, onState: (reason: string | null) => void): PushMetricExporter {
  let isFailing = false;
  return {
    export: (batch, done) =>
      exporter.export(batch, (result) => {
        const failed = result.code !== 0;
        if (failed && !isFailing) onState(reasonOf(result.error));
        if (!failed && isFailing) onState(null);
        isFailing = failed;
        done(result);
      }),
    forceFlush: () => exporter.forceFlush(),
    shutdown: () => exporter.shutdown(),
  };
}

/** An error of the library may hold what the other side said: its number is told. */
function reasonOf(error: Error | undefined): string {
  const status = (error as { code?: unknown } | undefined)?.code;
  if (typeof status === 'number') return `the receiver answered ${status}`;
  return forbiddenIn(error) ?? `no answer (${codeOf(error)})`;
}
