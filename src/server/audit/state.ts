import type { Millis } from '../../model/time.ts';
import type { Records } from '../../store/records/records.ts';

/** How the audit log stands, for metrics. */
export interface AuditState {
  readonly entries: number;
  /** Covered by the newest head. */
  readonly signed: number;
  /** Null before the first one. */
  readonly lastHeadAt: Millis | null;
  /** Heads that wait, by destination. */
  readonly waiting: ReadonlyMap<string, number>;
}

export async function auditState(records: Records): Promise<AuditState> {
  const { size } = await records.selectFrom('audit_tip').select('size').where('id', '=', 1).executeTakeFirstOrThrow();
  const head = await records
    .selectFrom('audit_head')
    .select(['at', 'size'])
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  const waiting = await records
    .selectFrom('audit_anchor')
    .select((column) => ['sink', column.fn.countAll<number>().as('heads')])
    .where('state', '=', 'pending')
    .groupBy('sink')
    .execute();
  return {
    entries: size,
    signed: head?.size ?? 0,
    lastHeadAt: head?.at ?? null,
    waiting: new Map(waiting.map(({ sink, heads }) => [sink, heads])),
  };
}
