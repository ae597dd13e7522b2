import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { Span } from '../../../src/model/span.ts';
import type { WriteItem } from '../../../src/store/items.ts';
import type { PgConnection } from '../../../src/store/postgres/connection.ts';
import { connectForWriting } from '../../../src/store/postgres/database.ts';
import { verifyPostgres } from '../../../src/store/postgres/verify.ts';
import type { NewRating } from '../../../src/store/rating.ts';
import { Writer } from '../../../src/store/writer.ts';
import { emptied, emptyDatabase } from '../../postgres/databases.ts';
import { hasPostgres } from '../../postgres/server.ts';
import { ratingsOf, traces } from '../ledger-signals.ts';
import { entries, LedgerWorld, NOW, plans, RETENTION, records, talliesOf } from '../ledger-world.ts';

const WRITERS = 3;

type Signal = Span | NewRating;

const itemOf = (signals: readonly Signal[]): WriteItem[] => {
  const spans = signals.filter((one): one is Span => 'spanId' in one);
  const ratings = signals.filter((one): one is NewRating => 'identity' in one);
  return [
    ...(spans.length > 0 ? [records(spans)] : []),
    ...(ratings.length > 0 ? [{ type: 'ratings', ratings } as const] : []),
  ];
};

describe.skipIf(!hasPostgres)('writers in threads of their own, on one database', () => {
  const opened: Writer[] = [];
  const connections: PgConnection[] = [];
  afterAll(async () => {
    for (const writer of opened) await writer.close();
    for (const db of connections) db.close();
  });

  async function open(url: string): Promise<Writer> {
    const { writer } = await Writer.open(
      { store: { type: 'postgres', url, password: null }, retention: RETENTION },
      () => NOW,
      (error) => {
        throw error;
      },
    );
    opened.push(writer);
    return writer;
  }

  async function send(writer: Writer, item: WriteItem): Promise<number> {
    if (item.type !== 'spans') {
      await writer.write(item);
      return 0;
    }
    return (await writer.writeSpans(item.records, 1)).stored;
  }

  it('what is sent to any of them, or to several, at the same moment is counted as if one had been told one thing after the other', async () => {
    const url = emptyDatabase();
    const writers: Writer[] = [];
    for (let i = 0; i < WRITERS; i++) writers.push(await open(url));
    for (const writer of writers)
      await writer.write({ type: 'dictionary', first: entries.first, texts: entries.texts });
    const db = connectForWriting({ url, password: null });
    connections.push(db);
    const pieces = fc.array(fc.record({ pick: fc.nat(), writer: fc.nat(WRITERS - 1), again: fc.boolean() }), {
      minLength: 1,
      maxLength: 30,
    });
    await fc.assert(
      fc.asyncProperty(traces, ratingsOf, pieces, async (spans, said, plan) => {
        emptied(db, ['dictionary']);
        for (const writer of writers) await writer.recover(plans);
        const straight = new LedgerWorld();
        straight.commit([records(spans)]);
        for (const rating of said) straight.commit([{ type: 'ratings', ratings: [rating] }]);
        const left: Signal[] = [...spans, ...said];
        const sent: Promise<number>[] = [];
        for (const { pick, writer, again } of plan) {
          if (left.length === 0) break;
          const [signal] = left.splice(pick % left.length, 1);
          for (const item of itemOf([signal!])) sent.push(send(writers[writer]!, item));
          if (again) for (const item of itemOf([signal!])) sent.push(send(writers[(writer + 1) % WRITERS]!, item));
        }
        for (const item of itemOf(left)) sent.push(send(writers[0]!, item));
        const stored = await Promise.all(sent);
        expect(stored.reduce((sum, one) => sum + one, 0)).toBe(spans.length);
        expect(talliesOf(db)).toEqual(straight.tallies());
        expect(verifyPostgres(db).differences).toEqual([]);
        straight.end();
      }),
      { numRuns: Number(process.env['PLIMSOLL_RUNS'] ?? 15), endOnFailure: true },
    );
  });
});
