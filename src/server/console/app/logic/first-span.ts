const USUAL_DOOR = 'http://127.0.0.1:4318';
/** A server that listens everywhere names no address that could be sent to. */
const EVERYWHERE = ['0.0.0.0', '[::]'];

/** Where spans can be sent from here: the host that the console itself was reached at, where the door is open everywhere. */
export function doorFrom(otlpHttp: string | null, hostname: string): string {
  if (otlpHttp === null || !URL.canParse(otlpHttp)) return USUAL_DOOR;
  const url = new URL(otlpHttp);
  if (EVERYWHERE.includes(url.hostname)) url.hostname = hostname;
  return url.origin;
}

/** A command that sends one exchange with a model, ended now, as any OpenTelemetry SDK would. */
export function firstSpanCommand(otlpHttp: string): string {
  const attributes = [
    ['gen_ai.operation.name', 'chat'],
    ['gen_ai.provider.name', 'openai'],
    ['gen_ai.request.model', 'gpt-4o-mini'],
  ].map(([key, value]) => ({ key, value: { stringValue: value } }));
  const body = {
    resourceSpans: [
      {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: 'my-first-bot' } }] },
        scopeSpans: [
          {
            spans: [
              {
                traceId: 'TRACE',
                spanId: '00f067aa0ba902b7',
                name: 'chat',
                kind: 3,
                startTimeUnixNano: 'NOW000000000',
                endTimeUnixNano: 'NOW800000000',
                attributes,
              },
            ],
          },
        ],
      },
    ],
  };
  // The shell puts in the time, and makes each call a trace of its own.
  const json = JSON.stringify(body)
    .replaceAll('NOW', `'$NOW'`)
    .replace('TRACE', `4bf92f3577b34da6a3ce'$(printf %012x $NOW)'`);
  return `NOW=$(date +%s); curl ${otlpHttp}/v1/traces \\\n  -H 'content-type: application/json' \\\n  -d '${json}'`;
}

/** What a program that is instrumented already needs. */
export const exporterSettings = (otlpHttp: string): string =>
  `export OTEL_EXPORTER_OTLP_ENDPOINT=${otlpHttp}\nexport OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf`;
