import { afterAll, describe, expect, it } from 'vitest';
import { EMPTY_SPAN, type Span } from '../../src/model/span.ts';
import { type NewRating, noRatings, type RatingTarget } from '../../src/store/rating.ts';
import { END, LedgerWorld, NOW, records, resources } from './ledger-world.ts';

const [BOT, SHOP] = resources as [number, number];
const id = (name: string, length = 8): string => name.padEnd(length, '·').slice(0, length);
const trace = (name: string): string => id(name, 16);

const span = (traceId: string, spanId: string, more: Partial<Span> & { under?: string } = {}): Span => {
  const { under, ...rest } = more;
  return {
    ...EMPTY_SPAN,
    traceId: trace(traceId),
    spanId: id(spanId),
    parentSpanId: under === undefined ? '' : id(under),
    service: BOT,
    kind: 'model',
    endTenths: END - 600,
    durationNanos: 1e9,
    ...rest,
  };
};

/** A gateway that asks the bot twice, and a second turn of the same conversation in a trace of its own. */
const GATEWAY = span('T', 'gateway', { kind: 'none', service: SHOP, spanKind: 'server', durationNanos: 5e9 });
const SPANS = [
  GATEWAY,
  span('T', 'hop', { under: 'gateway', kind: 'none', service: SHOP, spanKind: 'client' }),
  span('T', 'http', {
    under: 'hop',
    kind: 'none',
    spanKind: 'server',
    durationNanos: 4e9,
    interactionRef: id('own-1'),
  }),
  span('T', 'first', { under: 'http', durationNanos: 3e9, conversationId: 'talk', responseRef: id('resp-1') }),
  span('T', 'inner', { under: 'first', kind: 'tool', durationNanos: 1e8 }),
  span('T', 'http-2', { under: 'gateway', kind: 'none', spanKind: 'server', interactionRef: id('own-2') }),
  span('T', 'second', { under: 'http-2', endTenths: END - 590, conversationId: 'talk', responseRef: id('resp-2') }),
  span('U', 'third', { endTenths: END - 300, conversationId: 'talk' }),
];

const NOBODY: RatingTarget = { trace: '', span: '', response: '', interaction: '', conversation: '', service: '' };
const rating = (target: Partial<RatingTarget>, at = NOW): NewRating => ({
  identity: JSON.stringify([target, at]),
  target: { ...NOBODY, ...target },
  rating: { type: 'feedback', kind: 'thumbs', value: 'up' },
  detail: null,
  at,
  isTimed: true,
});

/** The span beside which the interaction of a rating is stored. */
function owner(world: LedgerWorld, { identity }: NewRating): string | null {
  const row = world.db.prepare('select owner_span from rating where identity = ?').get(identity);
  const bytes = row!['owner_span'] as Uint8Array | null;
  return bytes === null ? null : Buffer.from(bytes).toString('latin1').replaceAll('·', '');
}

