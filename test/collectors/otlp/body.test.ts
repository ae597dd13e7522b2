import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readBody, SenderGone } from '../../../collectors/otlp/body.ts';
import { type BodyRoom, bodyRoom } from '../../../collectors/otlp/body-buffer.ts';

const MAX_BODY = 4_194_304;
/** What two bodies of this size fill. */
const READ_AT_ONCE = 131_072;

let server: Server;
let room: BodyRoom;
let arrived: (request: IncomingMessage) => void;
const sockets: Socket[] = [];

beforeEach(async () => {
  room = bodyRoom(MAX_BODY, 8 * MAX_BODY, READ_AT_ONCE);
  server = createServer((request) => arrived(request));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

const next = (): Promise<IncomingMessage> =>
  new Promise((resolve) => {
    arrived = resolve;
  });

/** Sends a head, and what is there of a body. */
function send(length: number, body: Buffer, more = ''): Socket {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.on('error', () => {});
  sockets.push(socket);
  socket.write(`POST / HTTP/1.1\r\nhost: x\r\ncontent-length: ${length}\r\n${more}\r\n`);
  socket.write(body);
  return socket;
}

const isFree = (): void => {
  expect(room.turns.used).toBe(0);
  expect(room.inFlight.used).toBe(0);
};

describe('what a body was lent is given back', () => {
  it('when all of it was sent, and its sender left while it waited for its turn', async () => {
    const other = await room.turns.take(READ_AT_ONCE);
    const came = next();
    const socket = send(1000, Buffer.alloc(1000));
    const request = await came;
    const reading = readBody(request, 'identity', room);
    socket.destroy();
    await once(request, 'error').catch(() => {});
    await new Promise((resolve) => (request.closed ? resolve(null) : request.once('close', resolve)));
    expect(request.complete).toBe(true);
    other();
    await expect(reading).rejects.toThrow(SenderGone);
    isFree();
  });

  it('when all of it was sent, and its sender left while it was unpacked', async () => {
    const came = next();
    const packed = gzipSync(Buffer.from(Array.from({ length: 200_000 }, (_, i) => (i * 2_654_435_761) >>> 24)));
    const socket = send(packed.length, packed, 'content-encoding: gzip\r\n');
    const request = await came;
    const reading = readBody(request, 'gzip', room).then(
      (body) => {
        body.release();
        return 'read';
      },
      (error) => error.name,
    );
    socket.destroy();
    expect(['read', 'SenderGone']).toContain(await reading);
    isFree();
  });

  it.each([
    ['unpacks to more than a body may have', 'gzip', gzipSync(Buffer.alloc(4 * MAX_BODY)), 'PLIM_OTLP_TOO_LARGE'],
    ['is larger than a body may be', 'identity', Buffer.alloc(MAX_BODY + 1), 'PLIM_OTLP_TOO_LARGE'],
    ['is not packed as it says', 'gzip', Buffer.alloc(1000, 'x'), 'PLIM_OTLP_COMPRESSION'],
  ] as const)('when it %s', async (_what, encoding, body, code) => {
    const came = next();
    const socket = send(body.length, body);
    const reading = readBody(await came, encoding, room);
    await expect(reading).rejects.toMatchObject({ code });
    socket.destroy();
    isFree();
  });

  it('when its sender leaves in the midst of it', async () => {
    const came = next();
    const socket = send(1000, Buffer.alloc(500));
    const reading = readBody(await came, 'identity', room);
    socket.destroy();
    await expect(reading).rejects.toThrow(SenderGone);
    isFree();
  });

  it('when there is no room for it', async () => {
    const other = room.inFlight.max;
    room.inFlight.take(other);
    const came = next();
    send(1000, Buffer.alloc(1000));
    await expect(readBody(await came, 'identity', room)).rejects.toMatchObject({ code: 'PLIM_OTLP_OVERLOADED' });
    room.inFlight.giveBack(other);
    isFree();
  });
});
