import assert from 'node:assert/strict';
import fc from 'fast-check';
import { CLOSE_CODES, HOLD_REASONS } from '../../src/model/incident.ts';
import { CHANGE_TYPES } from '../../src/model/signals.ts';
import { type Exchange, exchange, objective, service, World } from '../server/world.ts';
import { mutated, oddJson } from './mutate.ts';
import type { FuzzTarget } from './target.ts';

const START = Date.parse('2026-11-18T00:00:00Z');
const MINUTE = 60_000;

/** A Plimsoll in which something is broken: there are interactions to speak of, and an incident to move. */
export async function brokenWorld(): Promise<{ world: World; known: readonly Exchange[] }> {
  const world = await World.start({
    now: START,
    services: [service('bot', { evaluations: { groundedness: { pass: 0.7 } } })],
    objectives: [objective('up', { service: 'bot', measure: { type: 'availability' }, target: 0.99 })],
  });
  const known: Exchange[] = [];
  for (let minute = 0; minute < 6; minute++) {
    const failing = Array.from({ length: 20 }, (_, i) => exchange('bot', world.now + i * 1000, { failed: true }));
    known.push(...failing);
    world.now += MINUTE;
    await world.spans(failing);
    world.now += MINUTE / 2;
    await world.plimsoll.tick();
    world.now -= MINUTE / 2;
  }
  const { incidents } = await world.get<{ incidents: object[] }>('/incidents');
  assert.equal(incidents.length, 1, 'there is no incident to move');
  return { world, known };
}

/** Mostly what belongs there, sometimes anything that JSON can say. */
const nearly = (usual: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 12, arbitrary: usual }, { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) });
const text = fc.string({ maxLength: 300, unit: 'binary' });
const instant = fc.oneof(
  fc
    .date({ min: new Date(0), max: new Date('2600-01-01T00:00:00Z'), noInvalidDate: true })
    .map((date) => date.toISOString()),
  fc.constantFrom('2026-02-30T00:00:00Z', '2026-11-18T00:00:00+23:59', '0000-01-01T00:00:00Z', '2016-12-31T23:59:60Z'),
);
const number = fc.oneof(fc.double({ noNaN: true }), fc.integer());

function targetOf(known: readonly Exchange[]): Record<string, fc.Arbitrary<unknown>> {
  const id = (length: number) =>
    fc.string({ minLength: length - 1, maxLength: length, unit: fc.constantFrom(...'0aF9') });
  const traceIds = known.map(({ traceId }) => traceId);
  return {
    id: nearly(fc.constantFrom('a', 'b', 'c')),
    traceId: nearly(fc.oneof(fc.constantFrom(...traceIds), id(32))),
    spanId: nearly(id(16)),
    responseId: nearly(text),
    conversationId: nearly(text),
    service: nearly(fc.constantFrom('bot', 'other')),
    at: nearly(instant),
  };
}

/** Items of each list, by the path that takes them. */
function itemsOf(known: readonly Exchange[]): Record<string, fc.Arbitrary<unknown>> {
  const target = targetOf(known);
  const kinds = ['thumbs', 'stars', 'decision', 'escalation', 'reask', 'flag'];
  const values = ['up', 'down', 1, 5, 'accepted', 'overridden', true, false, 'unsafe', 'other'];
  const item = (shape: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<unknown> =>
    nearly(fc.record(shape, { requiredKeys: [] }));
  const version = fc.oneof(text, fc.record({ id: text, sha256: fc.constantFrom('ab'.repeat(32), 'x') }));
  return {
    feedback: item({
      ...target,
      kind: nearly(fc.constantFrom(...kinds)),
      value: nearly(fc.constantFrom(...values)),
      comment: nearly(text),
    }),
    evaluations: item({
      ...target,
      name: nearly(fc.constantFrom('groundedness', 'x', 'x\u0000y')),
      score: nearly(number),
      label: nearly(text),
      evaluator: nearly(fc.constantFrom('judge', 'other')),
      evaluatorVersion: nearly(fc.constantFrom('1', '2')),
      confidence: nearly(number),
    }),
    labels: item({
      ...target,
      name: nearly(fc.constantFrom('correct', 'x')),
      value: nearly(fc.boolean()),
      source: nearly(fc.constantFrom('human', 'x')),
      sampling: nearly(fc.constantFrom('random', 'voluntary')),
    }),
    changes: item({
      id: nearly(fc.constantFrom('a', 'b')),
      service: nearly(fc.constantFrom('bot', 'other')),
      environment: nearly(text),
      type: nearly(fc.constantFrom(...CHANGE_TYPES)),
      before: nearly(version),
      after: nearly(version),
      at: nearly(instant),
      state: nearly(text),
      description: nearly(text),
    }),
  };
}

/** What belongs to each move, and two that are none. */
const MOVES: Readonly<Record<string, Record<string, fc.Arbitrary<unknown>>>> = {
  acknowledge: {},
  assign: { to: nearly(text) },
  hold: { reason: nearly(fc.constantFrom(...HOLD_REASONS)) },
  resume: {},
  resolve: { code: nearly(fc.constantFrom(...CLOSE_CODES)), notes: nearly(text) },
  reopen: { reason: nearly(text) },
  note: { text: nearly(fc.string({ maxLength: 5 })) },
  toString: {},
  '\u0000': {},
};
/** The move, a line break, and its body: so that a move is one input. */
const moveInputs = fc
  .oneof(...Object.entries(MOVES).map(([move, shape]) => fc.tuple(fc.constant(move), nearly(fc.record(shape)))))
  .map(([move, body]) => `${move}\n${JSON.stringify(body)}`);

/** The doors of the API. A body holds up to five items. */
export function restTargets(api: string, known: readonly Exchange[], seed: number): FuzzTarget[] {
  const lists = Object.entries(itemsOf(known)).map(([key, item]) => {
    const bodies = fc.array(item, { maxLength: 5 }).map((items) => JSON.stringify({ [key]: items }));
    return {
      name: key,
      share: 600,
      next: inputsOf(bodies, seed),
      run: (input: Buffer) => post(`${api}/${key}`, input),
    };
  });
  const run = (input: Buffer): Promise<string> => {
    const end = input.indexOf('\n');
    const move = encodeURIComponent(input.toString('latin1', 0, Math.max(0, end))) || 'note';
    return post(`${api}/incidents/INC-1/${move}`, input.subarray(end + 1));
  };
  return [...lists, { name: 'moves', share: 600, next: inputsOf(moveInputs, seed), run }];
}

/** Samples, a quarter of them hurt. */
function inputsOf(bodies: fc.Arbitrary<string>, seed: number): FuzzTarget['next'] {
  let samples: string[] = [];
  let drawn = 0;
  return (random) => {
    if (samples.length === 0) samples = fc.sample(bodies, { seed: seed + drawn++, numRuns: 200 });
    const body = Buffer.from(samples.pop()!);
    if (random() < 0.75) return body;
    return random() < 0.5 ? oddJson(body, random) : mutated(body, random, [body]);
  };
}

/** Ends that the API declares: done, or the sender's fault, said as RFC 9457 wants it. */
async function post(url: string, body: Buffer): Promise<string> {
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  const answer = (await response.json()) as Record<string, unknown>;
  assert([200, 400, 404, 409, 413].includes(response.status), `${response.status} ${JSON.stringify(answer)}`);
  if (response.status === 200) return 'taken';
  assert.match(String(answer['code']), /^PLIM_/);
  return `refused with ${response.status}`;
}
