/**
 * What is kept of a response id, or of the application's own id of an interaction, so that feedback which names it finds its
 * interaction: 64 bits of a hash, as eight latin-1 characters. Among 20 million ids two collide with a chance of about one in 90,000.
 * Two multiply-rotate lanes with the finaliser of MurmurHash3 (Appleby, public domain).
 */
export function responseRefOf(source: Uint8Array, at: number, length: number): string {
  let a = 0x9747b28c ^ length;
  let b = 0x3c6ef372 ^ length;
  for (let i = at, end = at + length; i < end; i++) {
    const byte = source[i]!;
    a = Math.imul(rotate(a ^ byte, 13), 0xcc9e2d51);
    b = Math.imul(rotate(b ^ byte, 17), 0x1b873593);
  }
  a = mix(a ^ rotate(b, 7));
  b = mix(b ^ a);
  return String.fromCharCode(
    a & 255,
    (a >>> 8) & 255,
    (a >>> 16) & 255,
    a >>> 24,
    b & 255,
    (b >>> 8) & 255,
    (b >>> 16) & 255,
    b >>> 24,
  );
}

export function responseRefOfText(text: string): string {
  const bytes = Buffer.from(text);
  return responseRefOf(bytes, 0, bytes.length);
}

const rotate = (value: number, by: number): number => (value << by) | (value >>> (32 - by));

function mix(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
