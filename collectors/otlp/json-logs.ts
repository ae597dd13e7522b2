import { EVALUATION_EVENT } from './evaluations.ts';
import { type JsonObject, JsonWriter, parseJson } from './json-writer.ts';
import type { Rejects } from './rejects.ts';

/**
 * An OTLP/JSON log request as protobuf. Only evaluations are written whole: of all other records nobody reads anything.
 * @throws MalformedJson
 */
export function protobufOfLogs(body: Buffer, rejects: Rejects, maxValueDepth?: number): Buffer {
  const writer = new JsonWriter(rejects, maxValueDepth);
  return writer.request(parseJson(body), 'Logs', 'logRecords', (record) => {
    if (isEvaluation(record)) writeEvaluation(writer, record);
  });
}

function isEvaluation({ eventName, attributes }: JsonObject): boolean {
  if (typeof eventName === 'string' && eventName !== '') return eventName === EVALUATION_EVENT;
  return Array.isArray(attributes) && attributes.some(namesEvaluation);
}

const namesEvaluation = (one: { key?: unknown; value?: { stringValue?: unknown } } | null): boolean =>
  one?.key === 'event.name' && one.value?.stringValue === EVALUATION_EVENT;

function writeEvaluation(to: JsonWriter, record: JsonObject): void {
  to.fixed64(record, 'timeUnixNano', 1);
  to.attributes(record, 6);
  if (record['traceId'] !== '') to.id(record, 'traceId', 16, 9, 'trace id');
  if (record['spanId'] !== '') to.id(record, 'spanId', 8, 10, 'span id');
  to.fixed64(record, 'observedTimeUnixNano', 11);
  to.string(record, 'eventName', 12);
}
