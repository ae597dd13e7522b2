// The thread that writes to the store: it takes whatever waits, commits it as one group, and answers.
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import type { WriteItem } from './items.ts';
import { openLedger } from './open-ledger.ts';
import type { FromWriter, ToWriter, WriterOptions } from './writer-protocol.ts';

/** No group is larger: an acknowledgement waits for at most this many rows besides its own. */
const GROUP_MAX_ROWS = 16_384;
/** Tallies are written when this many rows came since the last time, if nobody has asked for them before. */
const SETTLE_EVERY_ROWS = 1_000_000;
/** What can wait is done a piece at a time while nothing else waits; and, when something always does, one so often, ms. */
const UPKEEP_EVERY_MS = 50;
/** A millisecond of it writes as much of the log as so many rows of a group do, about. */
const UPKEEP_ROWS_A_MS = 500;

/** So long the one who makes plans is waited for, ms. */
const LEARN_MS = 20_000;
const PAUSE = new Int32Array(new SharedArrayBuffer(4));
/** What a writer is told, not asked to store: it may be told again. */
const TELLS: ReadonlySet<WriteItem['type']> = new Set(['dictionary', 'plans']);

const port = parentPort!;
const { ledger, log, committed, close } = openLedger(workerData as WriterOptions, learn);
const post = (message: FromWriter): void => port.postMessage(message);

post({ type: 'opened', texts: ledger.texts, log });

/** What was taken from the port and is not done yet. */
const held: ToWriter[] = [];
const receive = (): ToWriter | undefined => receiveMessageOnPort(port)?.message as ToWriter | undefined;
const next = (): ToWriter | undefined => held.shift() ?? receive();

/** Asks for what other writers have named: what comes in meanwhile waits, in its order. */
function learn(): WriteItem[] {
  const learned: WriteItem[] = [];
  post({ type: 'behind' });
  for (const until = performance.now() + LEARN_MS; performance.now() < until; ) {
    const message = receive();
    if (message === undefined) Atomics.wait(PAUSE, 0, 0, 1);
    else if (message.type === 'learned') return learned;
    else {
      held.push(message);
      if (message.type === 'write' && TELLS.has(message.item.type)) learned.push(message.item);
    }
  }
  return learned;
}

port.on('message', (first: ToWriter) => {
  held.push(first);
  takeAll();
});

/** Does all that there is to be done. */
function takeAll(): void {
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
        held.unshift(more);
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
      committed(rows);
    } catch (error) {
      const detail = (error as Error).message;
      post({ type: 'refused', ids: group.map((one) => one.id), detail, durationMs: performance.now() - began });
    }
    if (ledger.status.rowsSinceSettlement >= SETTLE_EVERY_ROWS) settle(null, now, false);
    if (settling !== null || performance.now() - keptUpAt >= UPKEEP_EVERY_MS) keepUp();
  }
}

/** The settlement under way, and who waits for it. */
let settling: { readonly id: number | null; readonly now: number; readonly isLast: boolean } | null = null;
/** What is left to do behind the last settlement. */
let upkeep: Generator<undefined> | null = null;
/** When the last piece of either was done. */
let keptUpAt = 0;

/** A piece of what is to be done between two groups: of a settlement first, the rest when nothing waits. */
function keepUp(): void {
  keptUpAt = performance.now();
  if (settling === null && upkeep === null) return;
  if (settling !== null) settleSome();
  else if (upkeep !== null) {
    const running = upkeep;
    upkeep = null;
    behind(() => {
      if (!running.next().done) upkeep = running;
    });
  }
  // When nothing else is written, the log would grow until a commit has to bring it in, and whoever comes then waits a tenth of a second.
  committed(Math.ceil((performance.now() - keptUpAt) * UPKEEP_ROWS_A_MS));
}

let isIdling = false;

/** Goes on with it when nothing waits. */
function keepUpWhenIdle(): void {
  if (isIdling || (settling === null && upkeep === null)) return;
  isIdling = true;
  setImmediate(() => {
    isIdling = false;
    const waiting = receive();
    if (waiting !== undefined) held.push(waiting);
    // Also what came in while others' names were asked for.
    if (held.length > 0) takeAll();
    keepUp();
    keepUpWhenIdle();
  });
}

/** Begins to settle what has been counted. @param id  of the one who waits for it @param isLast  nothing is to be done behind it */
function settle(id: number | null, now: number, isLast: boolean): void {
  while (settling !== null) settleSome();
  if (isLast) upkeep = null;
  settling = { id, now, isLast };
  told(id, () => ledger.beginSettlement(now));
  settleSome();
  keepUpWhenIdle();
}

function settleSome(): void {
  if (settling === null) return;
  const { id, now, isLast } = settling;
  told(id, () => {
    if (ledger.settleSome(now)) return;
    settling = null;
    if (id === null) return;
    post({ type: 'answer', id, value: ledger.status });
    if (!isLast) upkeep ??= ledger.upkeep(now);
  });
}

/** A part of a settlement: its failure is its end, and told to the one who waits for it. */
function told(id: number | null, work: () => void): void {
  const began = performance.now();
  try {
    work();
  } catch (error) {
    settling = null;
    const detail = (error as Error).message;
    if (id === null) post({ type: 'refused', ids: [], detail, durationMs: performance.now() - began });
    else post({ type: 'answer', id, error: detail });
  }
}

/** Work that nobody waits for: that the store refuses it is told all the same. */
function behind(work: () => void): void {
  const began = performance.now();
  try {
    work();
  } catch (error) {
    post({ type: 'refused', ids: [], detail: (error as Error).message, durationMs: performance.now() - began });
  }
}

/** Answers what a piece of work comes to; a failure of it is told to the one who asked. */
function answer(id: number, work: () => unknown): void {
  try {
    post({ type: 'answer', id, value: work() });
  } catch (error) {
    post({ type: 'answer', id, error: (error as Error).message });
  }
}

function control(message: Exclude<ToWriter, { type: 'write' }>): void {
  const { id } = message;
  switch (message.type) {
    case 'recover':
      answer(id, () => {
        ledger.setPlans(message.plans);
        return ledger.recover(message.now).minutesFolded;
      });
      return;
    case 'settle':
      settle(id, message.now, message.isLast);
      return;
    case 'reconfigure':
      answer(id, () => {
        ledger.reconfigure(message.retention, message.plans, message.now);
        return null;
      });
      return;
    // Only while it is waited for.
    case 'learned':
      return;
    case 'refold':
      answer(id, () => ledger.refold(message.minutes, message.now));
      return;
    case 'find':
      answer(id, () => ledger.places(message.trace));
      return;
    case 'close':
      void end(message.id, message.now);
  }
}

/** Settles what there is, and closes the store. @param id  of the one who waits for it */
async function end(id: number, now: number): Promise<void> {
  while (settling !== null) settleSome();
  upkeep = null;
  try {
    try {
      ledger.settle(now);
      ledger.settlePointers(now);
    } finally {
      await close();
    }
    post({ type: 'answer', id, value: null });
  } catch (error) {
    post({ type: 'answer', id, error: (error as Error).message });
  }
  port.close();
}
