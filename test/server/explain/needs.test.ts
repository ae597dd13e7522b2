import { expect, it } from 'vitest';
import { dialects } from '../../../collectors/dialects/index.ts';
import { planOf } from '../../../collectors/dialects/plan.ts';
import { REMEDIES, remediesFor } from '../../../src/server/explain/remedies.ts';
import { requestOf } from '../../collectors/otlp/requests.ts';
import { explained } from './explaining.ts';

const chat = { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'gpt-4o' };
const statuses = (attributes: Record<string, string | number>, rest = {}) =>
  Object.fromEntries(
    explained([requestOf([{ ...rest, attributes: { ...chat, ...attributes } }])]).needs.map(({ need, status }) => [
      need,
      status,
    ]),
  );

it('what is missing is told, measure by measure', () => {
  expect(statuses({})).toEqual({
    availability: 'ok',
    latency: 'ok',
    'time to first token': 'missing',
    'tokens, cost': 'missing',
    'model, cost': 'ok',
    'slice prompt_version': 'missing',
    conversation: 'missing',
    user: 'missing',
    'feedback by responseId': 'missing',
    sampling: 'ok',
    environment: 'missing',
  });
});

it('what was sent is not', () => {
  expect(
    statuses({
      'gen_ai.response.time_to_first_chunk': 0.2,
      'gen_ai.usage.input_tokens': 31,
      'gen_ai.prompt.version': '7',
      'gen_ai.conversation.id': 'c',
      'user.id': 'u',
      'gen_ai.response.id': 'r',
      'deployment.environment.name': 'ignored on a span',
    }),
  ).toEqual({
    ...statuses({}),
    'time to first token': 'ok',
    'tokens, cost': 'ok',
    'slice prompt_version': 'ok',
    conversation: 'ok',
    user: 'ok',
    'feedback by responseId': 'ok',
  });
});

it('of what failed no answer is expected', () => {
  expect(statuses({}, { status: { code: 2 } })).toMatchObject({
    'time to first token': 'unknown',
    'tokens, cost': 'unknown',
    'feedback by responseId': 'unknown',
    'slice prompt_version': 'missing',
  });
});

it('a sampled trace says what it counts for, a blind library what it hides', () => {
  const { needs } = explained([
    requestOf([{ attributes: chat, traceState: 'ot=th:c', scope: '@traceloop/instrumentation-openai' }]),
  ]);
  expect(needs.find(({ need }) => need === 'sampling')!.detail).toContain('counts for 4');
  expect(needs.find(({ need }) => need === 'availability')).toMatchObject({
    status: 'partly',
    remedies: [expect.stringContaining('instrument the model calls with another package')],
  });
});

it('remedies speak of dialects and attributes that are read', () => {
  const names = new Set(dialects.map(({ name }) => name));
  const { slots } = planOf(dialects);
  const read = new Set([...slots.keys, ...slots.events.map(({ name }) => name)]);
  const texts = Object.values(REMEDIES).flatMap(({ general, of }) => [general, ...Object.values(of)]);
  const attributes = texts.flatMap((text) => [...text.matchAll(/`([^`]+)`/g)].map(([, name]) => name!));
  expect(attributes.length).toBeGreaterThan(15);
  expect(attributes.filter((name) => !read.has(name))).toEqual([]);
  expect(
    Object.values(REMEDIES)
      .flatMap(({ of }) => Object.keys(of))
      .filter((name) => !names.has(name)),
  ).toEqual([]);
});

it('a dialect with a way of its own is told that, others the general one', () => {
  expect(remediesFor('conversation', ['LangSmith', 'MCP'])).toEqual([expect.stringMatching(/^LangSmith: /)]);
  expect(remediesFor('conversation', ['MCP'])).toEqual([REMEDIES.conversation.general]);
});
