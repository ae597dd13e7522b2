import { expect, it } from 'vitest';
import { doorFrom, exporterSettings } from '../../../src/server/console/app/logic/first-span.ts';

it.each([
  ['http://127.0.0.1:4318', 'plimsoll.lan', 'http://127.0.0.1:4318'],
  ['http://0.0.0.0:4318', 'plimsoll.lan', 'http://plimsoll.lan:4318'],
  ['http://[::]:4318', '192.168.1.7', 'http://192.168.1.7:4318'],
  [null, 'plimsoll.lan', 'http://127.0.0.1:4318'],
])('a door at %s is reached, from a console at %s, by %s', (otlpHttp, hostname, expected) => {
  expect(doorFrom(otlpHttp, hostname)).toBe(expected);
});

it('settings name the door and the protocol that it speaks', () => {
  expect(exporterSettings('http://127.0.0.1:4318')).toBe(
    'export OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318\nexport OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf',
  );
});
