import { createHash, sign } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CompactRange } from '../../../src/compliance/audit/compact-range.ts';
import { leafOfText, prevAfter } from '../../../src/compliance/audit/entry.ts';
import { headFromJson, headOf, headText, type SignedHead, signHead } from '../../../src/compliance/audit/head.ts';
import type { SigningKey } from '../../../src/compliance/audit/keys.ts';
import { verifyExport } from '../../../src/server/audit/verify-export.ts';
import { freshKey } from '../../compliance/logs.ts';
import { World } from '../world.ts';
import { changed, entriesOf, exported, keyOf, statusInPython, verified } from './audited.ts';

let world: World;
let folder: string;
let key: SigningKey;
let first: SigningKey;

beforeAll(async () => {
  world = await World.start();
  first = keyOf(world);
  for (let i = 0; i < 5; i++) {
    world.now += 60_000;
    await world.plimsoll.tick();
    await world.restart();
  }
  await world.post('/audit/rotate-key', {});
  world.now += 60_000;
  await world.restart();
  key = keyOf(world);
  folder = await exported(world);
});
afterAll(() => world.end());

const expectStanding = (of: string, trusted: SigningKey, standing: 'intact' | 'tampered'): void =>
  expect(verified(of, trusted).standing).toBe(standing);

/** Both verifiers, which share no line, say the same. */
function expectStatus(of: string, trusted: SigningKey | null, status: 0 | 1 | 2): void {
  const result = trusted === null ? verified(of) : verified(of, trusted);
  expect(result.standing, JSON.stringify(result)).toBe((['intact', 'tampered', 'incomplete'] as const)[status]);
  const other = statusInPython(of, trusted);
  if (other !== null) expect(other).toBe(status);
}

const lines = (text: string): string[] => text.split('\n').slice(0, -1);
const joined = (some: readonly string[]): string => some.map((line) => `${line}\n`).join('');

/** Does what somebody would do who has the store and no key: the manifest says of the files what they are now. */
function settled(copy: string, signer: SigningKey | null = null): string {
  const manifest = JSON.parse(readFileSync(join(copy, 'manifest.json'), 'utf8'));
  for (const [name, file] of Object.entries(manifest.files) as [string, { bytes: number; sha256: string }][]) {
    const bytes = readFileSync(join(copy, name));
    file.bytes = bytes.length;
    file.sha256 = createHash('sha256').update(bytes).digest('hex');
  }
  if (signer !== null) manifest.key_id = signer.id;
  const text = JSON.stringify(manifest);
  writeFileSync(join(copy, 'manifest.json'), text);
  if (signer !== null) writeFileSync(join(copy, 'manifest.sig'), sign(null, Buffer.from(text), signer.privateKey));
  return copy;
}

/** Chains entries anew. */
function rechained(
  texts: readonly string[],
  from: number,
  change: (entry: Record<string, unknown>) => object,
): string[] {
  const made = [...texts];
  for (let seq = from; seq < made.length; seq++) {
    const entry = JSON.parse(made[seq]!);
    const prev = seq === 0 ? entry.prev : prevAfter(leafOfText(made[seq - 1]!));
    made[seq] = JSON.stringify({ ...(seq === from ? change(entry) : entry), prev });
  }
  return made;
}

it('an export onto a full disk says so and is not in the way of the next try', async () => {
  const to = join(world.folder, 'full');
  const all = { from: null, until: null };
  const progress = (): void => {
    throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', syscall: 'write' });
  };
  await expect(exported(world, all, { folder: to, progress })).rejects.toThrow(
    /could not be written to .*full: ENOSPC.*PLIM_AUDIT_EXPORT_FAILED/s,
  );
  expect(readdirSync(to)).toEqual([]);
  expectStatus(await exported(world, all, { folder: to }), key, 0);
  await expect(exported(world, all, { folder: to })).rejects.toThrow('PLIM_AUDIT_FOLDER_NOT_EMPTY');
  expectStatus(to, key, 0);
  await expect(exported(world, all, { folder: join(to, 'manifest.sig') })).rejects.toThrow('PLIM_AUDIT_EXPORT_FAILED');
});

