import { describe, expect, it } from 'vitest';
import { protobufOfLogs } from '../../../collectors/otlp/json-logs.ts';
import { LogDecoder } from '../../../collectors/otlp/logs.ts';
import { ProtoWriter } from '../../../collectors/otlp/proto-writer.ts';
import { Rejects } from '../../../collectors/otlp/rejects.ts';
import { samples, WINDOW } from './samples.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = '00f067aa0ba902b7';
const NOW_NANOS = String(BigInt(WINDOW.now) * 1_000_000n);

type Value = string | number | boolean;

const anyValue = (value: Value): object => {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  return Number.isInteger(value) ? { intValue: value } : { doubleValue: Number.isNaN(value) ? 'NaN' : value };
};
const attributesOf = (attributes: Readonly<Record<string, Value>>): object[] =>
  Object.entries(attributes).map(([key, value]) => ({ key, value: anyValue(value) }));

/** A log request with one evaluation of a span. */
const logOf = (attributes: Readonly<Record<string, Value>>, more: object = {}, scope: object = {}): Buffer => {
  const record = {
    timeUnixNano: NOW_NANOS,
    traceId: TRACE,
    spanId: SPAN,
    eventName: 'gen_ai.evaluation.result',
    attributes: attributesOf(attributes),
    ...more,
  };
  return Buffer.from(JSON.stringify({ resourceLogs: [{ scopeLogs: [{ scope, logRecords: [record] }] }] }));
};

function readJson(body: Buffer) {
  const rejects = new Rejects();
  const decoded = new LogDecoder().decode(protobufOfLogs(body, rejects), WINDOW, rejects);
  return { ...decoded, rejected: rejects.list };
}

const scored = { 'gen_ai.evaluation.name': 'tone', 'gen_ai.evaluation.score.value': 0.5 };

describe.each(samples.filter(({ logs }) => logs.protobuf.length > 0))('the recorded logs of $name', (sample) => {
  const { logs } = sample;
  it('give the same evaluations in either form, and nothing is refused', () => {
    const decoder = new LogDecoder();
    const rejects = new Rejects();
    const fromProtobuf = logs.protobuf.map((body) => decoder.decode(body, WINDOW, rejects));
    const fromJson = logs.json.map((body) => decoder.decode(protobufOfLogs(body, rejects), WINDOW, rejects));
    expect(fromJson).toEqual(fromProtobuf);
    expect(rejects.list).toEqual([]);
    const names = fromProtobuf.flatMap(({ evaluations }) => evaluations.map(({ name }) => name));
    expect(names).toEqual((sample.expected.evaluations ?? []).map((row) => row['name']));
    expect(fromProtobuf.reduce((sum, { unused }) => sum + unused, 0)).toBeGreaterThan(0);
  });
});

describe('what an evaluation says', () => {
  const cases: [string, Record<string, Value>, object][] = [
    ['a score', { 'gen_ai.evaluation.score.value': 0.25 }, { score: 0.25 }],
    ['a whole number', { 'gen_ai.evaluation.score.value': 4 }, { score: 4 }],
    ['a number as text', { 'gen_ai.evaluation.score.value': ' 0.5' }, { score: 0.5 }],
    ['a truth value, which is 1 or 0', { 'gen_ai.evaluation.score.value': false }, { score: 0, label: 'false' }],
    ['a text that is no number, which is a label', { 'gen_ai.evaluation.score.value': 'polite' }, { label: 'polite' }],
    ['a label alone', { 'gen_ai.evaluation.score.label': 'pass' }, { label: 'pass' }],
    [
      'a truth value with a label of its own',
      { 'gen_ai.evaluation.score.value': true, 'gen_ai.evaluation.score.label': 'pass' },
      { score: 1, label: 'pass' },
    ],
    ['the name of the score before it was settled', { 'gen_ai.evaluation.score': 0.5 }, { score: 0.5 }],
    ['that its evaluator failed: no score', { 'error.type': 'timeout' }, { errorType: 'timeout' }],
    [
      'that its evaluator failed, beside a score, which is none then',
      { 'error.type': 'timeout', 'gen_ai.evaluation.score.value': 0 },
      { errorType: 'timeout' },
    ],
    [
      'its evaluator',
      {
        'gen_ai.evaluation.score.value': 1,
        'gen_ai.evaluation.evaluator.name': 'judge',
        'gen_ai.evaluation.evaluator.version': '2',
      },
      { score: 1, evaluator: 'judge', evaluatorVersion: '2' },
    ],
    [
      'its key, which counts within its trace',
      { 'gen_ai.evaluation.score.value': 1, 'openlit.score.idempotency_key': 'fb-1' },
      { score: 1, id: `fb-1 ${TRACE}` },
    ],
    [
      'the response that it is about',
      { 'gen_ai.evaluation.score.value': 1, 'gen_ai.response.id': 'resp-1' },
      { score: 1, responseId: 'resp-1' },
    ],
  ];
  it.each(cases)('%s', (_, attributes, wanted) => {
    const { evaluations, rejected } = readJson(logOf({ 'gen_ai.evaluation.name': 'tone', ...attributes }));
    expect(rejected).toEqual([]);
    expect(evaluations).toEqual([{ name: 'tone', traceId: TRACE, spanId: SPAN, at: WINDOW.now, ...wanted }]);
  });

  it('the scope is the evaluator, but not where it only passes on what others scored', () => {
    const [one] = readJson(logOf(scored, {}, { name: 'judges', version: '1.2' })).evaluations;
    expect(one).toMatchObject({ evaluator: 'judges', evaluatorVersion: '1.2' });
    const [other] = readJson(logOf(scored, {}, { name: 'openlit', version: '1.15.0' })).evaluations;
    expect(other).not.toHaveProperty('evaluator');
  });

  it('outside of any trace it is about a response, or a conversation', () => {
    const outside = { traceId: undefined, spanId: '0000000000000000' };
    const ids = { 'gen_ai.response.id': 'r', 'gen_ai.conversation.id': 'c' };
    const [byResponse] = readJson(logOf({ ...scored, ...ids }, outside)).evaluations;
    expect(byResponse).toEqual({ name: 'tone', score: 0.5, at: WINDOW.now, responseId: 'r', conversationId: 'c' });
    const [byConversation] = readJson(logOf({ ...scored, 'gen_ai.conversation.id': 'c' }, outside)).evaluations;
    expect(byConversation).toMatchObject({ conversationId: 'c' });
  });

  it('an id is as long as on a span; what is longer is none, and never cut to the name of something else', () => {
    const longest = { 'gen_ai.response.id': 'r'.repeat(1024), 'gen_ai.conversation.id': 'c'.repeat(1025) };
    const [one] = readJson(logOf({ ...scored, ...longest }, { traceId: '', spanId: '' })).evaluations;
    expect(one).toEqual({ name: 'tone', score: 0.5, at: WINDOW.now, responseId: 'r'.repeat(1024) });
    const { rejected } = readJson(
      logOf({ ...scored, 'gen_ai.response.id': 'r'.repeat(1025) }, { traceId: '', spanId: '' }),
    );
    expect(rejected).toMatchObject([{ reason: 'no target' }]);
  });

  it('was said when it was observed, where that is all it says', () => {
    const at = WINDOW.now - 5000;
    const times = { timeUnixNano: undefined, observedTimeUnixNano: `${at}000000` };
    expect(readJson(logOf(scored, times)).evaluations).toMatchObject([{ at }]);
    expect(readJson(logOf(scored, { timeUnixNano: '0' })).evaluations[0]).not.toHaveProperty('at');
  });
});

