import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { escaped, escapedJson, wrapped } from '../../../src/server/explain/terminal.ts';
import { explanationText } from '../../../src/server/explain/text.ts';
import { requestOf } from '../../collectors/otlp/requests.ts';
import { samples } from '../../collectors/otlp/samples.ts';
import { explained } from './explaining.ts';

const GOLDEN = join(import.meta.dirname, '../../golden/explain');
const plain = (columns: number) => ({ columns, hasColour: false });

describe.each([80, 120])('at %i columns', (columns) => {
  it.each([
    'otel-instrumentation-openai-0.22.0__chat',
    'otel-instrumentation-openai-0.22.0__rag',
    'langfuse-5.11.1__cached',
    'openinference-langchain-4.1.1__lc-error',
  ])('%s reads as it should', async (name) => {
    const text = explanationText(explained(samples.find((one) => one.name === name)!.protobuf), plain(columns));
    await expect(`${text}\n`).toMatchFileSnapshot(join(GOLDEN, `${name}.${columns}.txt`));
  });

  it('no line of any recording is wider, but for words that are', () => {
    const lines = samples.flatMap(({ protobuf }) => explanationText(explained(protobuf), plain(columns)).split('\n'));
    expect(
      lines.filter((line) => line.length > columns && line.trim().split(/ {2,}| /).length > 1 && !/\S{30}/.test(line)),
    ).toEqual([]);
  });
});

it('colour is all that colour adds', () => {
  const explanation = explained(samples[0]!.protobuf);
  const coloured = explanationText(explanation, { columns: 100, hasColour: true });
  const bare = explanationText(explanation, plain(100));
  expect(coloured).not.toBe(bare);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken away
  expect(coloured.replace(/\u001b\[\d+m/g, '')).toBe(bare);
});

describe('hostile text', () => {
  const evil = '\u001b[2J\u0007a\r\nb\u202ec\u0085\u2028\u{e0041}';
  const explanation = explained([
    requestOf(
      [
        {
          name: evil,
          scope: evil,
          attributes: { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': evil, [evil]: 'x' },
        },
        { name: evil, attributes: {} },
      ],
      { 'service.name': evil, 'service.namespace': evil, 'deployment.environment.name': evil },
    ),
  ]);
  const control = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

  it('is escaped in text', () => {
    const text = explanationText(explanation, plain(120));
    expect(text).toContain('\\u{1b}[2J\\u{7}a');
    expect(text.split('\n').filter((line) => control.test(line))).toEqual([]);
  });

  it('is escaped in JSON, which says the same', () => {
    const json = escapedJson(JSON.stringify(explanation));
    expect(json).not.toMatch(control);
    expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(explanation)));
  });
});

it('halves of characters do no harm', () => {
  expect(escaped('a\ud800b')).toBe('a\ufffdb');
});

it('words stay whole', () => {
  expect(wrapped('one two three', 7)).toEqual(['one two', 'three']);
  expect(wrapped('incomprehensible it is', 5)).toEqual(['incomprehensible', 'it is']);
});
