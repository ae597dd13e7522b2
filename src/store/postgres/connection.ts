import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import type { SqlDatabase, SqlRow, SqlStatement } from '../sql.ts';
import { storable } from './arrays.ts';
import type { ConnectionOptions, FromConnection, PackedRows, PgValue, ToConnection } from './bridge.ts';
import { numbered } from './placeholders.ts';

/** So much longer than a statement may take is an answer waited for: beyond every limit that the connection's thread keeps itself. */
const DEAF_MS = 30_000;

/** What PostgreSQL answered, or that it did not: `code` is its SQLSTATE (08… : the connection is gone). */
export class PgError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = 'PgError';
    this.code = code;
  }

  /** Whether the same transaction may succeed when it is done again: it lost against another one, or the server went away. */
  get isPassing(): boolean {
    return /^(40001|40P01|55P03|57014|25P03|57P0[1-5]|53[0-9A-Z]{3}|08[0-9A-Z]{3}|XX000)$/.test(this.code);
  }

  /** Whether the connection is gone, so that nobody knows what became of a commit under way. */
  get isConnection(): boolean {
    return /^(25P03|57P0[1-5]|08[0-9A-Z]{3})$/.test(this.code);
  }

  /** Whether there is no connection, or none is given: to this user, with this password, of this database, or of so many. */
  get isUnreachable(): boolean {
    return this.isConnection || /^(28[0-9A-Z]{3}|3D000|53300)$/.test(this.code);
  }
}

/**
 * One connection to PostgreSQL as the store's synchronous code wants it: the calling thread waits for each answer while another
 * thread holds the connection. It is made at the first statement, and made again after it broke, or after its thread gave no
 * answer; what was under way then fails with a PgError. Integers up to 2^53 are numbers, booleans 0 or 1, bytes Uint8Arrays.
 */
export class PgConnection implements SqlDatabase {
  readonly #options: ConnectionOptions;
  readonly #patienceMs: number;
  #thread: ConnectionThread;
  #inTransaction = false;
  #isClosed = false;

  constructor(options: ConnectionOptions, deafMs = DEAF_MS) {
    this.#options = options;
    this.#patienceMs = options.statementTimeoutMs + deafMs;
    this.#thread = startThread(options);
  }

  get isTransaction(): boolean {
    return this.#inTransaction;
  }

  prepare(sql: string): SqlStatement {
    const text = numbered(sql);
    return {
      run: (...parameters) => ({ changes: this.#rows(text, parameters).count, lastInsertRowid: 0 }),
      get: (...parameters) => unpacked(this.#rows(text, parameters))[0],
      all: (...parameters) => unpacked(this.#rows(text, parameters)),
      iterate: (...parameters) => unpacked(this.#rows(text, parameters)),
    };
  }

  /** As `prepare(sql).all`, with lists among the parameters. */
  all(sql: string, ...parameters: PgValue[]): SqlRow[] {
    return unpacked(this.#rows(numbered(sql), parameters));
  }

  /** As `prepare(sql).run`, with lists among the parameters. @returns rows changed */
  run(sql: string, ...parameters: PgValue[]): number {
    return this.#rows(numbered(sql), parameters).count;
  }

  /** @param sql  `copy … from stdin (format binary)`  @param bytes  rows in that form, given away  @returns rows copied */
  copy(sql: string, bytes: Uint8Array<ArrayBuffer>): number {
    return this.#ask({ type: 'copy', sql, bytes }, [bytes.buffer]).count;
  }

  exec(sql: string): void {
    this.#ask({ type: 'exec', sql });
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#thread.port.postMessage({ type: 'close' } satisfies ToConnection);
    this.#thread.port.close();
  }

  /** An answer that comes after all would be taken for that of the next question: another thread is asked that. */
  #giveUp(): never {
    this.#thread.port.close();
    void this.#thread.worker.terminate();
    this.#thread = startThread(this.#options);
    this.#inTransaction = false;
    throw new PgError('08006', `PostgreSQL has not answered within ${this.#patienceMs} ms`);
  }

  #rows(sql: string, parameters: readonly PgValue[]): PackedRows {
    return this.#ask({ type: 'query', sql, parameters: parameters.map(storableValue) });
  }

  #ask(message: ToConnection, transfer: ArrayBuffer[] = []): PackedRows {
    if (this.#isClosed) throw new PgError('08003', 'the connection to PostgreSQL is closed');
    const { port, signal } = this.#thread;
    const seen = Atomics.load(signal, 0);
    port.postMessage(message, transfer);
    // The bell of the last answer may ring only now: the count says whether there is a new one.
    while (Atomics.load(signal, 0) === seen)
      if (Atomics.wait(signal, 0, seen, this.#patienceMs) === 'timed-out') this.#giveUp();
    const answer = receiveMessageOnPort(port)!.message as FromConnection;
    this.#inTransaction = answer.inTransaction;
    if (answer.type === 'error') throw new PgError(answer.code, answer.message);
    return answer.packed;
  }
}

function storableValue(value: PgValue): PgValue {
  if (typeof value === 'string') return storable(value);
  return Array.isArray(value) ? value.map((one) => (typeof one === 'string' ? storable(one) : one)) : value;
}

/** The thread of a connection, and what it is asked by. */
interface ConnectionThread {
  readonly worker: Worker;
  readonly port: MessagePort;
  /** Counts its answers. */
  readonly signal: Int32Array<SharedArrayBuffer>;
}

function startThread(options: ConnectionOptions): ConnectionThread {
  const { port1: port, port2 } = new MessageChannel();
  const signal = new Int32Array(new SharedArrayBuffer(4));
  const source = import.meta.url.endsWith('.ts') ? './connection-thread.ts' : './connection-thread.js';
  const worker = new Worker(new URL(source, import.meta.url), {
    workerData: { options, port: port2, signal },
    transferList: [port2],
  });
  worker.unref();
  port.unref();
  return { worker, port, signal };
}

function unpacked({ columns, isBytes, rows, bytes }: PackedRows): SqlRow[] {
  let at = 0;
  return rows.map((row) => {
    const out: SqlRow = {};
    for (let i = 0; i < columns.length; i++) {
      const cell = row[i];
      if (isBytes[i] && cell !== null) {
        out[columns[i]!] = bytes.subarray(at, cell as number);
        at = cell as number;
      } else out[columns[i]!] = cell;
    }
    return out;
  });
}
