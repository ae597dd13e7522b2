import type { IncomingMessage } from 'node:http';

/** What is read and thrown away of a refused body, so that its sender gets to see the answer. */
export const MAX_DISCARDED_BYTES = 1_048_576;
const MAX_DISCARD_MS = 5_000;

/** Whether the rest of a body is known to be so small that all of it will be read: the connection can go on then. */
export function isDiscardable({ headers }: IncomingMessage): boolean {
  const declared = headers['content-length'];
  return declared !== undefined && Number(declared) <= MAX_DISCARDED_BYTES;
}

/** Throws away what still comes of a body, up to a limit of bytes and time; then calls `done`, once. */
export function discardBody(request: IncomingMessage, done: () => void): void {
  if (request.complete || request.destroyed) {
    request.resume();
    done();
    return;
  }
  let left = MAX_DISCARDED_BYTES;
  const finish = (): void => {
    clearTimeout(timer);
    request.off('data', take).off('end', finish).off('close', finish).off('error', finish);
    done();
  };
  const take = (chunk: Buffer): void => {
    left -= chunk.length;
    if (left < 0) finish();
  };
  const timer = setTimeout(finish, MAX_DISCARD_MS);
  request.on('data', take).on('end', finish).on('close', finish).on('error', finish).resume();
}
