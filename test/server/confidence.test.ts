import { afterAll, beforeAll, expect, it } from 'vitest';
import { exchange, World } from './world.ts';

const START = Date.parse('2026-11-18T00:00:00Z');
let world: World;
const asked = exchange('bot', START - 60_000);
beforeAll(async () => {
  world = await World.start({ now: START });
  await world.spans([asked]);
});
afterAll(() => world.end());

const evaluations = async (): Promise<Record<string, unknown>[]> =>
  (await world.get<{ evaluations: Record<string, unknown>[] }>(`/interactions/${asked.traceId}`)).evaluations;

async function inTelemetry(name: string, attributes: Record<string, number>): Promise<string> {
  const logRecord = {
    traceId: asked.traceId,
    spanId: asked.spanId,
    timeUnixNano: String(BigInt(START) * 1_000_000n),
    eventName: 'gen_ai.evaluation.result',
    attributes: [
      { key: 'gen_ai.evaluation.name', value: { stringValue: name } },
      ...Object.entries(attributes).map(([key, doubleValue]) => ({ key, value: { doubleValue } })),
    ],
  };
  const response = await fetch(`${world.plimsoll.addresses.otlpHttp}/v1/logs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      resourceLogs: [{ scopeLogs: [{ scope: { name: 'test' }, logRecords: [logRecord] }] }],
    }),
  });
  return response.text();
}

it('a confidence alone is an evaluation, over REST and in telemetry', async () => {
  const { traceId } = asked;
  const receipt = await world.post('/evaluations', {
    evaluations: [{ traceId, name: 'self', evaluator: 'model', confidence: 0.9 }],
  });
  expect(receipt).toMatchObject({ accepted: 1, rejected: [] });
  expect(await inTelemetry('told', { 'gen_ai.evaluation.confidence': 0.4 })).toBe('{}');
  expect(await evaluations()).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ name: 'self', score: null, confidence: 0.9 }),
      expect.objectContaining({ name: 'told', score: null, confidence: 0.4 }),
    ]),
  );
});

it('another confidence of the same is its last word, the same again is a duplicate', async () => {
  const { traceId } = asked;
  const say = (confidence: number) =>
    world.post('/evaluations', { evaluations: [{ traceId, name: 'again', evaluator: 'model', confidence }] });
  await say(0.9);
  expect(await say(0.9)).toMatchObject({ duplicates: 1 });
  world.now += 1000;
  expect(await say(0.5)).toMatchObject({ accepted: 1 });
  expect((await evaluations()).filter(({ name }) => name === 'again')).toMatchObject([{ confidence: 0.5 }]);
});

it('a confidence that is none is refused, and said to be', async () => {
  const { traceId } = asked;
  const { rejected } = await world.post<{ rejected: { detail: string }[] }>('/evaluations', {
    evaluations: [{ traceId, name: 'self', evaluator: 'model', confidence: 1.5 }],
  });
  expect(rejected[0]!.detail).toContain('confidence');
  const answer = await inTelemetry('wild', { 'gen_ai.evaluation.score.value': 1, 'gen_ai.evaluation.confidence': 1.7 });
  expect(answer).toContain('wild has the confidence 1.7');
});
