import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import type { PlanData } from '../../src/catalog/plan-book.ts';
import { ByteWriter } from '../../src/model/bytes.ts';
import { Dictionary } from '../../src/model/dictionary.ts';
import { countedKey, evaluationKey, markKey, serviceKey } from '../../src/model/names.ts';
import { EMPTY_SPAN, type Span } from '../../src/model/span.ts';
import { appendSpanRecord } from '../../src/model/span-record.ts';
import type { WriteItem, WriteResult } from '../../src/store/items.ts';
import type { NewRating } from '../../src/store/rating.ts';
import { openForWriting } from '../../src/store/sqlite/database.ts';
import { Ledger } from '../../src/store/sqlite/ledger.ts';
import { verifyStore } from '../../src/store/sqlite/verify.ts';

const folder = mkdtempSync(join(tmpdir(), 'plimsoll-ledger-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const NOW = 1_795_000_000_000;
const END = NOW / 100;
const RETENTION = { interactionsMs: 45 * 86_400_000, minutesMs: 100 * 86_400_000, hoursMs: 400 * 86_400_000 };

const dictionary = new Dictionary();
const resources = ['bot', 'shop'].map((name) => dictionary.code(serviceKey({ name, namespace: '', environment: '' })));
const services = ['bot', 'shop'].map((name) => dictionary.code(countedKey({ name, environment: '' })));
const groundedness = { name: 'groundedness', evaluator: 'judge', version: '1' };
const evaluation = dictionary.code(evaluationKey(groundedness));
const mark = dictionary.code(markKey(groundedness, { op: '>=', value: 0.7 }));
const models = ['small', 'large'].map((name) => dictionary.code(name));
const responseModel = dictionary.code('response_model');
const dependency = dictionary.code('dependency');
const entries = dictionary.takeFresh();

const plans: PlanData[] = resources.map((resource, i) => ({
  resource,
  service: services[i]!,
  dimensions: [{ code: responseModel, source: 'response_model' }],
  thresholdsMs: [1000],
  evaluations: [{ evaluation, low: 0, high: 1, good: 'high', marks: [{ code: mark, op: '>=', value: 0.7 }] }],
  exchange: 'entry',
}));

let files = 0;
class World {
  readonly file = join(folder, `${files++}.db`);
  db: DatabaseSync = openForWriting(this.file);
  ledger = new Ledger(this.db, RETENTION);
  compared = 0;

  constructor() {
    this.ledger.setPlans(plans);
    this.ledger.recover(NOW);
    this.commit([{ type: 'dictionary', first: entries.first, texts: entries.texts }]);
  }

  commit(items: WriteItem[]): WriteResult[] {
    return this.ledger.commit(items, NOW);
  }

  /** The process ends without a word; another one opens the file. */
  crash(): void {
    this.db.close();
    this.db = openForWriting(this.file);
    this.ledger = new Ledger(this.db, RETENTION);
    this.ledger.setPlans(plans);
    this.ledger.recover(NOW);
  }

  /** Every stored tally, as text; dependencies, which are numbered by first sight, by what they are. */
  tallies(): string[] {
    this.ledger.settle(NOW);
    const dependencies = new Map(
      this.db
        .prepare('select code, kind, provider, name from dependency')
        .all()
        .map((row) => [row['code'], `${row['kind']} ${row['provider']} ${row['name']}`]),
    );
    return ['tally', 'tally_hour', 'tally_day']
      .flatMap((table) => this.db.prepare(`select *, '${table}' as source from ${table}`).all())
      .map((row) => {
        const value = row['dimension'] === dependency ? dependencies.get(row['value']!) : row['value'];
        const data = Buffer.from(row['data'] as Uint8Array).toString('hex');
        const time = row['minute'] ?? row['hour'] ?? row['day'];
        return [row['source'], row['clock'], time, row['service'], row['dimension'], value, data].join(' ');
      })
      .sort();
  }

  differences(): unknown[] {
    this.ledger.settle(NOW);
    const { differences, compared, unsettled } = verifyStore(this.file);
    if (unsettled > 0) throw new Error(`${unsettled} minutes are unsettled`);
    this.compared += compared;
    return [...differences];
  }

  end(): void {
    this.db.close();
  }
}

const records = (spans: readonly Span[]): WriteItem => {
  const out = new ByteWriter();
  for (const span of spans) appendSpanRecord(out, span);
  return { type: 'spans', records: Uint8Array.from(out.written).buffer };
};

const id = (length: number, ...parts: number[]): string => String.fromCharCode(...parts).padEnd(length, '\u0007');

/** Traces of an HTTP entry with calls below it, some of them agents with a model inside, some in a second service. */
const traceOf = (trace: number): fc.Arbitrary<Span[]> =>
  fc
    .array(
      fc.record({
        parent: fc.integer({ min: -1, max: 5 }),
        kind: fc.constantFrom('none', 'model', 'model', 'tool', 'agent', 'step', 'chain') as fc.Arbitrary<Span['kind']>,
        service: fc.constantFrom(0, 0, 0, 1),
        end: fc.integer({ min: 0, max: 1500 }),
        duration: fc.integer({ min: 0, max: 3_000_000_000 }),
        isError: fc.boolean(),
        model: fc.constantFrom(0, 1),
        tokens: fc.option(fc.nat(100), { nil: null }),
        conversation: fc.constantFrom('', '', `conversation-${trace}`),
        response: fc.boolean(),
      }),
      { minLength: 1, maxLength: 6 },
    )
    .map((list) =>
      list.map(
        (one, i): Span => ({
          ...EMPTY_SPAN,
          traceId: id(16, trace + 1),
          spanId: id(8, trace + 1, i + 1),
          parentSpanId: one.parent < 0 || one.parent === i ? '' : id(8, trace + 1, one.parent + 1),
          service: resources[one.service]!,
          spanKind: one.kind === 'none' ? 'server' : 'internal',
          kind: one.kind,
          endTenths: END - 3000 + one.end,
          durationNanos: one.duration,
          isError: one.isError,
          responseModel: one.kind === 'model' ? models[one.model]! : 0,
          inputTokens: one.tokens,
          conversationId: one.kind === 'none' ? '' : one.conversation,
          responseRef: one.kind === 'model' && one.response ? id(8, 99, trace + 1, i + 1) : '',
        }),
      ),
    );

const traces = fc.tuple(traceOf(0), traceOf(1), traceOf(2)).map((list) => list.flat());

const ratingOf = fc
  .record({
    trace: fc.integer({ min: 0, max: 3 }),
    by: fc.constantFrom('trace', 'trace', 'span', 'response', 'conversation'),
    span: fc.integer({ min: 0, max: 5 }),
    value: fc.constantFrom('up', 'down'),
    kind: fc.constantFrom('thumbs', 'evaluation'),
    score: fc.constantFrom(0.2, 0.7, 0.9),
    later: fc.integer({ min: 0, max: 100_000_000 }),
  })
  .map((one): NewRating => {
    const target = {
      trace: one.by === 'trace' || one.by === 'span' ? id(16, one.trace + 1) : '',
      span: one.by === 'span' ? id(8, one.trace + 1, one.span + 1) : '',
      response: one.by === 'response' ? id(8, 99, one.trace + 1, one.span + 1) : '',
      conversation: one.by === 'conversation' ? `conversation-${one.trace}` : '',
      service: '',
    };
    return {
      identity: JSON.stringify([target, one.kind]),
      target,
      rating:
        one.kind === 'thumbs'
          ? { type: 'feedback', kind: 'thumbs', value: one.value }
          : { type: 'evaluation', evaluation, score: one.score },
      detail: null,
      at: NOW + one.later,
    };
  });

/** One of each identity: of two, the later one counts, whichever comes first. */
const ratingsOf = fc.uniqueArray(ratingOf, { selector: (rating) => rating.identity, maxLength: 6 });

/** How signals reach the store: in which order, how grouped, how often, and when the process dies or settles. */
const deliveries = fc.array(
  fc.record({ pick: fc.nat(), again: fc.boolean(), next: fc.constantFrom('commit', 'join', 'settle', 'crash') }),
  { minLength: 1, maxLength: 40 },
);

/** Spans and ratings arrive as `plan` says; whatever it left out comes at the end. */
function deliver(
  world: World,
  signals: (Span | NewRating)[],
  plan: { pick: number; again: boolean; next: string }[],
): void {
  const left = [...signals];
  const sent: (Span | NewRating)[] = [];
  let group: (Span | NewRating)[] = [];
  const flush = (): void => {
    const items = group.map(
      (signal): WriteItem => ('spanId' in signal ? records([signal]) : { type: 'ratings', ratings: [signal] }),
    );
    world.commit(items);
    group = [];
  };
  for (const { pick, again, next } of plan) {
    const from = again && sent.length > 0 ? sent : left;
    const signal = from[pick % Math.max(1, from.length)];
    if (signal === undefined) break;
    group.push(signal);
    if (from === left) left.splice(left.indexOf(signal), 1);
    sent.push(signal);
    if (next === 'join') continue;
    flush();
    if (next === 'settle') world.ledger.settle(NOW);
    if (next === 'crash') world.crash();
  }
  group.push(...left);
  flush();
}

it('whatever the order, the batches, the repeats and the crashes: the same tallies, and they are the fold of the rows', () => {
  fc.assert(
    fc.property(traces, ratingsOf, deliveries, (spans, said, plan) => {
      const straight = new World();
      straight.commit([records(spans)]);
      for (const rating of said) straight.commit([{ type: 'ratings', ratings: [rating] }]);
      const crooked = new World();
      deliver(crooked, [...spans, ...said], plan);
      expect(crooked.tallies()).toEqual(straight.tallies());
      expect(crooked.differences()).toEqual([]);
      expect(straight.differences()).toEqual([]);
      straight.end();
      crooked.end();
    }),
    { numRuns: Number(process.env['PLIMSOLL_RUNS'] ?? 100), endOnFailure: true },
  );
});
