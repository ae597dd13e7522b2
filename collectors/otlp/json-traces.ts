import { SPAN_KINDS } from '../../src/model/span.ts';
import { type JsonObject, JsonWriter, parseJson } from './json-writer.ts';
import type { Rejects } from './rejects.ts';

const SPAN_KIND_NAMES = SPAN_KINDS.map((kind) => `SPAN_KIND_${kind.toUpperCase()}`);
const STATUS_NAMES = ['STATUS_CODE_UNSET', 'STATUS_CODE_OK', 'STATUS_CODE_ERROR'];

/**
 * An OTLP/JSON trace request as protobuf; spans that can't be written are left out and counted in `rejects`.
 * @throws MalformedJson
 */
export function protobufOfTraces(body: Buffer, rejects: Rejects, maxValueDepth?: number): Buffer {
  const writer = new JsonWriter(rejects, maxValueDepth);
  return writer.request(parseJson(body), 'Spans', 'spans', (span) => writeSpan(writer, span));
}

function writeSpan(to: JsonWriter, span: JsonObject): void {
  to.id(span, 'traceId', 16, 1, 'trace id');
  to.id(span, 'spanId', 8, 2, 'span id');
  to.string(span, 'traceState', 3);
  if (span['parentSpanId'] !== '') to.id(span, 'parentSpanId', 8, 4, 'parent span id');
  to.string(span, 'name', 5);
  to.enum(span, 'kind', SPAN_KIND_NAMES, 6);
  to.fixed64(span, 'startTimeUnixNano', 7);
  to.fixed64(span, 'endTimeUnixNano', 8);
  to.attributes(span, 9);
  to.messages(span, 'events', 11, (event) => {
    to.fixed64(event, 'timeUnixNano', 1);
    to.string(event, 'name', 2);
    to.attributes(event, 3);
  });
  to.message(span, 'status', 15, (status) => to.enum(status, 'code', STATUS_NAMES, 3));
  to.inside(span, 'flags', (flags) => to.out.fixed32(16, Number(to.integer(flags, 0n, 2n ** 32n - 1n))));
}
