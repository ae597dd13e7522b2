import { afterEach, expect, it } from 'vitest';
import { Dictionary } from '../../../src/model/dictionary.ts';
import { type Door, openDoor, responseIn, send } from './door.ts';
import { requestOf, type SpanSketch } from './requests.ts';
import { decoderWith, WINDOW } from './samples.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const event = (attributes: NonNullable<SpanSketch['attributes']>, name = 'gen_ai.evaluation.result') => ({
  name,
  attributes,
});
const tone = event({ 'gen_ai.evaluation.name': 'tone', 'gen_ai.evaluation.score.value': 0.5 });
const relevance = event({ 'gen_ai.evaluation.name': 'relevance', 'gen_ai.evaluation.score.label': 'high' });
const chat: SpanSketch = { attributes: { 'gen_ai.operation.name': 'chat' } };

const doors: Door[] = [];
afterEach(() => Promise.all(doors.splice(0).map(({ server }) => server.close(0))));

it('every evaluation among the events of a span is read, of AI or not, each about its own span', () => {
  const other = event({ 'exception.type': 'Oops' }, 'exception');
  const body = requestOf([{ ...chat, events: [tone, other, relevance] }, { events: [tone] }, chat]);
  const { count, evaluations } = decoderWith(new Dictionary()).decode(body, WINDOW);
  expect(count).toBe(3);
  expect(evaluations).toEqual([
    { name: 'tone', score: 0.5, traceId: TRACE, spanId: '0000000000000001' },
    { name: 'relevance', label: 'high', traceId: TRACE, spanId: '0000000000000001' },
    { name: 'tone', score: 0.5, traceId: TRACE, spanId: '0000000000000002' },
  ]);
});

it('those of a span that is refused go with it, and nothing of one request is left for the next', () => {
  const decoder = decoderWith(new Dictionary());
  expect(decoder.decode(requestOf([{ ...chat, start: 0n, events: [tone] }]), WINDOW).evaluations).toEqual([]);
  const cut = requestOf([{ ...chat, events: [tone] }, chat]).subarray(0, -2);
  expect(() => decoder.decode(cut, WINDOW)).toThrow('are announced where');
  expect(decoder.decode(requestOf([chat]), WINDOW).evaluations).toEqual([]);
});

it('one that can not be read is a warning: its span is kept, and the sender is told', async () => {
  const door = await openDoor();
  doors.push(door);
  const nameless = event({ 'gen_ai.evaluation.score.value': 1 });
  const { body } = await send(door, { body: requestOf([{ ...chat, events: [nameless, tone] }]) });
  expect(responseIn(body)).toEqual({
    partialSuccess: {
      errorMessage: `1 evaluations in spans that were kept could not be read: 1 an evaluation needs gen_ai.evaluation.name (for example: span 0000000000000001 of trace ${TRACE})`,
    },
  });
  expect(door.sink.spans).toHaveLength(1);
  expect(door.sink.evaluations).toMatchObject([{ name: 'tone' }]);
  expect(door.tally.others).toEqual({ 'evaluation rejected': 1, 'evaluation stored': 1 });
});

it('the answer waits for them', async () => {
  const door = await openDoor();
  doors.push(door);
  door.sink.evaluate = () => Promise.reject(new Error('disk'));
  const { status } = await send(door, { body: requestOf([{ ...chat, events: [tone] }]) });
  expect(status).toBe(503);
  // The spans are stored: when they come again they are duplicates.
  expect(door.tally.spans).toEqual({ ai: 1, links: 0, duplicates: 0 });
  expect(door.reported).toHaveLength(1);
});