const CASES: [string, NewRating, string | null][] = [
  ['a span that is a member', rating({ trace: trace('T'), span: id('inner') }), 'first'],
  ['the entry', rating({ trace: trace('T'), span: id('http') }), 'first'],
  ['a span further above, with one interaction below', rating({ trace: trace('T'), span: id('hop') }), 'first'],
  ['a span above several: the outermost of the trace', rating({ trace: trace('T'), span: id('gateway') }), 'first'],
  ['a span that is not there: the outermost of the trace', rating({ trace: trace('T'), span: id('no') }), 'first'],
  ['a span before a response', rating({ trace: trace('T'), span: id('second'), response: id('resp-1') }), 'second'],
  ['a response', rating({ response: id('resp-2') }), 'second'],
  ['a response before the own id', rating({ response: id('resp-2'), interaction: id('own-1') }), 'second'],
  ['the own id', rating({ interaction: id('own-2') }), 'second'],
  ['the own id before the trace', rating({ trace: trace('T'), interaction: id('own-2') }), 'second'],
  ['the own id, where the trace is one of no AI', rating({ trace: trace('V'), interaction: id('own-2') }), 'second'],
  ['a trace with one', rating({ trace: trace('U') }), 'third'],
  ['a trace with several: the outermost', rating({ trace: trace('T') }), 'first'],
  ['a trace before the conversation', rating({ trace: trace('T'), conversation: 'talk' }), 'first'],
  ['the own id before the conversation', rating({ interaction: id('own-1'), conversation: 'talk' }), 'first'],
  ['the conversation: its latest', rating({ conversation: 'talk' }), 'third'],
  ['the conversation: its latest before it was said', rating({ conversation: 'talk' }, (END - 400) * 100), 'second'],
  ['the conversation, when nothing else is known', rating({ interaction: id('no'), conversation: 'talk' }), 'third'],
  ['a service that has none in the trace', rating({ trace: trace('T'), service: 'shop' }), null],
  ['nothing that is known', rating({ interaction: id('no') }), null],
];
const SAID = { type: 'ratings', ratings: CASES.map(([, said]) => said) } as const;

const ORDERS: Record<string, (world: LedgerWorld) => void> = {
  'its spans came first': (world) => {
    world.commit([records(SPANS)]);
    world.commit([SAID]);
  },
  'it came first': (world) => {
    world.commit([SAID]);
    world.commit([records(SPANS)]);
  },
  'it came between, and before a crash': (world) => {
    world.commit([records(SPANS.slice(5))]);
    world.commit([SAID]);
    world.crash();
    for (const one of SPANS.slice(0, 5).reverse()) world.commit([records([one])]);
  },
};

describe.each(Object.entries(ORDERS))('the interaction that feedback is about, when %s', (_order, deliver) => {
  const world = new LedgerWorld();
  deliver(world);
  afterAll(() => world.end());

  it.each(CASES)('%s', (_what, said, expected) => {
    expect(owner(world, said)).toBe(expected);
  });

  it('the tallies are the fold of the rows, and what has found nothing waits', () => {
    expect(world.differences()).toEqual([]);
    const unjoined = CASES.filter(([, , expected]) => expected === null);
    expect(world.ledger.status.ratings.waiting).toEqual({ ...noRatings(), feedback: unjoined.length });
  });
});

it('of names that lead to different traces the first in the order counts', () => {
  const world = new LedgerWorld();
  world.commit([records(SPANS)]);
  const said = [{ response: id('resp-2') }, { interaction: id('own-2') }].map((name) =>
    rating({ trace: trace('U'), ...name }),
  );
  world.commit([{ type: 'ratings', ratings: said }]);
  expect(said.map((one) => owner(world, one))).toEqual(['second', 'second']);
  world.end();
});

it('feedback that was counted with the turn before moves to its own when that comes, also after a crash', () => {
  const world = new LedgerWorld();
  world.commit([records(SPANS.slice(0, -1))]);
  const said = rating({ interaction: id('own-3'), conversation: 'talk' });
  world.commit([{ type: 'ratings', ratings: [said] }]);
  expect(owner(world, said)).toBe('second');
  world.crash();
  world.commit([records([{ ...SPANS.at(-1)!, interactionRef: id('own-3') }])]);
  expect(owner(world, said)).toBe('third');
  expect(world.differences()).toEqual([]);
  world.end();
});

it("the own id of a request's span outlives the span, which is kept for two hours", () => {
  const world = new LedgerWorld();
  world.commit([records(SPANS)]);
  world.now = NOW + 3 * 3_600_000;
  world.settle();
  expect(world.ledger.status.linkParts).toBe(0);
  world.crash();
  const said = rating({ interaction: id('own-2') }, world.now);
  world.commit([{ type: 'ratings', ratings: [said] }]);
  expect(owner(world, said)).toBe('second');
  world.end();
});
