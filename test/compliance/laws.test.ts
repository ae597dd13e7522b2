import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, type Json, parseCanonical, plainJson } from '../../src/compliance/audit/canonical-json.ts';
import { CompactRange, nodeOf, peakCount } from '../../src/compliance/audit/compact-range.ts';
import { hex, sha256 } from '../../src/compliance/audit/hash.ts';
import { extendsRoot, includes } from '../../src/compliance/audit/proofs.ts';
import { splitOf, Tree } from '../../src/compliance/audit/tree.ts';
import { check, freshKey, headsOf, logOf } from './logs.ts';

const leavesOf = (count: number): Buffer[] => Array.from({ length: count }, (_, i) => sha256(Buffer.from(`leaf ${i}`)));

/** The definition, word by word. @see https://www.rfc-editor.org/rfc/rfc6962#section-2.1 */
function rootOf(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 0) return sha256();
  if (leaves.length === 1) return leaves[0]!;
  const split = splitOf(leaves.length);
  return nodeOf(rootOf(leaves.slice(0, split)), rootOf(leaves.slice(split)));
}

const rangeOf = (leaves: readonly Buffer[]): CompactRange => {
  const range = new CompactRange();
  for (const leaf of leaves) range.append(leaf);
  return range;
};

const sizes = fc.integer({ min: 1, max: 70 });
const within = (size: number, at: number): number => Math.min(size - 1, Math.floor(at * size));
const share = fc.double({ min: 0, max: 1, noNaN: true });

describe('canonical JSON', () => {
  const json = fc.jsonValue({ maxDepth: 4 }).map((value) => plainJson(value));

  it('is read back as what it was, and written again as the same bytes', () => {
    fc.assert(
      fc.property(json, (value) => {
        const text = canonicalJson(value);
        expect(parseCanonical(Buffer.from(text))).toEqual(JSON.parse(text));
        expect(canonicalJson(JSON.parse(text) as Json)).toBe(text);
      }),
    );
  });

  it('is one text, whatever order the members came in', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.integer()), (members) => {
        const turned = Object.fromEntries(Object.entries(members).toReversed());
        expect(canonicalJson(turned)).toBe(canonicalJson(members));
      }),
    );
  });

  it.each([
    ['white space', '{"a": 1}'],
    ['a key that is there twice', '{"a":1,"a":1}'],
    ['a key that is there twice, written otherwise', '{"a":1,"\\u0061":1}'],
    ['members in another order', '{"b":1,"a":2}'],
    ['a number written otherwise', '{"a":1.0}'],
    ['a number that was rounded', '{"a":9007199254740993}'],
    ['minus zero', '{"a":-0}'],
    ['an escape too many', '{"a":"\\u0041"}'],
    ['a slash that is escaped', '{"a":"\\/"}'],
    ['a lone surrogate', '{"a":"\\ud800"}'],
    ['a byte order mark', '\ufeff{"a":1}'],
    ['NaN', '{"a":NaN}'],
    ['a line feed behind it', '{"a":1}\n'],
  ])('refuses %s', (_what, text) => {
    expect(() => parseCanonical(Buffer.from(text))).toThrow();
  });

  it('refuses bytes that are not UTF-8', () => {
    expect(() => parseCanonical(Buffer.from([0x22, 0xff, 0x22]))).toThrow('UTF-8');
  });

  it('writes no NaN, no infinity, no lone surrogate', () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, '\ud800', { '\udc00': 1 }])
      expect(() => canonicalJson(value)).toThrow();
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, () => 0, Symbol('x')])
      expect(() => plainJson({ value })).toThrow(RangeError);
  });

  it('makes data of what programs have', () => {
    expect(plainJson({ a: undefined, b: [undefined], c: 2 ** 60, d: 10n ** 20n, e: '\ud800', f: -0, g: 0.5 })).toEqual({
      b: [null],
      c: '1152921504606846976',
      d: '100000000000000000000',
      e: '\ufffd',
      f: -0,
      g: 0.5,
    });
    expect(canonicalJson(plainJson({ f: -0 }))).toBe('{"f":0}');
  });
});

