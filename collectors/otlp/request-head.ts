import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { WireForm } from './answers.ts';
import { ENCODINGS, type Encoding } from './body.ts';
import { tooLarge } from './body-buffer.ts';
import { Refusal } from './refusal.ts';

export const TRACES_PATH = '/v1/traces';
const OTHER_SIGNALS: Readonly<Record<string, string>> = { '/v1/logs': 'logs', '/v1/metrics': 'metrics' };

/** What a request's first lines say about its body. */
export interface RequestHead {
  readonly form: WireForm;
  readonly encoding: Encoding;
}

/** @throws Refusal when the body need not be read at all */
export function readHead(request: IncomingMessage, maxBodyBytes: number): RequestHead {
  refuseOtherPaths(request.url ?? '/', request.method ?? '');
  const form = formOf(request.headers);
  if (form === null) throw wrongType(request.headers['content-type']);
  const encoding = encodingOf(request.headers);
  if (Number(request.headers['content-length'] ?? 0) > maxBodyBytes)
    throw tooLarge(maxBodyBytes, 'as Content-Length says');
  return { form, encoding };
}

function refuseOtherPaths(url: string, method: string): void {
  const path = url.split('?', 1)[0]!;
  const other = OTHER_SIGNALS[path];
  if (other !== undefined)
    throw new Refusal(
      'PLIM_OTLP_NOT_FOUND',
      `${path} is not there: this version takes traces only`,
      `switch the ${other} exporter off (OTEL_${other.toUpperCase()}_EXPORTER=none) and send traces to ${TRACES_PATH}`,
    );
  if (path !== TRACES_PATH)
    throw new Refusal(
      'PLIM_OTLP_NOT_FOUND',
      `${path.slice(0, 100)} is not there`,
      `send traces to POST ${TRACES_PATH}`,
    );
  if (method !== 'POST')
    throw new Refusal('PLIM_OTLP_METHOD', `${TRACES_PATH} takes POST, not ${method}`, 'send traces with POST', {
      allow: 'POST',
    });
}

/** The form that a content type names; null when it is neither. */
export function formOf(headers: IncomingHttpHeaders): WireForm | null {
  const type = (headers['content-type'] ?? '').split(';', 1)[0]!.trim().toLowerCase();
  if (type === 'application/x-protobuf') return 'protobuf';
  return type === 'application/json' ? 'json' : null;
}

const wrongType = (type: string | undefined): Refusal =>
  new Refusal(
    'PLIM_OTLP_CONTENT_TYPE',
    type === undefined ? 'there is no Content-Type' : `Content-Type ${JSON.stringify(type.slice(0, 100))} is not taken`,
    'send application/x-protobuf or application/json (OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf)',
  );

function encodingOf(headers: IncomingHttpHeaders): Encoding {
  const named = (headers['content-encoding'] ?? '').trim().toLowerCase();
  const encoding = named === '' ? 'identity' : named === 'x-gzip' ? 'gzip' : named;
  if ((ENCODINGS as readonly string[]).includes(encoding)) return encoding as Encoding;
  throw new Refusal(
    'PLIM_OTLP_ENCODING',
    `Content-Encoding ${JSON.stringify(named.slice(0, 100))} is not taken`,
    `send ${ENCODINGS.join(', ')} (OTEL_EXPORTER_OTLP_COMPRESSION=gzip)`,
    { 'accept-encoding': ENCODINGS.slice(1).join(', ') },
  );
}
