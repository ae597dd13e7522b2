// What a span costs in an empty store, and in one that holds millions of interactions: the writer alone, without a door.
//   node bench/growth.ts [million interactions]
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NOTHING_DECLARED } from '../collectors/dialects/declared.ts';
import { dialects } from '../collectors/dialects/index.ts';
import { TraceDecoder } from '../collectors/otlp/decode.ts';
import { Catalog } from '../src/catalog/catalog.ts';
import { PlanBook } from '../src/catalog/plan-book.ts';
import { Dictionary } from '../src/model/dictionary.ts';
import { Intake } from '../src/server/intake.ts';
import type { WriteItem } from '../src/store/items.ts';
import { openForWriting } from '../src/store/sqlite/database.ts';
import { Ledger } from '../src/store/sqlite/ledger.ts';
import type { Writer } from '../src/store/writer.ts';
import { renew, renewableBodies } from './otlp-bodies.ts';

const wanted = Number(process.argv[2] ?? 2) * 1e6;
const DAY = 86_400_000;
/** Requests of a group, and spans of a request. */
const REQUESTS = 24;
const SPANS = 512;
/** Spans a second that the times of the load say. */
const RATE = 20_000;

const folder = mkdtempSync(join(tmpdir(), 'plimsoll-growth-'));
const dictionary = new Dictionary();
const decoder = new TraceDecoder({ dialects, dictionary, declared: NOTHING_DECLARED });
let now = Date.now() - 2 * DAY;
const told: WriteItem[] = [];
const writer = { tell: (item: WriteItem) => told.push(item) } as unknown as Writer;
const intake = new Intake(
  dictionary,
  new PlanBook(dictionary, new Catalog([]), []),
  writer,
  () => now,
  () => {},
);
const round = renewableBodies(REQUESTS, SPANS, now);
let counter = 0;

/** A group of new requests, decoded: that is not what is measured. */
function nextGroup(): { items: WriteItem[]; spans: number } {
  renew(round, now, () => counter++);
  const decoded = round.map(({ body }) => decoder.decode(body, { now, retention: 45 * DAY }));
  intake.flushNames();
  const items = [...told.splice(0), ...decoded.map(({ records }): WriteItem => ({ type: 'spans', records }))];
  return { items, spans: decoded.reduce((sum, { count }) => sum + count, 0) };
}

try {
  const file = join(folder, 'store.db');
  const db = openForWriting(file);
  const ledger = new Ledger(db, { interactionsMs: 45 * DAY, minutesMs: 100 * DAY, hoursMs: 400 * DAY });
  ledger.recover(now);
  let interactions = 0;
  let nextReport = wanted / 50;
  let measured = { spans: 0, micros: 0 };
  while (interactions < wanted) {
    const { items, spans } = nextGroup();
    now += Math.round((spans / RATE) * 1000);
    const before = process.cpuUsage();
    ledger.commit(items, now);
    if (ledger.status.rowsSinceSettlement >= 1_000_000) {
      ledger.settle(now);
      for (const _piece of ledger.upkeep(now));
    }
    const { user, system } = process.cpuUsage(before);
    measured = { spans: measured.spans + spans, micros: measured.micros + user + system };
    for (const { failed, durations } of ledger.takeArrivals()?.interactions ?? [])
      for (const n of [...failed, ...durations.counts]) interactions += n;
    if (interactions < nextReport) continue;
    const rss = Math.round(process.memoryUsage().rss / 2 ** 20);
    const size = (statSync(file).size / 1e9).toFixed(2);
    console.log(
      `${(interactions / 1e6).toFixed(2).padStart(6)} million interactions: ${(measured.micros / measured.spans).toFixed(2)} us a span, RSS ${rss} MB, file ${size} GB`,
    );
    nextReport += wanted / 10;
    measured = { spans: 0, micros: 0 };
  }
  db.close();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
