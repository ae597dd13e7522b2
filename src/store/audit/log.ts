import { CompactRange } from '../../compliance/audit/compact-range.ts';
import { entryText, LOG_CREATED, leafOfText, type NewEntry, NO_LEAF, prevAfter } from '../../compliance/audit/entry.ts';
import { hashesOf } from '../../compliance/audit/hash.ts';
import type { SqlDatabase, SqlStatement } from '../sql.ts';

/** Who Plimsoll is in its own log. */
const SYSTEM = { kind: 'system', id: 'plimsoll' };

/** Where a log ends. */
interface Tip {
  size: number;
  leaf: Uint8Array;
  peaks: Uint8Array;
}

export interface AuditLogOptions {
  /**
   * What makes the database hold others off who append at the same time: ` for update` where there are several writers, nothing
   * where there is one.
   */
  readonly lock?: string;
}

/**
 * The audit log as its writer sees it: entries are appended within the transaction of what they record, so that both are
 * there or neither. Where it ends is a row of its own: read and locked first, written last; when the transaction is taken back, so is
 * the row, and there is no gap.
 */
export class AuditLog {
  readonly #tip: SqlStatement;
  readonly #insert: SqlStatement;
  readonly #move: SqlStatement;

  constructor(db: SqlDatabase, { lock = '' }: AuditLogOptions = {}) {
    this.#tip = db.prepare(`select size, leaf, peaks from audit_tip where id = 1${lock}`);
    this.#insert = db.prepare('insert into audit_entry (seq, at, actor, type, entry, leaf) values (?, ?, ?, ?, ?, ?)');
    this.#move = db.prepare('update audit_tip set size = ?, leaf = ?, peaks = ? where id = 1');
  }

  /** Appends entries, in order. The transaction is the caller's. */
  append(entries: readonly NewEntry[]): void {
    const [first] = entries;
    if (first === undefined) return;
    const tip = this.#tip.get() as Tip;
    const range = new CompactRange(Number(tip.size), hashesOf(tip.peaks));
    let leaf: Uint8Array = tip.leaf;
    if (range.size === 0) leaf = this.#take({ at: first.at, actor: SYSTEM, type: LOG_CREATED, data: {} }, range, null);
    for (const entry of entries) leaf = this.#take(entry, range, leaf);
    this.#move.run(range.size, leaf, Buffer.concat(range.peaks));
  }

  #take(entry: NewEntry, range: CompactRange, before: Uint8Array | null): Buffer {
    const seq = range.size;
    const text = entryText(entry, seq, before === null ? NO_LEAF : prevAfter(before));
    const leaf = leafOfText(text);
    this.#insert.run(seq, entry.at, actorText(entry.actor), entry.type, text, leaf);
    range.append(leaf);
    return leaf;
  }
}

/** `person:dana`, as the column that is searched holds it. */
export const actorText = ({ kind, id }: NewEntry['actor']): string => `${kind}:${id}`;
