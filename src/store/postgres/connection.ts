import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import type { SqlDatabase, SqlRow, SqlStatement } from '../sql.ts';
import type { ConnectionOptions, FromConnection, PackedRows, PgValue, ToConnection } from './bridge.ts';
import { numbered } from './placeholders.ts';

/** Beyond every limit that the connection's thread keeps itself. */
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
    return /^(40001|40P01|55P03|57014|57P0[1-4]|53[0-9A-Z]{3}|08[0-9A-Z]{3}|XX000)$/.test(this.code);
  }

  /** Whether the connection is gone, so that nobody knows what became of a commit under way. */
  get isConnection(): boolean {
    return /^(57P0[1-4]|08[0-9A-Z]{3})$/.test(this.code);
  }
}

/**
 * One connection to PostgreSQL as the store's synchronous code wants it: the calling thread waits for each answer while another
 * thread holds the connection. It is made at the first statement, and made again after it broke; what was under way then fails
 * with a PgError. Integers up to 2^53 are numbers, booleans 0 or 1, bytes Uint8Arrays.
 */
export class PgConnection implements SqlDatabase {
  readonly #port: MessagePort;
  readonly #worker: Worker;
  readonly #signal = new Int32Array(new SharedArrayBuffer(4));
  #inTransaction = false;
  #isClosed = false;

  constructor(options: ConnectionOptions) {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    const source = import.meta.url.endsWith('.ts') ? './connection-thread.ts' : './connection-thread.js';
    this.#worker = new Worker(new URL(source, import.meta.url), {
      workerData: { options, port: port2, signal: this.#signal },
      transferList: [port2],
    });
    this.#worker.unref();
    port1.unref();
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
    this.#port.postMessage({ type: 'close' } satisfies ToConnection);
    this.#port.close();
  }

  /** An answer that comes after all would be taken for that of the next question. */
  #giveUp(): never {
    this.close();
    void this.#worker.terminate();
    throw new PgError('08006', `PostgreSQL has not answered within ${DEAF_MS} ms`);
  }

  #rows(sql: string, parameters: readonly PgValue[]): PackedRows {
    return this.#ask({ type: 'query', sql, parameters });
  }

  #ask(message: ToConnection, transfer: ArrayBuffer[] = []): PackedRows {
    if (this.#isClosed) throw new PgError('08003', 'the connection to PostgreSQL is closed');
    const seen = Atomics.load(this.#signal, 0);
    this.#port.postMessage(message, transfer);
    // The bell of the last answer may ring only now: the count says whether there is a new one.
    while (Atomics.load(this.#signal, 0) === seen)
      if (Atomics.wait(this.#signal, 0, seen, DEAF_MS) === 'timed-out') this.#giveUp();
    const answer = receiveMessageOnPort(this.#port)!.message as FromConnection;
    this.#inTransaction = answer.inTransaction;
    if (answer.type === 'error') throw new PgError(answer.code, answer.message);
    return answer.packed;
  }
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
