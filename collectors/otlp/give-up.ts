/**
 * Frees the memory of a buffer now. What comes from a socket is garbage as soon as it is copied, and waits for a collection that looks at
 * the small object in front of it: at a few hundred megabytes a second as many lie there as all else takes.
 * Nobody may have another view of it; one that shares its memory is left alone.
 */
export function giveUp({ buffer, byteLength }: Buffer): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
}
