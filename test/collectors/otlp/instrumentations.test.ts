import { expect, it } from 'vitest';
import { Instrumentations } from '../../../collectors/otlp/instrumentations.ts';
import { Dictionary } from '../../../src/model/dictionary.ts';
import { serviceKey } from '../../../src/model/span.ts';
import { requestOf } from './requests.ts';
import { decoderWith, samples, WINDOW } from './samples.ts';

it('knows which libraries the AI spans of a service came from, and in which version', () => {
  const dictionary = new Dictionary();
  const decoder = decoderWith(dictionary);
  for (const { name, protobuf } of samples)
    if (name.startsWith('traceloop-0.27.0__workflow')) for (const body of protobuf) decoder.decode(body, WINDOW);
  const service = dictionary.code(serviceKey({ name: 'support-assistant', namespace: '', environment: '' }));
  expect(decoder.instrumentations.of(service)).toEqual([
    { scope: '@traceloop/node-server-sdk', version: '0.27.0', lastSeen: WINDOW.now },
    { scope: '@traceloop/instrumentation-openai', version: '0.27.0', lastSeen: WINDOW.now },
  ]);
  expect(decoder.instrumentations.of(service + 1)).toEqual([]);
});

it('what sends no AI spans is none', () => {
  const dictionary = new Dictionary();
  const decoder = decoderWith(dictionary);
  decoder.decode(requestOf([{ scope: '@opentelemetry/instrumentation-http' }]), WINDOW);
  const service = dictionary.code(serviceKey({ name: 'bot', namespace: '', environment: '' }));
  expect(decoder.instrumentations.of(service)).toEqual([]);
});

it('names without end take no memory without end: they are forgotten, and known again when they are seen again', () => {
  const dictionary = new Dictionary();
  const known = new Instrumentations(dictionary);
  const scopes = Array.from({ length: 4097 }, (_, i) => dictionary.code(`scope ${i}`));
  for (const scope of scopes) known.note(7, scope, '', 0);
  expect(known.of(7)).toEqual([{ scope: 'scope 4096', version: '', lastSeen: 0 }]);
  known.note(7, scopes[0]!, '2', 5);
  expect(known.of(7)).toContainEqual({ scope: 'scope 0', version: '2', lastSeen: 5 });
});
