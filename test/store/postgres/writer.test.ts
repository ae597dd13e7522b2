import { afterAll, describe, expect, it } from 'vitest';
import { EMPTY_SPAN, type Span } from '../../../src/model/span.ts';
import { connectForWriting } from '../../../src/store/postgres/database.ts';
import { verifyPostgres } from '../../../src/store/postgres/verify.ts';
import type { NewRating } from '../../../src/store/rating.ts';
import { Writer } from '../../../src/store/writer.ts';
import { emptyDatabase } from '../../postgres/databases.ts';
import { hasPostgres } from '../../postgres/server.ts';
import { END, entries, NOW, plans, RETENTION, records, resources } from '../ledger-world.ts';

const spans = (n: number): Span[] =>
  Array.from({ length: n }, (_, i) => ({
    ...EMPTY_SPAN,
    traceId: `trace ${Math.floor(i / 2)}`.padEnd(16),
    spanId: `${i}`.padEnd(8),
    parentSpanId: i % 2 === 0 ? '' : `${i - 1}`.padEnd(8),
    service: resources[0]!,
    kind: i % 2 === 0 ? ('agent' as const) : ('model' as const),
    endTenths: END - 100 + (i % 50),
  }));

const thumb = (trace: number, value: 'up' | 'down'): NewRating => ({
  identity: `thumb ${trace}`,
  target: {
    trace: `trace ${trace}`.padEnd(16),
    span: '',
    response: '',
    interaction: '',
    conversation: '',
    service: '',
  },
  rating: { type: 'feedback', kind: 'thumbs', value },
  detail: null,
  at: NOW,
  isTimed: true,
});

describe.skipIf(!hasPostgres)('writers in threads of their own, on one database', () => {
  const opened: Writer[] = [];
  afterAll(async () => {
    for (const writer of opened) await writer.close();
  });

  async function open(url: string, holder: string): Promise<Writer> {
    const { writer } = await Writer.open(
      { address: { url, password: null }, holder, retention: RETENTION },
      () => NOW,
      (error) => {
        throw error;
      },
    );
    opened.push(writer);
    await writer.recover(plans);
    writer.tell({ type: 'dictionary', first: entries.first, texts: entries.texts });
    return writer;
  }

  const send = (writer: Writer, batch: readonly Span[]): Promise<{ stored: number; duplicates: number }> => {
    const item = records(batch);
    if (item.type !== 'spans') throw new Error('no spans');
    return writer.writeSpans(item.records, batch.length);
  };

  it('what is sent to both at once counts once, traces split over them are one, and feedback finds its spans', async () => {
    const url = emptyDatabase();
    const [a, b] = [await open(url, 'a'), await open(url, 'b')];
    const all = spans(200);
    const sent: Promise<{ stored: number; duplicates: number }>[] = [];
    const rated: Promise<unknown>[] = [];
    for (let at = 0; at < all.length; at += 5) {
      // Each span to one of them, some to both; the halves of a trace to different ones.
      sent.push(
        send(
          a,
          all.slice(at, at + 5).filter((_, i) => i % 2 === 0),
        ),
      );
      sent.push(
        send(
          b,
          all.slice(at, at + 5).filter((_, i) => i % 2 === 1 || i === 2),
        ),
      );
      const ratings = [thumb(at / 5, at % 2 === 0 ? 'up' : 'down')];
      rated.push(a.write({ type: 'ratings', ratings }), b.write({ type: 'ratings', ratings }));
    }
    const answers = await Promise.all(sent);
    await Promise.all(rated);
    expect(answers.reduce((sum, one) => sum + one.stored, 0)).toBe(all.length);
    await a.settle();
    await b.settle();
    const db = connectForWriting({ url, password: null });
    const { differences, compared } = verifyPostgres(db);
    expect(differences).toEqual([]);
    expect(compared).toBeGreaterThan(0);
    const rows = db.prepare('select event_minute from rating where active = 1').all();
    expect(rows).toHaveLength(40);
    expect(rows.filter((row) => row['event_minute'] === null)).toEqual([]);
    db.close();
  });
});
