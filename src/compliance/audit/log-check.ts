import type { Millis } from '../../model/time.ts';
import type { CompactRange } from './compact-range.ts';
import { type Entry, LOG_CREATED, LOG_CUT, leafOf, NO_LEAF, prevAfter, readEntry } from './entry.ts';
import { hex } from './hash.ts';
import { isHeadSigned, type SignedHead } from './head.ts';
import type { PublicKey } from './keys.ts';
import { isRotationSigned, KEY_REPLACED, KEY_ROTATED, type Rotation, readRotation, trustedKeys } from './rotation.ts';

/** Something that is not as it was written. */
export interface Tampering {
  /** The first entry that it can be about; null when it is about no entry. */
  readonly seq: number | null;
  readonly what: string;
}

export interface LogReport {
  /** Entries read, and the sequence numbers of the first and the one behind the last. */
  readonly entries: number;
  readonly from: number;
  readonly size: number;
  /** Hex, of the tree of all entries; null when they are no whole log. */
  readonly root: string | null;
  /** Heads whose root is that of the entries, and of them those signed by a key that is trusted. */
  readonly heads: number;
  readonly trustedHeads: number;
  /** Entries that a head signed by a trusted key covers: seq below it. */
  readonly signedUpTo: number;
  /** Heads of before the first entry that is there: nothing to compare them with. */
  readonly olderHeads: number;
  readonly tampering: readonly Tampering[];
  /** Odd, and allowed. */
  readonly warnings: readonly string[];
}

export interface LogCheckOptions {
  /** What was cut off in front. */
  readonly base: CompactRange;
  readonly heads: readonly SignedHead[];
  /** Heads that were kept elsewhere: the log must still begin with what they say. */
  readonly anchors: readonly SignedHead[];
  /** Keys that the log itself names: for what it says of itself. */
  readonly keys: readonly PublicKey[];
  readonly rotations: readonly Rotation[];
  /** Keys that the verifier believes; empty: the log is held against itself alone. */
  readonly trusted: readonly PublicKey[];
}

const nameOf = ({ head }: SignedHead): string => `the head of ${head.ts} over ${head.size} entries`;

/** Entries that are written at once stand in some order, and may have waited for each other. */
const AT_ONCE: Millis = 10_000;
/** Warnings of one kind beyond this are only counted. */
const WARNINGS_SHOWN = 10;

/** Holds a log, entry by entry, against itself, its heads and what was kept of it elsewhere. */
export class LogCheck {
  readonly #options: LogCheckOptions;
  readonly #range: CompactRange;
  readonly #rotations: Rotation[];
  readonly #rotatedAt: { readonly seq: number; readonly rotation: Rotation }[] = [];
  /** Roots by size, as signed: compared when so many entries have been read. */
  readonly #wanted = new Map<number, { root: string; label: string }[]>();
  readonly #matched = new Set<number>();
  readonly #tampering: Tampering[] = [];
  readonly #warnings: string[] = [];
  #backwards = 0;
  #entries = 0;
  #last: { readonly entry: Entry; readonly prev: string } | null = null;
  /** The chain is broken: what follows can't be held against roots. */
  #isBroken = false;
  /** An entry says of what was cut off in front that it was. */
  #isCutSaid: boolean;
  /** The largest size at which the root was the signed one. */
  #agreed = 0;

  constructor(options: LogCheckOptions) {
    this.#options = options;
    this.#range = options.base.copy();
    this.#isCutSaid = options.base.size === 0;
    this.#rotations = [...options.rotations];
    for (const { head } of options.heads) this.#want(head.size, head.root, `the head of ${head.ts}`);
    for (const { head } of options.anchors) this.#want(head.size, head.root, `the head of ${head.ts} kept elsewhere`);
    this.#compareRoots();
  }

  /** The next entry, as its bytes stand there. @param leaf  what was noted of it, where something was */
  take(bytes: Uint8Array, leaf?: Uint8Array): void {
    const seq = this.#range.size;
    this.#entries++;
    const own = leafOf(bytes);
    if (leaf !== undefined && Buffer.compare(leaf, own) !== 0)
      this.#break(seq, `entry ${seq} is not what its leaf was made of`);
    let entry: Entry | null = null;
    try {
      entry = readEntry(bytes);
    } catch (error) {
      this.#break(seq, `entry ${seq} can't be read: ${(error as Error).message}`);
    }
    if (entry !== null) this.#follow(entry, seq);
    this.#last = entry === null ? null : { entry, prev: prevAfter(own) };
    this.#range.append(own);
    this.#compareRoots();
  }

  #follow(entry: Entry, seq: number): void {
    if (entry.seq !== seq) {
      const what = entry.seq > seq ? `entry ${seq} is missing` : `entry ${entry.seq} is there again`;
      this.#break(seq, `${what}: in its place is entry ${entry.seq}`);
    } else if (seq === 0) {
      if (entry.prev !== NO_LEAF || entry.type !== LOG_CREATED) this.#break(0, 'entry 0 does not begin a log');
    } else if (this.#last !== null && entry.prev !== this.#last.prev)
      this.#break(seq - 1, `entry ${seq - 1} is not the one that entry ${seq} was written after`);
    if (
      this.#last !== null &&
      Date.parse(entry.ts) < Date.parse(this.#last.entry.ts) - AT_ONCE &&
      ++this.#backwards <= WARNINGS_SHOWN
    )
      this.#warnings.push(`the clock went back before entry ${seq}: from ${this.#last.entry.ts} to ${entry.ts}`);
    if (entry.type === LOG_CUT && this.#isOfBase(entry)) this.#isCutSaid = true;
    if (entry.type === KEY_ROTATED) this.#rotate(entry, seq);
    if (entry.type === KEY_REPLACED)
      this.#warnings.push(`entry ${seq}: the key was replaced without a word of the one before`);
  }

  #isOfBase({ data }: Entry): boolean {
    const { base } = this.#options;
    return data['size'] === base.size && data['root'] === hex(base.root());
  }

  #rotate({ data }: Entry, seq: number): void {
    try {
      const rotation = readRotation(data);
      this.#rotations.push(rotation);
      this.#rotatedAt.push({ seq, rotation });
    } catch (error) {
      this.#break(seq, `entry ${seq}: ${(error as Error).message}`);
    }
  }

