import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { afterAll } from 'vitest';
import { type PlanData, scoreBinCodes } from '../../src/catalog/plan-book.ts';
import { ByteWriter } from '../../src/model/bytes.ts';
import { Dictionary } from '../../src/model/dictionary.ts';
import {
  confidenceKey,
  costLimitKey,
  countedKey,
  evaluationKey,
  judgedKey,
  type LabelName,
  labelKey,
  markKey,
  pairKey,
  rankingKey,
  relianceKey,
  serviceKey,
} from '../../src/model/names.ts';
import type { Price } from '../../src/model/prices/price.ts';
import type { Span } from '../../src/model/span.ts';
import { appendSpanRecord } from '../../src/model/span-record.ts';
import type { WriteItem, WriteResult } from '../../src/store/items.ts';
import type { PgConnection } from '../../src/store/postgres/connection.ts';
import { PgLedger } from '../../src/store/postgres/ledger.ts';
import { verifyPostgres } from '../../src/store/postgres/verify.ts';
import type { SqlDatabase } from '../../src/store/sql.ts';
import { openForWriting } from '../../src/store/sqlite/database.ts';
import { Ledger, type Retention } from '../../src/store/sqlite/ledger.ts';
import { verifyStore } from '../../src/store/sqlite/verify.ts';
import type { StoreLedger } from '../../src/store/store-ledger.ts';
import type { Verification } from '../../src/store/verification.ts';
import { decodeTally, encodeTally } from '../../src/tally/codec.ts';
import { addInto, sum, type Tally } from '../../src/tally/group.ts';
import { CONFIDENCE_BINS } from '../../src/tally/plan.ts';
import { giveBack, type TestDatabase, takeDatabase } from '../postgres/databases.ts';
import { hasPostgres } from '../postgres/server.ts';