describe('an export of the whole log', () => {
  it('is intact for who knows the first key or the last one, and agrees with itself for anybody', () => {
    for (const trusted of [first, key, null]) expectStatus(folder, trusted, 0);
    const result = verified(folder, first);
    expect(result).toMatchObject({ kind: 'full', log: 'test', isAgainstKey: true, warnings: [], firstBadSeq: null });
    expect(result.entries).toBe(result.size);
    expect(result.signedUpTo).toBe(result.size);
    expect(verified(folder)).toMatchObject({ isAgainstKey: false });
  });

  it('holds the entries that the API shows', async () => {
    const shown = await entriesOf(world);
    const written = lines(readFileSync(join(folder, 'entries.jsonl'), 'utf8'));
    expect(written.map((text, seq) => ({ ...JSON.parse(text), leaf: shown[seq]!.leaf }))).toEqual(
      shown.slice(0, written.length),
    );
    expect(written.map((text) => leafOfText(text).toString('hex'))).toEqual(
      shown.slice(0, written.length).map(({ leaf }) => leaf),
    );
  });

  it('is not for who knows another key', () => {
    expectStatus(folder, freshKey(), 1);
  });

  it.each<[string, number | null, (texts: string[]) => string[]]>([
    ['an entry that says something else', 4, (t) => t.with(4, t[4]!.replace('"system"', '"person"'))],
    ['an entry that is gone', 3, (t) => t.toSpliced(3, 1)],
    ['an entry that is there twice', 4, (t) => t.toSpliced(4, 0, t[3]!)],
    ['two entries that changed places', 2, (t) => t.with(2, t[5]!).with(5, t[2]!)],
    ['a cut tail', null, (t) => t.slice(0, -1)],
    ['white space', 6, (t) => t.with(6, t[6]!.replace(',', ', '))],
    ['an entry put in at the end', null, (t) => [...t, t.at(-1)!.replace(/"seq":\d+/, `"seq":${t.length}`)]],
    ['a chain made anew', null, (t) => rechained(t, 3, (entry) => ({ ...entry, type: 'process.idle' }))],
  ])('%s is found, also when the manifest goes along', (_what, seq, change) => {
    const copy = changed(folder, 'entries.jsonl', (text) => joined(change(lines(text))));
    expectStatus(copy, first, 1);
    if (seq !== null) expect(verified(copy, first).firstBadSeq).toBe(seq);
    // With the files' hashes mended the manifest's signature is wrong; with a signature of another key, the key is.
    expectStanding(settled(copy), first, 'tampered');
    expectStanding(settled(copy, freshKey()), first, 'tampered');
    if (seq !== null) expect(verified(copy).firstBadSeq).toBe(seq);
  });

  it.each([
    ['heads.jsonl', (text: string) => text.replace(/"size":\d+/, '"size":1')],
    ['heads.jsonl', (text: string) => joined(lines(text).slice(1))],
    ['keys.json', (text: string) => text.replace('"rotations":[{', '"rotations":[{"also":1,')],
    ['manifest.json', (text: string) => text.replace('plimsoll test', 'somebody else')],
    ['manifest.json', (text: string) => text.slice(0, -1)],
    ['manifest.sig', () => 'x'.repeat(64)],
    ['manifest.sig', () => ''],
  ])('a changed %s is found', (file, change) => {
    expectStatus(changed(folder, file, change), first, 1);
  });

  it.each(['entries.jsonl', 'heads.jsonl', 'keys.json', 'manifest.json', 'manifest.sig'])(
    'without %s it is incomplete',
    (file) => {
      const copy = changed(folder, file, (text) => text);
      rmSync(join(copy, file));
      expectStatus(copy, first, 2);
    },
  );

  it('whatever byte is another one in whatever file, it is found, and nothing is thrown', () => {
    const files = ['entries.jsonl', 'heads.jsonl', 'keys.json', 'manifest.json', 'manifest.sig'];
    fc.assert(
      fc.property(
        fc.constantFrom(...files),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer({ min: 1, max: 255 }),
        (file, at, flip) => {
          const path = join(folder, file);
          const bytes = readFileSync(path);
          const forged = Buffer.from(bytes);
          const place = Math.min(bytes.length - 1, Math.floor(at * bytes.length));
          forged[place] = forged[place]! ^ flip;
          writeFileSync(path, forged);
          try {
            expect(verified(folder, first).standing).toBe('tampered');
          } finally {
            writeFileSync(path, bytes);
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  it('a manifest that lists other files makes nobody read them', () => {
    const copy = changed(folder, 'manifest.json', (text) =>
      text.replace('"files":{', '"files":{"/dev/zero":{"bytes":1,"sha256":"'.concat('0'.repeat(64), '"},')),
    );
    expect(verified(copy, first).tampering.map(({ what }) => what)).toContain(
      'the manifest lists files that are none of an export',
    );
  });

  it('a log written anew with a key of its own agrees with itself, and is found by who knows the key or kept a head', () => {
    const forger = freshKey();
    const texts = rechained(lines(readFileSync(join(folder, 'entries.jsonl'), 'utf8')), 2, (entry) => ({
      ...entry,
      data: { version: 'another' },
    })).slice(0, 8);
    const copy = changed(folder, 'entries.jsonl', () => joined(texts));
    const range = new CompactRange();
    for (const text of texts) range.append(leafOfText(text));
    const head = signHead(headOf('test', range, world.now), forger);
    writeFileSync(join(copy, 'heads.jsonl'), `${headText(head)}\n`);
    const spki = forger.spki.toString('base64');
    const one = { algorithm: 'Ed25519', key_id: forger.id, public_key: forger.spki.subarray(-32).toString('hex') };
    const keys = { keys: [{ ...one, since: '2026-11-20T00:00:00.000Z', spki }], log: 'test', rotations: [], v: 1 };
    writeFileSync(join(copy, 'keys.json'), JSON.stringify(keys));
    const manifest = JSON.parse(readFileSync(join(copy, 'manifest.json'), 'utf8'));
    const told = { ...manifest, root: head.head.root, size: texts.length, to: texts.length };
    writeFileSync(join(copy, 'manifest.json'), JSON.stringify(told));
    settled(copy, forger);
    expectStatus(copy, null, 0);
    expectStatus(copy, first, 1);
    const kept = headFromJson(JSON.parse(lines(readFileSync(join(folder, 'heads.jsonl'), 'utf8'))[0]!));
    const held = verifyExport({ folder: copy, trusted: [], anchors: [kept], progress: () => {} });
    expect(held.standing).toBe('tampered');
  });

  it('a folder in the place of a file is none', () => {
    const copy = changed(folder, 'entries.jsonl', (text) => text);
    rmSync(join(copy, 'entries.jsonl'));
    mkdirSync(join(copy, 'entries.jsonl'));
    expect(verified(copy, first)).toMatchObject({ standing: 'incomplete', missing: ['entries.jsonl'] });
  });

  it('an empty folder is incomplete', () => {
    const empty = join(world.folder, 'empty');
    mkdirSync(empty);
    expectStatus(empty, null, 2);
  });
});

describe('an export of some time', () => {
  it('proves of each of its entries that it is in the log', async () => {
    const all = await entriesOf(world);
    const from = Date.parse(all[4]!.ts);
    const part = await exported(world, { from, until: from + 120_000 });
    const texts = lines(readFileSync(join(part, 'entries.jsonl'), 'utf8'));
    expect(texts.length).toBeGreaterThan(2);
    expect(texts.length).toBeLessThan(all.length);
    for (const trusted of [first, key, null]) expectStatus(part, trusted, 0);
    expectStatus(part, freshKey(), 1);
    const seq = JSON.parse(texts[1]!).seq;
    const forged = changed(part, 'entries.jsonl', (text) =>
      text.replace(texts[1]!, texts[1]!.replace('"v":1', '"v":2')),
    );
    expectStatus(forged, first, 1);
    expect(verified(forged, first).firstBadSeq).toBe(seq);
    const cut = changed(part, 'entries.jsonl', (text) => joined(lines(text).slice(0, -1)));
    expectStatus(settled(cut, freshKey()), first, 1);
    expectStatus(
      changed(part, 'proofs.jsonl', (text) => text.replace(/[0-9a-f]{64}/, '0'.repeat(64))),
      first,
      1,
    );
  });

  it('of a time in which nothing happened is empty, and intact', async () => {
    const part = await exported(world, { from: world.now + 1e9, until: null });
    expect(readFileSync(join(part, 'entries.jsonl'), 'utf8')).toBe('');
    expectStatus(part, first, 0);
  });

  it('is held against a head over as many entries that was kept elsewhere', async () => {
    const part = await exported(world, { from: world.now, until: null });
    const head = headFromJson(JSON.parse(readFileSync(join(part, 'heads.jsonl'), 'utf8')));
    const against = (kept: SignedHead): string =>
      verifyExport({ folder: part, trusted: [first], anchors: [kept], progress: () => {} }).standing;
    expect(against(head)).toBe('intact');
    expect(against({ ...head, head: { ...head.head, root: '0'.repeat(64) } })).toBe('tampered');
  });

  it('leaves nothing of it out where the clock went back', async () => {
    const back = await World.start();
    try {
      const now = back.now;
      // For a while the clock shows a year later.
      back.now = now + 365 * 86_400_000;
      await back.restart();
      back.now = now + 60_000;
      await back.restart();
      const all = await entriesOf(back);
      const part = await exported(back, { from: now, until: now + 120_000 });
      const seqs = lines(readFileSync(join(part, 'entries.jsonl'), 'utf8')).map((line) => JSON.parse(line).seq);
      expect(seqs.slice(0, all.length)).toEqual(all.map(({ seq }) => seq));
      expect(verified(part, keyOf(back)).standing).toBe('intact');
    } finally {
      await back.end();
    }
  });
});
