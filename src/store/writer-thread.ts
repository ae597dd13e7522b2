// The thread that owns the embedded store: it takes whatever waits, commits it as one group, and answers.
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { lockStore, openForWriting } from './sqlite/database.ts';
import { Ledger } from './sqlite/ledger.ts';
import type { FromWriter, ToWriter, WriterOptions } from './writer-protocol.ts';

/** No group is larger: an acknowledgement waits for at most this many rows besides its own. */
const GROUP_MAX_ROWS = 16_384;
/** Tallies are written when this many rows came since the last time, if nobody has asked for them before. */
const SETTLE_EVERY_ROWS = 1_000_000;

const port = parentPort!;
const { file, retention } = workerData as WriterOptions;
const lock = lockStore(file);
const db = openForWriting(file);
const ledger = new Ledger(db, retention);
const post = (message: FromWriter): void => port.postMessage(message);

post({ type: 'opened', texts: ledger.texts });

let held: ToWriter | undefined;
const next = (): ToWriter | undefined => {
  const message = held ?? (receiveMessageOnPort(port)?.message as ToWriter | undefined);
  held = undefined;
  return message;
};

port.on('message', (first: ToWriter) => {
  held = first;
  for (let message = next(); message !== undefined; message = next()) {
    if (message.type !== 'write') {
      control(message);
      continue;
    }
    const group = [message];
    let rows = message.rows;
    while (rows < GROUP_MAX_ROWS) {
      const more = next();
      if (more === undefined) break;
      if (more.type !== 'write') {
        held = more;
        break;
      }
      group.push(more);
      rows += more.rows;
    }
    const now = group[group.length - 1]!.now;
    const began = performance.now();
    try {
      const results = ledger.commit(
        group.map((one) => one.item),
        now,
      );
      post({
        type: 'committed',
        answers: results.map((result, i) => ({ id: group[i]!.id, result })),
        status: ledger.status,
        arrivals: ledger.takeArrivals(),
        durationMs: performance.now() - began,
      });
    } catch (error) {
      const detail = (error as Error).message;
      post({ type: 'refused', ids: group.map((one) => one.id), detail, durationMs: performance.now() - began });
    }
    if (ledger.status.rowsSinceSettlement >= SETTLE_EVERY_ROWS) settle(now);
  }
});

function settle(now: number): string | null {
  try {
    ledger.settle(now);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Nobody waits for it; that the store refuses it is told all the same. */
function tidy(now: number): void {
  const began = performance.now();
  try {
    ledger.tidy(now);
  } catch (error) {
    post({ type: 'refused', ids: [], detail: (error as Error).message, durationMs: performance.now() - began });
  }
}

function control(message: Exclude<ToWriter, { type: 'write' }>): void {
  switch (message.type) {
    case 'recover': {
      try {
        ledger.setPlans(message.plans);
        const { minutesFolded } = ledger.recover(message.now);
        post({ type: 'answer', id: message.id, value: minutesFolded });
      } catch (error) {
        post({ type: 'answer', id: message.id, error: (error as Error).message });
      }
      return;
    }
    case 'settle': {
      const failure = settle(message.now);
      post(
        failure === null
          ? { type: 'answer', id: message.id, value: ledger.status }
          : { type: 'answer', id: message.id, error: failure },
      );
      if (failure === null) tidy(message.now);
      return;
    }
    case 'refold':
      try {
        post({ type: 'answer', id: message.id, value: ledger.refold(message.minutes, message.now) });
      } catch (error) {
        post({ type: 'answer', id: message.id, error: (error as Error).message });
      }
      return;
    case 'find':
      post({ type: 'answer', id: message.id, value: ledger.places(message.trace) });
      return;
    case 'close': {
      const failure = settle(message.now);
      db.close();
      lock.release();
      post(
        failure === null
          ? { type: 'answer', id: message.id, value: null }
          : { type: 'answer', id: message.id, error: failure },
      );
      port.close();
    }
  }
}
