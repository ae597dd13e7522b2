import { beforeEach, describe, expect, it } from 'vitest';
import type { Incident, Transition } from '../../src/model/incident.ts';
import type { Millis } from '../../src/model/time.ts';
import type { OutboxStore } from '../../src/store/outbox/store.ts';
import { incidentWith } from '../incidents.ts';

/** What the contract needs of a store beside `OutboxStore`: the transaction that writes an incident and its rows. */
export interface OutboxUnderTest {
  readonly store: OutboxStore;
  commit(incident: Incident, seq: number, transition: Transition, at: Millis, sinks: readonly string[]): Promise<void>;
}

/** Every outbox keeps this, whatever it is made of. */
export function outboxContract(name: string, make: () => Promise<OutboxUnderTest>): void {
  describe(`${name} keeps the outbox contract`, () => {
    let under: OutboxUnderTest;
    beforeEach(async () => {
      under = await make();
    });
    const write = (id: string, seq: number, transition: Transition, at: Millis, sinks = ['ops']): Promise<void> =>
      under.commit(incidentWith({ id }), seq, transition, at, sinks);
    const pending = async () => (await under.store.pending(100)).toSorted((a, b) => a.seq - b.seq);

    it('a row waits for each destination, never attempted, not announced', async () => {
      await write('INC-1', 1, 'opened', 1000, ['ops', 'am']);
      const rows = (await pending()).toSorted((a, b) => a.sink.localeCompare(b.sink));
      expect(rows).toHaveLength(2);
      expect(rows[0]).toMatchObject({
        incident: 'INC-1',
        sink: 'am',
        seq: 1,
        transition: 'opened',
        createdAt: 1000,
        waitsSince: 1000,
        attempts: 0,
        uncertain: false,
        announced: false,
      });
      expect(rows[0]!.nextAttemptAt).toBeLessThanOrEqual(1000);
    });

    it('begun, it is one attempt older and uncertain until it is settled, and hands out the incident of its transition', async () => {
      await under.commit(incidentWith({ id: 'INC-1', priority: 2 }), 1, 'opened', 1000, ['ops']);
      await under.commit(incidentWith({ id: 'INC-1', priority: 1 }), 2, 'updated', 2000, ['ops']);
      const [first] = await pending();
      const departure = await under.store.begin(first!.id);
      expect(departure).toEqual({ incident: incidentWith({ id: 'INC-1', priority: 2 }), remote: null });
      expect((await pending()).map((row) => [row.attempts, row.uncertain, row.announced])).toEqual([
        [1, true, false],
        [0, false, true],
      ]);
    });

    it('delivered, it waits no more, and what the destination answered goes out with the next of its stream', async () => {
      await write('INC-1', 1, 'opened', 1000, ['ops', 'am']);
      await write('INC-1', 2, 'updated', 2000, ['ops', 'am']);
      const first = (await pending()).find((row) => row.sink === 'ops' && row.seq === 1)!;
      await under.store.begin(first.id);
      const remote = { id: 'SYS1', url: 'https://itsm.example.com/SYS1', state: { labels: { a: 'b' } } };
      await under.store.settle(first.id, { state: 'delivered', at: 3000, remote });
      const rest = await pending();
      expect(rest.map((row) => [row.sink, row.seq, row.announced]).toSorted()).toEqual([
        ['am', 1, false],
        ['am', 2, false],
        ['ops', 2, true],
      ]);
      const next = rest.find((row) => row.sink === 'ops')!;
      expect(await under.store.begin(next.id)).toMatchObject({ remote: remote });
      await under.store.settle(next.id, { state: 'delivered', at: 4000, remote: null });
      await write('INC-1', 3, 'resolved', 5000, ['ops']);
      const last = (await pending()).find((row) => row.seq === 3)!;
      expect(await under.store.begin(last.id)).toMatchObject({ remote: remote });
    });

    it('failed, it waits until its time, certain or not as it was said', async () => {
      await write('INC-1', 1, 'opened', 1000);
      const [row] = await pending();
      await under.store.begin(row!.id);
      const failed = { state: 'pending', nextAttemptAt: 9000, lastError: 'answered 503' } as const;
      await under.store.settle(row!.id, { ...failed, uncertain: false });
      expect(await pending()).toMatchObject([{ attempts: 1, nextAttemptAt: 9000, uncertain: false }]);
      await under.store.begin(row!.id);
      await under.store.settle(row!.id, { ...failed, uncertain: true });
      expect(await pending()).toMatchObject([{ attempts: 2, nextAttemptAt: 9000, uncertain: true }]);
    });

    it('failed or dead, what it has found out so far goes out with the next attempt and the next of its stream', async () => {
      await write('INC-1', 1, 'opened', 1000);
      await write('INC-1', 2, 'resolved', 2000);
      const [first, second] = await pending();
      await under.store.begin(first!.id);
      const failed = { state: 'pending', nextAttemptAt: 9000, uncertain: true, lastError: 'answered 500' } as const;
      await under.store.settle(first!.id, { ...failed, remote: { state: { sought: 1 } } });
      expect(await under.store.begin(first!.id)).toMatchObject({ remote: { state: { sought: 1 } } });
      await under.store.settle(first!.id, failed);
      expect(await under.store.begin(first!.id)).toMatchObject({ remote: { state: { sought: 1 } } });
      const remote = { id: 'SYS1' };
      await under.store.settle(first!.id, { state: 'dead', at: 3000, lastError: 'answered 403', remote });
      expect(await under.store.begin(second!.id)).toMatchObject({ remote: remote });
    });

    it('dead or superseded, it waits no more; only one that may have arrived announces', async () => {
      await write('INC-1', 1, 'opened', 1000);
      await write('INC-1', 2, 'updated', 1000);
      await write('INC-1', 3, 'resolved', 1000);
      const [first, second] = await pending();
      await under.store.begin(first!.id);
      await under.store.settle(first!.id, { state: 'dead', at: 2000, uncertain: false, lastError: 'answered 400' });
      await under.store.settle(second!.id, { state: 'superseded', at: 2000, by: null });
      expect((await pending()).map((row) => [row.seq, row.announced])).toEqual([[3, false]]);

      await write('INC-2', 1, 'opened', 1000);
      await write('INC-2', 2, 'resolved', 1000);
      const other = (await pending()).find((row) => row.incident === 'INC-2' && row.seq === 1)!;
      await under.store.begin(other.id);
      await under.store.settle(other.id, { state: 'superseded', at: 2000, by: null });
      expect((await pending()).find((row) => row.incident === 'INC-2')).toMatchObject({ seq: 2, announced: true });
    });

    it('a settled row stays settled', async () => {
      await write('INC-1', 1, 'opened', 1000);
      const [row] = await pending();
      await under.store.begin(row!.id);
      await under.store.settle(row!.id, { state: 'delivered', at: 2000, remote: null });
      await under.store.settle(row!.id, { state: 'pending', nextAttemptAt: 0, uncertain: true, lastError: 'late' });
      expect(await pending()).toEqual([]);
      expect(await under.store.begin(row!.id)).toBeNull();
    });

    it('asked for a few streams, it gives the oldest of each destination, whole', async () => {
      await write('INC-1', 1, 'opened', 3000, ['ops', 'am']);
      await write('INC-2', 1, 'opened', 1000, ['ops']);
      await write('INC-2', 2, 'resolved', 9000, ['ops']);
      const rows = await under.store.pending(1);
      expect(rows.map((row) => `${row.sink} ${row.incident} ${row.seq}`).toSorted()).toEqual([
        'am INC-1 1',
        'ops INC-2 1',
        'ops INC-2 2',
      ]);
    });

    it('refreshable are the incidents whose remote asks for it, as they stand now', async () => {
      await write('INC-1', 1, 'opened', 1000);
      await write('INC-2', 1, 'opened', 1000);
      await write('INC-3', 1, 'opened', 1000);
      for (const row of await pending()) {
        await under.store.begin(row.id);
        const remote = row.incident === 'INC-3' ? {} : { refreshUntil: row.incident === 'INC-1' ? 5000 : 2 ** 53 - 1 };
        await under.store.settle(row.id, { state: 'delivered', at: 2000, remote });
      }
      await under.commit(incidentWith({ id: 'INC-2', state: 'in_progress' }), 2, 'acknowledged', 3000, ['ops']);
      const ids = async (sink: string, now: Millis): Promise<string[]> =>
        (await under.store.refreshable(sink, now)).map(({ incident }) => `${incident.id} ${incident.state}`).toSorted();
      expect(await ids('ops', 4999)).toEqual(['INC-1 new', 'INC-2 in_progress']);
      expect(await ids('ops', 5000)).toEqual(['INC-2 in_progress']);
      expect(await ids('am', 0)).toEqual([]);
    });
  });
}
