import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { WireForm } from './answers.ts';
import { ENCODINGS, type Encoding } from './body.ts';
import { tooLarge } from './body-buffer.ts';
import { Refusal } from './refusal.ts';
import { SIGNALS, type SignalName } from './signal.ts';

/** What a request's first lines say about its body. */
export interface RequestHead {
  readonly signal: SignalName;
  readonly form: WireForm;
  readonly encoding: Encoding;
}

/** @throws Refusal when the body need not be read at all */
export function readHead(request: IncomingMessage, maxBodyBytes: number): RequestHead {
  const signal = signalAt(request.url ?? '/', request.method ?? '');
  const form = formOf(request.headers);
  if (form === null) throw wrongType(request.headers['content-type']);
  const encoding = encodingNamed(request.headers['content-encoding'] ?? '');
  if (Number(request.headers['content-length'] ?? 0) > maxBodyBytes)
    throw tooLarge(maxBodyBytes, 'as Content-Length says');
  return { signal, form, encoding };
}

const NAMES = Object.keys(SIGNALS) as SignalName[];
const PLACES = NAMES.map((name) => `${name} to POST ${SIGNALS[name].path}`).join(', ');

/** A proxy may write the whole address where its path belongs. @see https://www.rfc-editor.org/rfc/rfc9112#section-3.2.2 */
const ORIGIN = /^https?:\/\/[^/?]*/i;

function signalAt(url: string, method: string): SignalName {
  const path = url.replace(ORIGIN, '').split('?', 1)[0]!;
  const name = NAMES.find((one) => SIGNALS[one].path === path);
  if (name === undefined)
    throw new Refusal('PLIM_OTLP_NOT_FOUND', `${path.slice(0, 100)} is not there`, `send ${PLACES}`);
  if (method !== 'POST')
    throw new Refusal('PLIM_OTLP_METHOD', `${path} takes POST, not ${method}`, `send ${name} with POST`, {
      allow: 'POST',
    });
  return name;
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

/** Other names of encodings; `zlib` is what the OpenTelemetry Collector calls deflate when it is told to use zlib. */
const ALSO_CALLED: ReadonlyMap<string, Encoding> = new Map([
  ['', 'identity'],
  ['x-gzip', 'gzip'],
  ['zlib', 'deflate'],
]);

/** @throws Refusal when it is none that is taken */
export function encodingNamed(name: string): Encoding {
  const named = name.trim().toLowerCase();
  const encoding = ALSO_CALLED.get(named) ?? named;
  if ((ENCODINGS as readonly string[]).includes(encoding)) return encoding as Encoding;
  throw new Refusal(
    'PLIM_OTLP_ENCODING',
    `Content-Encoding ${JSON.stringify(named.slice(0, 100))} is not taken`,
    `send ${ENCODINGS.join(', ')} (OTEL_EXPORTER_OTLP_COMPRESSION=gzip)`,
    { 'accept-encoding': ENCODINGS.slice(1).join(', ') },
  );
}
