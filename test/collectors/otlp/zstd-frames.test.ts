import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ZstdFrames } from '../../../collectors/otlp/zstd-frames.ts';

const unpack = (...chunks: Buffer[]): Promise<Buffer> => buffer(Readable.from(chunks).pipe(new ZstdFrames({})));
/** Bytes that whoever unpacks them has to step over. */
const skippable = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);

describe('a body in zstd', () => {
  it('law: of any number of frames, cut into chunks anywhere, all is unpacked', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.constant(null)), { minLength: 1, maxLength: 6 }),
        fc.array(fc.nat(400), { maxLength: 6 }),
        async (parts, cuts) => {
          const packed = Buffer.concat(parts.map((part) => (part === null ? skippable : zstdCompressSync(part))));
          const at = [0, ...cuts.filter((cut) => cut < packed.length).sort((a, b) => a - b), packed.length];
          const chunks = at.slice(1).map((end, i) => packed.subarray(at[i], end));
          const wanted = Buffer.concat(parts.flatMap((part) => part ?? []));
          expect(await unpack(...chunks.filter(({ length }) => length > 0))).toEqual(wanted);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('large frames, each of which unpacks to many chunks', async () => {
    const parts = [1, 2, 3].map((n) => Buffer.alloc(700_000, n));
    expect(
      (await unpack(Buffer.concat(parts.map((part) => zstdCompressSync(part))))).equals(Buffer.concat(parts)),
    ).toBe(true);
  });

  it.each([
    ['behind a frame comes what is none', Buffer.concat([zstdCompressSync('a'), Buffer.from('junk')])],
    ['the second frame is cut short', Buffer.concat([zstdCompressSync('a'), zstdCompressSync('b').subarray(0, -2)])],
    ['it is cut into more frames than anybody cuts', Buffer.concat(Array<Buffer>(1025).fill(skippable))],
  ])('is refused where %s', async (_what, packed) => {
    await expect(unpack(packed)).rejects.toThrow();
  });
});