describe('the tree', () => {
  it('has the root of the definition, kept compactly and kept whole', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 70 }), (size) => {
        const leaves = leavesOf(size);
        expect(rangeOf(leaves).root()).toEqual(rootOf(leaves));
        expect(new Tree(new CompactRange(), Buffer.concat(leaves)).root()).toEqual(rootOf(leaves));
        expect(rangeOf(leaves).peaks).toHaveLength(peakCount(size));
      }),
    );
  });

  it('goes on from a prefix that was cut off', () => {
    fc.assert(
      fc.property(sizes, share, (size, at) => {
        const leaves = leavesOf(size);
        const cut = Math.floor(at * size);
        const tree = new Tree(rangeOf(leaves.slice(0, cut)), Buffer.concat(leaves.slice(cut)));
        expect(tree.size).toBe(size);
        expect(tree.root()).toEqual(rootOf(leaves));
        const whole = new Tree(new CompactRange(), Buffer.concat(leaves));
        for (let i = cut; i < size; i++) expect(tree.inclusion(i)).toEqual(whole.inclusion(i));
        for (let i = Math.max(1, cut); i <= size; i++) expect(tree.consistency(i)).toEqual(whole.consistency(i));
      }),
    );
  });

  it('proves of every leaf that it is there, and of no other', () => {
    fc.assert(
      fc.property(sizes, share, share, (size, at, other) => {
        const leaves = leavesOf(size);
        const tree = new Tree(new CompactRange(), Buffer.concat(leaves));
        const [i, j] = [within(size, at), within(size, other)];
        const path = tree.inclusion(i);
        expect(includes(leaves[i]!, i, size, path, tree.root())).toBe(true);
        expect(includes(leaves[j]!, i, size, path, tree.root())).toBe(i === j);
        expect(includes(leaves[i]!, j, size, path, tree.root())).toBe(i === j);
        expect(includes(leaves[i]!, i, size, path.slice(1), tree.root())).toBe(path.length === 0);
        expect(includes(leaves[i]!, i, size, [...path, leaves[0]!], tree.root())).toBe(false);
      }),
    );
  });

  it('proves of every earlier state that it was gone on from, and of no other', () => {
    fc.assert(
      fc.property(sizes, share, share, (size, at, other) => {
        const leaves = leavesOf(size);
        const tree = new Tree(new CompactRange(), Buffer.concat(leaves));
        const earlier = within(size, at) + 1;
        const proof = tree.consistency(earlier);
        expect(extendsRoot(earlier, tree.root(earlier), size, tree.root(), proof)).toBe(true);
        const forged = leaves.with(within(earlier, other), sha256(Buffer.from('forged')));
        expect(extendsRoot(earlier, rootOf(forged.slice(0, earlier)), size, tree.root(), proof)).toBe(false);
        expect(extendsRoot(earlier, tree.root(earlier), size, rootOf(forged), proof)).toBe(false);
      }),
    );
  });
});

