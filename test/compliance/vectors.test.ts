import { createPrivateKey, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { canonicalJson, type Json } from '../../src/compliance/audit/canonical-json.ts';
import { CompactRange } from '../../src/compliance/audit/compact-range.ts';
import { entryText, leafOf, leafOfText, NO_LEAF, readEntry } from '../../src/compliance/audit/entry.ts';
import { hex, unhex } from '../../src/compliance/audit/hash.ts';
import { headOf, headText, signHead } from '../../src/compliance/audit/head.ts';
import { signingKeyOf } from '../../src/compliance/audit/keys.ts';
import { Tree } from '../../src/compliance/audit/tree.ts';

// Computed elsewhere: by the RFCs that the file names, and in Python.
const vectors = JSON.parse(readFileSync(new URL('../golden/audit/vectors.json', import.meta.url), 'utf8'));

/** PKCS #8 around a seed of 32 bytes. @see https://www.rfc-editor.org/rfc/rfc8410 */
const PKCS8 = '302e020100300506032b657004220420';
const key = signingKeyOf(
  createPrivateKey({ key: Buffer.from(PKCS8 + vectors.ed25519.seed, 'hex'), format: 'der', type: 'pkcs8' }),
);
const system = { kind: 'system', id: 'plimsoll' };

it('writes the sample of RFC 8785', () => {
  expect(canonicalJson(JSON.parse(vectors.canonical.input) as Json)).toBe(vectors.canonical.output);
});

it('writes the first two entries, their leaves and the root of both', () => {
  const range = new CompactRange();
  const made = [
    entryText({ at: Date.UTC(2026, 0, 1), actor: system, type: 'log.created', data: {} }, 0, NO_LEAF),
    entryText(
      { at: Date.UTC(2026, 0, 1, 0, 0, 1), actor: system, type: 'incident.opened', data: { id: 'INC-1' } },
      1,
      vectors.chain[0].leaf,
    ),
  ];
  for (const [i, text] of made.entries()) {
    expect(text).toBe(vectors.chain[i].text);
    expect(hex(leafOfText(text))).toBe(vectors.chain[i].leaf);
    expect(readEntry(Buffer.from(text)).seq).toBe(i);
    range.append(leafOfText(text));
  }
  expect(hex(range.root())).toBe(vectors.chainRoot);
});

it('has the roots of the reference leaves', () => {
  for (const [size, root] of Object.entries(vectors.tree.roots)) {
    const leaves = vectors.tree.leaves.slice(0, Number(size)).map((leaf: string) => leafOf(unhex(leaf)));
    const range = new CompactRange();
    for (const leaf of leaves) range.append(leaf);
    expect(hex(range.root())).toBe(root);
    expect(hex(new Tree(new CompactRange(), Buffer.concat(leaves)).root())).toBe(root);
  }
});

it('signs as RFC 8032 and the head of both entries', () => {
  expect(hex(key.spki.subarray(-32))).toBe(vectors.ed25519.public);
  expect(hex(sign(null, Buffer.alloc(0), key.privateKey))).toBe(vectors.ed25519.emptySignature);
  const range = new CompactRange();
  for (const { leaf } of vectors.chain) range.append(unhex(leaf));
  const signed = signHead(headOf('plimsoll', range, Date.UTC(2026, 0, 1, 0, 1)), key);
  expect(canonicalJson(signed.head)).toBe(vectors.ed25519.head);
  expect(signed.signature.toString('base64')).toBe(vectors.ed25519.headSignature);
  expect(JSON.parse(headText(signed))).toEqual({
    head: JSON.parse(vectors.ed25519.head),
    key_id: key.id,
    signature: vectors.ed25519.headSignature,
  });
});
