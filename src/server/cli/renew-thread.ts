// The thread that keeps a move alive while the command copies: a server that hears nothing opens its doors again.
import { parentPort, workerData } from 'node:worker_threads';
import { type LocalPlace, LocalServer } from './local-server.ts';
import { MOVE_PATH, type MoveSession } from './running-move.ts';

const { place, address, id, everyMs, lost } = workerData as MoveSession & {
  readonly place: LocalPlace;
  readonly everyMs: number;
  readonly lost: Int32Array;
};
const server = new LocalServer(place);

const renew = async (): Promise<void> => {
  const answer = await server.ask(address, MOVE_PATH, {
    method: 'POST',
    body: { step: 'renew', id },
    timeout: everyMs * 2,
  });
  answer?.resume();
  if (answer?.statusCode === 409) Atomics.store(lost, 0, 1);
};

const timer = setInterval(() => void renew(), everyMs);
parentPort!.on('message', () => {
  clearInterval(timer);
  parentPort!.close();
});