describe('a log', () => {
  const key = freshKey();
  const data = fc.array(fc.record({ id: fc.string(), n: fc.integer() }), { minLength: 2, maxLength: 20 });

  it('that nobody has touched is whole', () => {
    fc.assert(
      fc.property(data, share, (entries, at) => {
        const log = logOf(entries);
        const size = log.texts.length;
        const heads = headsOf(log, [Math.max(1, within(size, at)), size], key);
        const report = check(log.texts, { heads, keys: [key], trusted: [key] });
        expect(report).toMatchObject({
          tampering: [],
          warnings: [],
          size,
          heads: 2,
          trustedHeads: 2,
          signedUpTo: size,
        });
      }),
      { numRuns: 30 },
    );
  });

  it('of which one byte was changed is found out, at that entry or the one behind it', () => {
    fc.assert(
      fc.property(data, share, share, fc.integer({ min: 1, max: 255 }), (entries, at, byte, flip) => {
        const log = logOf(entries);
        const heads = headsOf(log, [log.texts.length], key);
        const seq = within(log.texts.length, at);
        const bytes = Buffer.from(log.texts[seq]!);
        const place = within(bytes.length, byte);
        bytes[place] = bytes[place]! ^ flip;
        const texts = log.texts.with(seq, bytes.toString('latin1'));
        const { tampering } = check(texts, { heads, keys: [key], trusted: [key] });
        expect(tampering.length).toBeGreaterThan(0);
      }),
    );
  });

  it('of which one entry says something else names that entry', () => {
    fc.assert(
      fc.property(data, share, (entries, at) => {
        const log = logOf(entries);
        const heads = headsOf(log, [log.texts.length], key);
        const seq = 1 + within(entries.length - 1, at);
        const forged = log.texts[seq]!.replace('"incident.updated"', '"incident.closed"');
        const [first] = check(log.texts.with(seq, forged), { heads, trusted: [key] }).tampering;
        expect(first!.seq).toBe(seq);
      }),
    );
  });

  it('of which two entries changed places, one is gone, or the end is cut off is found out', () => {
    fc.assert(
      fc.property(data, share, share, (entries, at, other) => {
        const log = logOf(entries);
        const options = { heads: headsOf(log, [log.texts.length], key), trusted: [key] };
        const [i, j] = [within(log.texts.length, at), within(log.texts.length, other)].toSorted((a, b) => a - b) as [
          number,
          number,
        ];
        if (i !== j) {
          const swapped = log.texts.with(i, log.texts[j]!).with(j, log.texts[i]!);
          expect(check(swapped, options).tampering[0]!.seq).toBe(i);
        }
        expect(check(log.texts.toSpliced(i, 1), options).tampering[0]!.seq).toBe(i);
        expect(check(log.texts.slice(0, i), options).tampering[0]!.seq).toBe(i);
      }),
    );
  });

  it('that was written anew from some entry on, chain and all, is held against its heads', () => {
    fc.assert(
      fc.property(data, share, (entries, at) => {
        const log = logOf(entries);
        const from = within(entries.length, at);
        const forged = logOf(entries.map((one, i) => (i >= from ? { ...one, n: one.n + 1 } : one)));
        const options = { heads: headsOf(log, [from + 1, log.texts.length], key), trusted: [key] };
        const [first] = check(forged.texts, options).tampering;
        expect(first!.seq).toBe(from + 1);
      }),
    );
  });

  it('written anew with heads of another key is found out by who knows the key, and by nobody else', () => {
    const log = logOf([{ n: 1 }, { n: 2 }]);
    const forger = freshKey();
    const heads = headsOf(log, [3], forger);
    expect(check(log.texts, { heads, keys: [forger] }).tampering).toEqual([]);
    expect(check(log.texts, { heads, keys: [forger], trusted: [key] }).tampering).toHaveLength(1);
  });

  it('cut off with its newest heads is found out by a head that was kept elsewhere', () => {
    const log = logOf([{ n: 1 }, { n: 2 }, { n: 3 }]);
    const [early, late] = headsOf(log, [2, 4], key);
    const options = { heads: [early!], trusted: [key] };
    expect(check(log.texts.slice(0, 2), options).tampering).toEqual([]);
    expect(check(log.texts.slice(0, 2), { ...options, anchors: [late!] }).tampering[0]).toMatchObject({ seq: 2 });
    expect(check(log.texts, { ...options, anchors: [late!] }).tampering).toEqual([]);
  });

  it('cut off in front at a head goes on from its peaks, if an entry says so', () => {
    const whole = logOf(Array.from({ length: 20 }, (_, n) => ({ n })));
    const cut = { size: 13, root: hex(whole.ranges[13]!.root()) };
    const log = logOf(
      Array.from({ length: 20 }, (_, n) => (n === 15 ? cut : { n })),
      (seq) => (seq === 16 ? 'audit.cut' : 'incident.updated'),
    );
    const heads = headsOf(log, [7, 13, 21], key);
    const options = { base: log.ranges[13]!, heads, trusted: [key] };
    const report = check(log.texts.slice(13), options);
    expect(report).toMatchObject({ tampering: [], from: 13, size: 21, heads: 2, olderHeads: 1, signedUpTo: 21 });
    const other = new CompactRange(13, log.ranges[13]!.peaks.with(0, sha256()));
    expect(check(log.texts.slice(13), { ...options, base: other }).tampering).not.toEqual([]);
    // Somebody with the store alone lets go of more, up to another head.
    const more = { base: log.ranges[15]!, heads: headsOf(log, [15, 21], key), trusted: [key] };
    expect(check(log.texts.slice(15), more).tampering).toMatchObject([{ seq: 15 }]);
  });

  it('whose clock went back is whole, and says so', () => {
    const log = logOf([{ n: 1 }]);
    const atOnce = log.texts[1]!.replace('2026-10-01T00:00:01', '2026-09-30T23:59:59');
    expect(check([log.texts[0]!, atOnce]).warnings).toEqual([]);
    const back = log.texts[1]!.replace('2026-10-01T00:00:01', '2026-09-30T00:00:01');
    expect(check([log.texts[0]!, back]).warnings[0]).toMatch(/the clock went back before entry 1/);
  });
});
