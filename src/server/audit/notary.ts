import { canonicalJson, type JsonObject } from '../../compliance/audit/canonical-json.ts';
import type { CompactRange } from '../../compliance/audit/compact-range.ts';
import { type Entry, LOG_CUT, leafOfText, NO_LEAF, prevAfter, readEntry } from '../../compliance/audit/entry.ts';
import { hex } from '../../compliance/audit/hash.ts';
import { headOf, headText, isHeadSigned, type SignedHead, signHead } from '../../compliance/audit/head.ts';
import type { PublicKey, SigningKey } from '../../compliance/audit/keys.ts';
import { KEY_CREATED, KEY_REPLACED, KEY_ROTATED, rotationData } from '../../compliance/audit/rotation.ts';
import { OperatorError } from '../../model/errors.ts';
import { type Actor, SYSTEM } from '../../model/incident.ts';
import type { Millis } from '../../model/time.ts';
import {
  AUDIT_LOG_NAME,
  firstSince,
  type KeptHead,
  readEntries,
  readHeads,
  readKeyInForce,
  readKeys,
  readLastHead,
  readLogName,
  readTip,
} from '../../store/audit/reading.ts';
import type { Statement } from '../../store/items.ts';
import { auditEntry } from '../../store/records/audit.ts';
import type { Write } from '../../store/records/outbox.ts';
import { type Records, statement } from '../../store/records/records.ts';

export interface NotaryOptions {
  readonly records: Records;
  readonly write: Write;
  readonly key: SigningKey;
  /** Names a log that begins now: that of the deployment. */
  readonly log: string;
  /** Destinations that heads are sent to. */
  readonly anchors: readonly string[];
}

/** What became of the key when the log was opened. */
export type KeyEvent = 'known' | 'created' | 'replaced';

/** Rows that one write of a cut takes away: what waits behind it waits that long. */
const CUT_AT_ONCE = 5_000;

/**
 * Signs what the log has come to. A head is signed only over what was appended to the last one: the entries since are read and
 * chained again, so that a log which somebody has rewritten gets no signature. One thing at a time.
 */
export class Notary {
  readonly log: string;
  readonly keyEvent: KeyEvent;
  readonly #options: NotaryOptions;
  #key: SigningKey;
  #keys: readonly PublicKey[];
  #last: KeptHead | null = null;
  #work: Promise<unknown> = Promise.resolve();

  private constructor(options: NotaryOptions, log: string, keyEvent: KeyEvent, keys: readonly PublicKey[]) {
    this.#options = options;
    this.#key = options.key;
    this.#keys = keys;
    this.log = log;
    this.keyEvent = keyEvent;
  }

  /** Takes the key into the log, if it is not the one in force. */
  static async open(options: NotaryOptions, now: Millis): Promise<Notary> {
    const { records, write, key } = options;
    const keys = await readKeys(records);
    const log = (await readLogName(records)) ?? options.log;
    await finishCut(options);
    const current = keys.at(-1);
    if (current?.id === key.id) return new Notary(options, log, 'known', keys);
    if (keys.some(({ id }, i) => id === key.id && keys[i + 1]?.rotation !== null)) throw givenUp(key.id, current!.id);
    const isFirst = current === undefined;
    const data: JsonObject = {
      key_id: key.id,
      spki: key.spki.toString('base64'),
      log,
      ...(isFirst ? {} : { old_key_id: current.id }),
    };
    await write([
      statement(
        records
          .insertInto('setting')
          .values({ name: AUDIT_LOG_NAME, value: log })
          .onConflict((conflict) => conflict.column('name').doNothing()),
      ),
      auditEntry(SYSTEM, isFirst ? KEY_CREATED : KEY_REPLACED, data, now),
      keyRow(records, key, now, null),
    ]);
    return new Notary(options, log, isFirst ? 'created' : 'replaced', [...keys, key]);
  }

  get publicKey(): PublicKey {
    return this.#key;
  }

  /** Signs over all entries that are durable now, and sends the head on its way to the anchors. @throws OperatorError when the log is broken */
  sign(now: Millis): Promise<SignedHead> {
    return this.#alone(() => this.#sign(now));
  }

  /** Another key from now on, which the old one vouches for. The head that follows is the first of the new key. */
  rotate(to: SigningKey, by: Actor, now: Millis): Promise<SignedHead> {
    return this.#alone(async () => {
      const { records, write } = this.#options;
      if (this.#keys.some(({ id }) => id === to.id))
        throw new OperatorError('PLIM_AUDIT_KEY_SAME', {
          what: `the key ${to.id.slice(0, 16)} ${to.id === this.#key.id ? 'signs the log already' : 'signed the log before'}`,
          fix: 'name another one',
          retryable: false,
        });
      // What the old key covers, it covers to the end.
      await this.#sign(now);
      const data = rotationData(this.log, this.#key, to, now);
      await write([auditEntry(by, KEY_ROTATED, data, now), keyRow(records, to, now, data)]);
      this.#key = to;
      this.#keys = [...this.#keys, to];
      return this.#sign(now);
    });
  }