describe('an evaluation that can not be kept', () => {
  const { 'gen_ai.evaluation.name': name, 'gen_ai.evaluation.score.value': score } = scored;
  it.each<[string, Buffer, string]>([
    ['no name', logOf({ 'gen_ai.evaluation.score.value': score }), 'evaluation name'],
    ['neither score nor label', logOf({ 'gen_ai.evaluation.name': name }), 'score'],
    ['NaN', logOf({ ...scored, 'gen_ai.evaluation.score.value': Number.NaN }), 'score'],
    ['infinite', logOf({ ...scored, 'gen_ai.evaluation.score.value': 'Infinity' }), 'score'],
    ['a label that is a text', logOf({ ...scored, 'gen_ai.evaluation.score.label': 'x'.repeat(257) }), 'long name'],
    ['about nothing', logOf(scored, { traceId: '', spanId: '' }), 'no target'],
    ['a trace id of 3 bytes', logOf(scored, { traceId: 'abcdef' }), 'trace id'],
    ['a span id of 9 bytes', logOf(scored, { spanId: '00'.repeat(9) }), 'span id'],
    ['in the future', logOf(scored, { timeUnixNano: `${WINDOW.now + 601_000}000000` }), 'in the future'],
    ['too old', logOf(scored, { timeUnixNano: `${WINDOW.now - WINDOW.retention - 1000}000000` }), 'too old'],
    ['no list of attributes', logOf({}, { attributes: 7 }), 'unreadable'],
  ])('%s', (_, body, reason) => {
    const { evaluations, rejected } = readJson(body);
    expect(evaluations).toEqual([]);
    expect(rejected).toMatchObject([{ reason, count: 1 }]);
  });

  it.each([
    ['trace id', 9, 15],
    ['span id', 10, 7],
  ])('a %s of the wrong length in protobuf', (reason, field, bytes) => {
    const out = new ProtoWriter(256);
    out.message(1, () =>
      out.message(2, () =>
        out.message(2, () => {
          out.blob(field, Buffer.alloc(bytes, 7));
          out.string(12, 'gen_ai.evaluation.result');
        }),
      ),
    );
    const rejects = new Rejects();
    expect(new LogDecoder().decode(out.written, WINDOW, rejects).evaluations).toEqual([]);
    expect(rejects.list).toMatchObject([{ reason, example: expect.stringContaining('07'.repeat(bytes)) }]);
  });
});

it('other records are acknowledged, whatever is in them', () => {
  const records = [
    { eventName: 'gen_ai.choice', body: { kvlistValue: { values: [] } }, traceId: 'zz' },
    { body: { stringValue: 'a line' }, attributes: [null, 7, { key: 'event.name', value: { intValue: 3 } }] },
    {},
  ];
  const body = Buffer.from(JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: records }] }] }));
  expect(readJson(body)).toEqual({ evaluations: [], unused: 3, rejected: [] });
});
