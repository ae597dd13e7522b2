import { millisOfMinute } from '../../model/time.ts';
import type { Records } from '../../store/records/records.ts';
import { auditState } from '../audit/state.ts';
import { type Deliveries, standings, wayOf } from '../delivery/destinations.ts';
import type { History } from '../history/history.ts';
import type { SelfSources } from './self.ts';

export interface SharedOptions {
  readonly records: Records;
  readonly deliveries: Deliveries;
  /** The history, and the database that it is in; null where none is written. */
  readonly history: () => { readonly written: Pick<History, 'state'>; readonly database: string } | null;
  /** Whether this process judges and delivers. */
  readonly leads: () => boolean;
  readonly now: () => number;
}

/**
 * What all replicas share, as the metrics say it. Of deliveries and of the history one replica speaks: sums over them are right. A page is
 * there also when the store does not answer.
 */
export async function sharedMetrics({
  records,
  deliveries,
  history,
  leads,
  now,
}: SharedOptions): Promise<Pick<SelfSources, 'leads' | 'deliveries' | 'audit' | 'history'>> {
  let audited = await auditState(records);
  return {
    leads,
    deliveries: async () => {
      if (!leads()) return { waiting: [], destinations: [] };
      const waiting = await deliveries.outbox.backlog().catch(() => []);
      const known = await standings(deliveries, waiting).catch(() => []);
      const destinations = known.map(({ sink, dead, tookAt, breaker }) => ({
        sink: sink.name,
        dead,
        tookAt,
        way: wayOf(breaker, now()),
      }));
      return { waiting, destinations };
    },
    // While the store does not answer it is what it was.
    audit: async () => {
      audited = await auditState(records).catch(() => audited);
      return audited;
    },
    history: async () => {
      const of = history();
      if (of === null || !leads()) return null;
      const state = await of.written.state().catch(() => null);
      if (state === null) return null;
      const { marks, oldest, stopped } = state;
      return {
        database: of.database,
        waiting: marks,
        oldest: oldest === null ? null : millisOfMinute(oldest),
        isStopped: stopped !== null,
      };
    },
  };
}
