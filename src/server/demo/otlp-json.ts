/** A span as the demo writes it: times in ms. */
export interface DemoSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  /** As in OTLP: 1 internal, 2 server, 3 client. */
  readonly kind: 1 | 2 | 3;
  readonly start: number;
  readonly end: number;
  readonly attributes: Readonly<Record<string, string | number>>;
  readonly isError: boolean;
}

const attribute = ([key, value]: [string, string | number]): object => ({
  key,
  value: typeof value === 'string' ? { stringValue: value } : { intValue: value },
});
const attributes = (record: Readonly<Record<string, string | number>>): object[] =>
  Object.entries(record).map(attribute);

/** An OTLP/JSON request with the spans of one service. */
export const otlpJson = (service: string, scope: string, spans: readonly DemoSpan[]): string =>
  JSON.stringify({
    resourceSpans: [
      {
        resource: { attributes: attributes({ 'service.name': service, 'deployment.environment.name': 'production' }) },
        scopeSpans: [
          {
            scope: { name: scope },
            spans: spans.map(({ start, end, isError, attributes: values, ...span }) => ({
              ...span,
              startTimeUnixNano: nanos(start),
              endTimeUnixNano: nanos(end),
              attributes: attributes(values),
              status: isError ? { code: 2 } : {},
            })),
          },
        ],
      },
    ],
  });

const nanos = (ms: number): string => `${Math.round(ms * 1000)}000`;