  /**
   * Lets go of entries older than `before`, up to the newest head that covers only such: its root and the peaks of its tree stay, so that
   * the rest can still be verified. @returns entries that went
   */
  cut(before: Millis, by: Actor, now: Millis): Promise<number> {
    return this.#alone(async () => {
      const { records, write } = this.#options;
      const { base, size } = await readTip(records);
      const kept = (await firstSince(records, before)) ?? size;
      const head = (await readHeads(records)).findLast((one) => one.head.size <= kept && one.head.size > base.size);
      if (head === undefined)
        throw new OperatorError('PLIM_AUDIT_NOTHING_TO_CUT', {
          what: `no signed head covers only entries from before ${new Date(before).toISOString()}`,
          fix: 'heads are signed every hour: name a later time',
          retryable: false,
        });
      await write([
        auditEntry(
          by,
          LOG_CUT,
          { size: head.head.size, root: head.head.root, entries: head.head.size - base.size },
          now,
        ),
        statement(
          records
            .updateTable('audit_tip')
            .set({ base_size: head.head.size, base_peaks: Buffer.concat(head.range.peaks) })
            .where('id', '=', 1),
        ),
        statement(records.deleteFrom('audit_head').where('size', '<', head.head.size)),
      ]);
      await finishCut(this.#options);
      await this.#sign(now);
      return head.head.size - base.size;
    });
  }

  async #sign(now: Millis): Promise<SignedHead> {
    const { records, write, anchors } = this.#options;
    // Of several processes on one log another one may have changed the key: what this one signs would not be believed.
    if ((await readKeyInForce(records)) !== this.#key.id) throw outOfForce(this.#key.id);
    const range = await this.#extended();
    const signed = signHead(headOf(this.log, range, now), this.#key);
    const statements: Statement[] = [
      statement(
        records.insertInto('audit_head').values({
          size: range.size,
          peaks: Buffer.concat(range.peaks),
          at: now,
          head: canonicalJson(signed.head),
          key_id: signed.keyId,
          signature: signed.signature,
        }),
      ),
      ...anchors.map((sink) =>
        statement(
          records.insertInto('audit_anchor').values({
            sink,
            head: headText(signed),
            created_at: now,
            next_attempt_at: now,
            last_error: null,
            settled_at: null,
          }),
        ),
      ),
    ];
    await write(statements);
    this.#last = { ...signed, range, at: now };
    return signed;
  }

  /** The tree of the last head, with what came since. */
  async #extended(): Promise<CompactRange> {
    const { records } = this.#options;
    const from = this.#last ?? (await this.#storedHead());
    const range = from === null ? (await readTip(records)).base : from.range.copy();
    let prev: string | null = range.size === 0 ? NO_LEAF : null;
    for await (const { seq, entry } of readEntries(records, range.size)) {
      const read = readable(entry);
      if (read === null || seq !== range.size || read.seq !== seq || (prev !== null && read.prev !== prev))
        throw broken(range.size);
      const leaf = leafOfText(entry);
      prev = prevAfter(leaf);
      range.append(leaf);
    }
    const tip = await readTip(records);
    if (tip.size < range.size || (tip.size === range.size && !tip.range.root().equals(range.root())))
      throw broken(range.size);
    return range;
  }

  /** The newest head, if one of the log's keys has signed it: what follows must follow it. */
  async #storedHead(): Promise<KeptHead | null> {
    const last = await readLastHead(this.#options.records);
    if (last === null) return null;
    const key = this.#keys.find(({ id }) => id === last.keyId);
    const isGenuine = key !== undefined && isHeadSigned(last, key) && hex(last.range.root()) === last.head.root;
    if (!isGenuine) throw broken(last.head.size);
    return last;
  }

  #alone<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#work.then(work, work);
    this.#work = done.catch(() => {});
    return done;
  }
}

/** Takes away what is before the base: a process may have ended behind the entry of a cut. */
async function finishCut({ records, write }: Pick<NotaryOptions, 'records' | 'write'>): Promise<void> {
  const { base } = await readTip(records);
  for (;;) {
    const first = await records.selectFrom('audit_entry').select('seq').orderBy('seq').limit(1).executeTakeFirst();
    if (first === undefined || first.seq >= base.size) return;
    const until = Math.min(base.size, first.seq + CUT_AT_ONCE);
    await write([statement(records.deleteFrom('audit_entry').where('seq', '<', until))]);
  }
}

function readable(entry: string): Entry | null {
  try {
    return readEntry(Buffer.from(entry));
  } catch {
    return null;
  }
}

const keyRow = (records: Records, { id, spki }: PublicKey, since: Millis, rotation: JsonObject | null): Statement =>
  statement(
    records
      .insertInto('audit_key')
      .values({ key_id: id, spki, since, rotation: rotation === null ? null : canonicalJson(rotation) }),
  );

/** It may be in other hands: what it signs now is believed by nobody. */
const givenUp = (id: string, current: string): OperatorError =>
  new OperatorError('PLIM_AUDIT_KEY_UNUSABLE', {
    what: `the key ${id.slice(0, 16)} was given up for another one: heads that it signs now are not believed`,
    fix: `put the key ${current.slice(0, 16)} in its place, or name that with spec.audit.key; where it is lost, take the old one away: another is made, and verifiers have to be given it`,
    retryable: false,
  });

const outOfForce = (id: string): OperatorError =>
  new OperatorError('PLIM_AUDIT_KEY_UNUSABLE', {
    what: `the audit log is no longer signed by key ${id.slice(0, 16)}: another process has changed it`,
    fix: 'start this one again, with the key that is in force',
    retryable: false,
  });

const broken = (seq: number): OperatorError =>
  new OperatorError('PLIM_AUDIT_BROKEN', {
    what: `the audit log is not what was signed: it can't be followed at entry ${seq}`,
    fix: 'no head is signed any more until it is; `plimsoll audit verify` says where it was changed, the newest export or backup has it as it was',
    retryable: false,
  });