const folder = mkdtempSync(join(tmpdir(), 'plimsoll-ledger-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

export const NOW = 1_795_000_000_000;
export const END = NOW / 100;
export const RETENTION: Retention = {
  interactionsMs: 45 * 86_400_000,
  minutesMs: 100 * 86_400_000,
  hoursMs: 400 * 86_400_000,
};

export const dictionary = new Dictionary();
export const resources = ['bot', 'shop'].map((name) =>
  dictionary.code(serviceKey({ name, namespace: '', environment: '' })),
);
const services = ['bot', 'shop'].map((name) => dictionary.code(countedKey({ name, environment: '' })));
const groundedness = { name: 'groundedness', evaluator: 'judge', version: '1' };
export const evaluation = dictionary.code(evaluationKey(groundedness));
const mark = dictionary.code(markKey(groundedness, { op: '>=', value: 0.7 }));
const bins = scoreBinCodes(dictionary, groundedness);
export const models = ['small', 'large'].map((name) => dictionary.code(name));
const responseModel = dictionary.code('response_model');
const dependency = dictionary.code('dependency');
const limit = dictionary.code(costLimitKey('USD', 60_000));
const judgedBy = { name: 'search', evaluator: 'judge', version: '1' };
export const judge = dictionary.code(judgedKey(judgedBy));
const ndcg = dictionary.code(rankingKey(judgedBy, 'ndcg', 3));
const labelOf = (source: string, sampling: LabelName['sampling']): number =>
  dictionary.code(labelKey({ name: 'correct', source, sampling }));
export const labels = [labelOf('human', 'random'), labelOf('expert', 'random'), labelOf('human', 'voluntary')];
const binsOf = (sampling: LabelName['sampling']): number[] =>
  Array.from({ length: CONFIDENCE_BINS }, (_, bin) =>
    dictionary.code(confidenceKey('correct', sampling, groundedness, bin)),
  );
/** What is counted of several ratings of one interaction together; nothing of the second service. */
const joints: PlanData['joints'] = {
  pairs: [{ code: dictionary.code(pairKey('correct', groundedness)), labels: labels.slice(0, 2), evaluation }],
  confidences: [
    { bins: binsOf('random'), labels: labels.slice(0, 2), evaluation },
    { bins: binsOf('voluntary'), labels: labels.slice(2), evaluation },
  ],
  reliances: [
    { code: dictionary.code(relianceKey('correct', 'random')), labels: labels.slice(0, 2) },
    { code: dictionary.code(relianceKey('correct', 'voluntary')), labels: labels.slice(2) },
  ],
};
export const entries = dictionary.takeFresh();

const price = (model: string, input: number): Price => ({
  provider: 'openai',
  model,
  from: null,
  input,
  output: 4 * input,
  cachedInput: input / 10,
  cacheWrite: null,
  reasoning: null,
  long: null,
  source: null,
});

export const plans: PlanData[] = resources.map((resource, i) => ({
  resource,
  service: services[i]!,
  dimensions: [{ code: responseModel, source: 'response_model' }],
  thresholdsMs: [1000],
  firstTokenThresholdsMs: [200, 800],
  prices: {
    currency: 'USD',
    layers: [[price('small', 0.5), price('large', 3)]],
    published: '',
  },
  costLimits: [{ code: limit, nanos: 60_000 }],
  countsGuardrails: true,
  rankings: [{ evaluation: judge, code: ndcg, metric: 'ndcg', k: 3 }],
  evaluations: [{ evaluation, low: 0, high: 1, good: 'high', marks: [{ code: mark, op: '>=', value: 0.7 }], bins }],
  exchange: 'entry',
  tokenBins: true,
  weighsFeatures: true,
  weighsCalls: true,
  ...(i === 0 && { joints }),
}));
export const plansWithoutJoints: PlanData[] = plans.map(({ joints: _, ...plan }) => plan);

/** So few at a time that much comes in between. */
const SETTLE_COUNTERS = 5;

let files = 0;

/** A ledger on a store of its own, that can lose its process and be asked what it holds. */
export interface World {
  readonly ledger: StoreLedger;
  readonly db: SqlDatabase;
  now: number;
  /** Tallies that were compared so far. */
  readonly compared: number;
  commit(items: WriteItem[]): WriteResult[];
  settle(): void;
  /** A piece of a settlement: of the one under way, or the first of a new one. */
  settleSome(): void;
  /** The process ends without a word; another one opens the store. */
  crash(next?: readonly PlanData[]): void;
  /** Every stored tally, as text; dependencies, which are numbered by first sight, by what they are. */
  tallies(): string[];
  /** What is stored of a clock for all of any service, minute by minute. */
  ofAll(clock: number): { minute: number; tally: Tally }[];
  differences(): unknown[];
  end(): void;
}

/** On SQLite. */
export class LedgerWorld implements World {
  readonly file = join(folder, `${files++}.db`);
  readonly retention: Retention;
  db: DatabaseSync;
  ledger: Ledger;
  now = NOW;
  compared = 0;

  constructor(retention = RETENTION) {
    this.retention = retention;
    this.db = openForWriting(this.file);
    this.ledger = new Ledger(this.db, this.retention, SETTLE_COUNTERS);
    this.ledger.setPlans(plans);
    this.ledger.recover(this.now);
    this.commit([{ type: 'dictionary', first: entries.first, texts: entries.texts }]);
  }

  commit(items: WriteItem[]): WriteResult[] {
    return this.ledger.commit(items, this.now);
  }

  settle(): void {
    this.ledger.settle(this.now);
    for (const _piece of this.ledger.upkeep(this.now));
  }

  /** A piece of a settlement: of the one under way, or the first of a new one. */
  settleSome(): void {
    if (this.ledger.settleSome(this.now)) return;
    this.ledger.beginSettlement(this.now);
    this.ledger.settleSome(this.now);
  }

  /** The process ends without a word; another one opens the file. */
  crash(next: readonly PlanData[] = plans): void {
    this.db.close();
    this.db = openForWriting(this.file);
    this.ledger = new Ledger(this.db, this.retention, SETTLE_COUNTERS);
    this.ledger.setPlans(next);
    this.ledger.recover(this.now);
  }

  tallies(): string[] {
    this.settle();
    return talliesOf(this.db);
  }

  ofAll(clock: number): { minute: number; tally: Tally }[] {
    this.settle();
    return ofAll(this.db, clock);
  }

  differences(): unknown[] {
    this.settle();
    const verification = verifyStore(this.file);
    const noted = settled(verification);
    this.compared += verification.compared;
    return noted;
  }

  end(): void {
    this.db.close();
  }
}

/** On PostgreSQL. */
export class PgWorld implements World {
  readonly db: PgConnection;
  ledger: PgLedger;
  now = NOW;
  compared = 0;
  readonly retention: Retention;
  readonly #database: TestDatabase;

  constructor(retention = RETENTION, database = takeDatabase()) {
    this.retention = retention;
    this.#database = database;
    this.db = database.db;
    this.ledger = this.#begin(plans);
    this.commit([{ type: 'dictionary', first: entries.first, texts: entries.texts }]);
  }

  #begin(known: readonly PlanData[]): PgLedger {
    const ledger = new PgLedger(this.db, this.retention, `world ${files++}`);
    ledger.setPlans(known);
    ledger.recover(this.now);
    return ledger;
  }

  get url(): string {
    return this.#database.url;
  }

  commit(items: WriteItem[]): WriteResult[] {
    return this.ledger.commit(items, this.now);
  }

  settle(): void {
    this.ledger.settle();
    for (const _piece of this.ledger.upkeep(this.now));
  }

  settleSome(): void {
    this.settle();
  }

  crash(next: readonly PlanData[] = plans): void {
    this.ledger = this.#begin(next);
  }

  tallies(): string[] {
    this.settle();
    return talliesOf(this.db);
  }

  ofAll(clock: number): { minute: number; tally: Tally }[] {
    this.settle();
    return ofAll(this.db, clock);
  }

  differences(): unknown[] {
    const verification = verifyPostgres(this.db);
    const noted = settled(verification);
    this.compared += verification.compared;
    return noted;
  }

  end(): void {
    giveBack(this.#database);
  }
}

/** The engines that every promise of the ledger is held on. */
export const ENGINES: readonly {
  readonly engine: string;
  readonly begin: (retention?: Retention) => World;
}[] = [
  { engine: 'SQLite', begin: (retention) => new LedgerWorld(retention) },
  ...(hasPostgres ? [{ engine: 'PostgreSQL', begin: (retention?: Retention) => new PgWorld(retention) }] : []),
];

function settled({ differences, unsettled }: Verification): unknown[] {
  if (unsettled > 0) throw new Error(`${unsettled} minutes are unsettled`);
  return [...differences];
}

/** Tallies as text, what lanes have counted added up. */
export function talliesOf(db: SqlDatabase): string[] {
  const dependencies = new Map(
    db
      .prepare('select code, kind, provider, name from dependency')
      .all()
      .map((row) => [row['code'], `${row['kind']} ${row['provider']} ${row['name']}`]),
  );
  const sums = new Map<string, Map<number, number>>();
  for (const table of ['tally', 'tally_hour', 'tally_day'])
    for (const row of db.prepare(`select * from ${table}`).all()) {
      const value = row['dimension'] === dependency ? dependencies.get(row['value']) : row['value'];
      const time = row['minute'] ?? row['hour'] ?? row['day'];
      const key = [table, row['clock'], time, row['service'], row['dimension'], value].join(' ');
      const sum = sums.get(key) ?? new Map<number, number>();
      addInto(sum, decodeTally(row['data']));
      sums.set(key, sum);
    }
  return [...sums]
    .filter(([, tally]) => tally.size > 0)
    .map(([key, tally]) => `${key} ${encodeTally(tally).toString('hex')}`)
    .sort();
}

function ofAll(db: SqlDatabase, clock: number): { minute: number; tally: Tally }[] {
  const rows = db
    .prepare('select minute, data from tally where clock = ? and dimension = 0 order by minute')
    .all(clock);
  const byMinute = Map.groupBy(rows, (row) => row['minute'] as number);
  return [...byMinute].map(([minute, of]) => ({ minute, tally: sum(of.map((row) => decodeTally(row['data']))) }));
}

export const records = (spans: readonly Span[]): WriteItem => {
  const out = new ByteWriter();
  for (const span of spans) appendSpanRecord(out, span);
  return { type: 'spans', records: Uint8Array.from(out.written).buffer };
};
