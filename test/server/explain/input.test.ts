import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { readInput, requestsIn } from '../../../src/server/explain/input.ts';
import { requestOf } from '../../collectors/otlp/requests.ts';
import { samples } from '../../collectors/otlp/samples.ts';

const { json, protobuf } = samples[0]!;
const compact = (body: Buffer): string => JSON.stringify(JSON.parse(body.toString()));
const read = (bytes: Buffer | string) => requestsIn(Buffer.from(bytes), 'file');

describe('what a file may hold', () => {
  it('protobuf, as it is', () => {
    expect(read(protobuf[0]!).map((one) => one.protobuf)).toEqual([protobuf[0]]);
  });

  it('protobuf whose first length is a brace: its first byte is a line feed', () => {
    const spans = [{ attributes: { 'gen_ai.operation.name': 'chat' } }];
    const sized = Array.from({ length: 100 }, (_, i) => requestOf([{ ...spans[0], name: 'x'.repeat(i) }], {}));
    const odd = sized.find((body) => body[1] === 0x7b)!;
    expect(odd[0]).toBe(0x0a);
    expect(read(odd).map((one) => one.protobuf)).toEqual([odd]);
  });

  it.each([
    ['JSON on one line', compact(json[0]!)],
    ['JSON on many lines', JSON.stringify(JSON.parse(json[0]!.toString()), null, 2)],
    ['JSON behind a byte order mark', `\ufeff${compact(json[0]!)}`],
    ['JSON behind space', `\n  ${compact(json[0]!)}\n`],
  ])('%s', (_what, text) => {
    expect(read(text).map((one) => one.protobuf)).toEqual(read(json[0]!).map((one) => one.protobuf));
  });

  it('JSON lines, as a file exporter writes them', () => {
    const bodies = samples.slice(0, 3).flatMap((one) => one.json);
    const lines = read(bodies.map(compact).join('\n'));
    expect(lines.map((one) => one.protobuf)).toEqual(bodies.flatMap((body) => read(body)[0]!.protobuf));
  });
});

describe('what can not be read is told with its place', () => {
  it.each([
    ['', 'file: it is empty'],
    ['{"resourceSpans": [', 'file: the body is not JSON'],
    ['{"resourceSpans": [{"scopeSpans": {}}]}', 'file: resourceSpans[0].scopeSpans is an object, not an array'],
    ['{"resourceSpans": []}\n\n{"resourceSpans": 1}\n', 'file, line 3: resourceSpans is 1, not an array'],
  ])('%j', (text, message) => {
    expect(() => read(text)).toThrow(message);
    expect(() => read(text)).toThrow('[PLIM_EXPLAIN_UNREADABLE]');
  });
});

describe('a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-explain-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const fileOf = (name: string, bytes: Buffer): string => {
    writeFileSync(join(folder, name), bytes);
    return join(folder, name);
  };

  it('may be gzip', () => {
    expect(readInput(fileOf('a.gz', gzipSync(protobuf[0]!)))).toEqual(protobuf[0]);
  });

  it.each([
    ['is not there', () => join(folder, 'none'), 'there is no such file', 'PLIM_EXPLAIN_NO_FILE'],
    ['is a folder', () => folder, 'it is a folder', 'PLIM_EXPLAIN_NO_FILE'],
    [
      'is broken gzip',
      () => fileOf('b.gz', gzipSync(protobuf[0]!).subarray(0, 40)),
      'begins as gzip',
      'PLIM_EXPLAIN_UNREADABLE',
    ],
    [
      'is a bomb',
      () => fileOf('c.gz', gzipSync(Buffer.alloc(70 * 1024 * 1024))),
      'more than 64 MiB',
      'PLIM_EXPLAIN_UNREADABLE',
    ],
  ])('that %s', (_what, file, message, code) => {
    expect(() => readInput(file())).toThrow(message);
    expect(() => readInput(file())).toThrow(`[${code}]`);
  });
});