  #want(size: number, root: string, label: string): void {
    const known = this.#wanted.get(size);
    if (known === undefined) this.#wanted.set(size, [{ root, label }]);
    else known.push({ root, label });
  }

  #compareRoots(): void {
    const { size } = this.#range;
    const wanted = this.#wanted.get(size);
    if (wanted === undefined) return;
    this.#matched.add(size);
    if (this.#isBroken) return;
    const root = hex(this.#range.root());
    const other = wanted.find((one) => one.root !== root);
    if (other === undefined) {
      this.#agreed = size;
      return;
    }
    this.#break(
      Math.min(this.#agreed, Math.max(0, size - 1)),
      `up to entry ${size - 1} the log is not what ${other.label} was signed over`,
    );
  }

  #break(seq: number, what: string): void {
    if (!this.#isBroken) this.#tampering.push({ seq, what });
    this.#isBroken = true;
  }

  /** After the last entry. */
  finish(): LogReport {
    const { size } = this.#range;
    const { heads, anchors, base } = this.#options;
    for (const { head } of [...anchors, ...heads])
      if (head.size > size && !this.#isBroken)
        this.#break(
          size,
          `the log ends before entry ${size}: the head of ${head.ts} was signed over ${head.size} entries`,
        );
    if (!this.#isCutSaid && !this.#isBroken)
      this.#break(base.size, `what was before entry ${base.size} is gone, and no entry says that it was cut off`);
    const trusted = this.#trusted();
    for (const anchor of anchors) {
      const fault = this.#signatureFault(anchor, trusted);
      if (fault !== null) this.#warnings.push(`${nameOf(anchor)} kept elsewhere ${fault}`);
    }
    const counted = this.#checkSignatures(trusted);
    if (this.#backwards > WARNINGS_SHOWN)
      this.#warnings.push(`and ${this.#backwards - WARNINGS_SHOWN} times more the clock went back`);
    return {
      entries: this.#entries,
      from: base.size,
      size,
      root: this.#isBroken ? null : hex(this.#range.root()),
      ...counted,
      olderHeads: [...heads, ...anchors].filter(({ head }) => head.size < base.size).length,
      tampering: this.#tampering,
      warnings: this.#warnings,
    };
  }

  /** By id, the keys whose signatures count. */
  #trusted(): ReadonlyMap<string, PublicKey> {
    const { trusted, keys } = this.#options;
    return trustedKeys(trusted.length === 0 ? keys : trusted, keys, this.#rotations);
  }

  #checkSignatures(trusted: ReadonlyMap<string, PublicKey>): Pick<LogReport, 'heads' | 'trustedHeads' | 'signedUpTo'> {
    const { keys, heads } = this.#options;
    const known = new Map([...keys, ...trusted.values()].map((key) => [key.id, key]));
    for (const { seq, rotation } of this.#rotatedAt) {
      const old = known.get(rotation.oldKeyId);
      if (old === undefined || !isRotationSigned(rotation, old))
        this.#tampering.push({ seq, what: `entry ${seq}: the rotation of keys is not signed by both of them` });
    }
    let agreeing = 0;
    let signed = 0;
    let signedUpTo = 0;
    for (const one of heads) {
      const { head } = one;
      if (head.size >= this.#options.base.size && this.#matched.has(head.size)) agreeing++;
      const fault = this.#signatureFault(one, trusted);
      if (fault !== null) {
        this.#tampering.push({ seq: null, what: `${nameOf(one)} ${fault}` });
        continue;
      }
      signed++;
      if (!this.#isBroken) signedUpTo = Math.max(signedUpTo, Math.min(head.size, this.#range.size));
    }
    return { heads: agreeing, trustedHeads: signed, signedUpTo };
  }

  #signatureFault(one: SignedHead, trusted: ReadonlyMap<string, PublicKey>): string | null {
    const key = trusted.get(one.keyId);
    if (key === undefined)
      return `is signed by key ${one.keyId.slice(0, 16)}, to which nothing leads from a trusted one`;
    if (!isHeadSigned(one, key)) return 'bears no valid signature';
    const isOf = (rotation: Rotation): boolean => rotation.oldKeyId === one.keyId;
    const retired = this.#rotatedAt.find(({ rotation }) => isOf(rotation));
    if (retired !== undefined)
      return one.head.size > retired.seq ? `is signed by a key that was given up with entry ${retired.seq}` : null;
    // A rotation whose entry is not here was cut off with it: in what is left its old key signs nothing.
    const { rotations, base } = this.#options;
    return one.head.size >= base.size && rotations.some(isOf)
      ? 'is signed by a key that was given up before the first entry that is there'
      : null;
  }
}
