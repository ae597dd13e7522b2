import { setImmediate } from 'node:timers/promises';
import { CompactRange } from '../../compliance/audit/compact-range.ts';
import { hashesOf } from '../../compliance/audit/hash.ts';
import type { SignedHead } from '../../compliance/audit/head.ts';
import { type PublicKey, publicKeyOfSpki } from '../../compliance/audit/keys.ts';
import { type Rotation, readRotation } from '../../compliance/audit/rotation.ts';
import type { Millis } from '../../model/time.ts';
import type { Records } from '../records/records.ts';

/** An entry as it is kept: its bytes, and the leaf that was noted when it was appended. */
export interface KeptEntry {
  readonly seq: number;
  readonly entry: string;
  readonly leaf: Uint8Array;
  /** Of the entry, once more: what is searched. */
  readonly at: Millis;
  readonly actor: string;
  readonly type: string;
}

export interface KeptHead extends SignedHead {
  readonly range: CompactRange;
  readonly at: Millis;
}

export interface KeptKey extends PublicKey {
  readonly since: Millis;
  readonly rotation: Rotation | null;
}

const PAGE = 1_000;

/** Where the log ends, and what was cut off in front. */
export async function readTip(records: Records): Promise<{ size: number; base: CompactRange; range: CompactRange }> {
  const tip = await records.selectFrom('audit_tip').selectAll().where('id', '=', 1).executeTakeFirstOrThrow();
  return {
    size: tip.size,
    base: new CompactRange(tip.base_size, hashesOf(tip.base_peaks)),
    range: new CompactRange(tip.size, hashesOf(tip.peaks)),
  };
}

/** Entries in order, from `from` on, below `to`; others come in between two pages. */
export async function* readEntries(
  records: Records,
  from: number,
  to = Number.POSITIVE_INFINITY,
): AsyncGenerator<KeptEntry> {
  for (let next = from; next < to; ) {
    const page = await records
      .selectFrom('audit_entry')
      .select(['seq', 'entry', 'leaf', 'at', 'actor', 'type'])
      .where('seq', '>=', next)
      .orderBy('seq')
      .limit(PAGE)
      .execute();
    for (const one of page) if (one.seq < to) yield one;
    if (page.length < PAGE) return;
    next = page.at(-1)!.seq + 1;
    await setImmediate();
  }
}

/** The first entry from a time on; null when there is none. */
export async function firstSince(records: Records, at: Millis): Promise<number | null> {
  const row = await records
    .selectFrom('audit_entry')
    .select((column) => column.fn.min('seq').as('seq'))
    .where('at', '>=', at)
    .executeTakeFirst();
  return row?.seq ?? null;
}

/** The last entry from before a time; null when there is none. Where the clock went back, entries of before come behind ones of after. */
export async function lastBefore(records: Records, at: Millis): Promise<number | null> {
  const row = await records
    .selectFrom('audit_entry')
    .select((column) => column.fn.max('seq').as('seq'))
    .where('at', '<', at)
    .executeTakeFirst();
  return row?.seq ?? null;
}

/** Oldest first. */
export async function readHeads(records: Records): Promise<KeptHead[]> {
  const rows = await records.selectFrom('audit_head').selectAll().orderBy('id').execute();
  return rows.map(headOfRow);
}

/** Newest first, of before the one with the number `before`. */
export async function readNewestHeads(
  records: Records,
  limit: number,
  before: number | null = null,
): Promise<(KeptHead & { readonly id: number })[]> {
  const all = records.selectFrom('audit_head').selectAll().orderBy('id', 'desc').limit(limit);
  const rows = await (before === null ? all : all.where('id', '<', before)).execute();
  return rows.map((row) => ({ ...headOfRow(row), id: row.id }));
}

/** The newest; null before the first one. */
export const readLastHead = async (records: Records): Promise<KeptHead | null> =>
  (await readNewestHeads(records, 1))[0] ?? null;

const headOfRow = (row: {
  size: number;
  peaks: Uint8Array;
  at: number;
  head: string;
  key_id: string;
  signature: Uint8Array;
}): KeptHead => ({
  head: JSON.parse(row.head),
  keyId: row.key_id,
  signature: Buffer.from(row.signature),
  range: new CompactRange(row.size, hashesOf(row.peaks)),
  at: row.at,
});

/** In the order in which they came into force. */
export async function readKeys(records: Records): Promise<KeptKey[]> {
  const rows = await records.selectFrom('audit_key').selectAll().orderBy('id').execute();
  return rows.map(({ spki, since, rotation }) => ({
    ...publicKeyOfSpki(Buffer.from(spki)),
    since,
    rotation: rotation === null ? null : readRotation(JSON.parse(rotation)),
  }));
}

/** The id of the key in force; null before the first one. */
export async function readKeyInForce(records: Records): Promise<string | null> {
  const row = await records.selectFrom('audit_key').select('key_id').orderBy('id', 'desc').limit(1).executeTakeFirst();
  return row?.key_id ?? null;
}

export const AUDIT_LOG_NAME = 'audit log';

/** The name of the log in its heads: that of the deployment which began it. */
export async function readLogName(records: Records): Promise<string | null> {
  const row = await records.selectFrom('setting').select('value').where('name', '=', AUDIT_LOG_NAME).executeTakeFirst();
  return row?.value ?? null;
}
