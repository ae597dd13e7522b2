// The thread that holds one connection to PostgreSQL for another thread, which waits for each answer.
import { once } from 'node:events';
import { type MessagePort, workerData } from 'node:worker_threads';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { ConnectionOptions, FromConnection, PackedRows, ToConnection } from './bridge.ts';

const { options, port, signal } = workerData as {
  options: ConnectionOptions;
  port: MessagePort;
  signal: Int32Array<SharedArrayBuffer>;
};

/** Longer than the server's own limit: then the server is gone, not slow. */
const SILENCE_MS = 5_000;
const CONNECT_MS = 5_000;
/** The server, or the way to it, is gone (SQLSTATE). */
const CONNECTION_FAILURE = '08006';

const { BYTEA, INT8, NUMERIC, BOOL } = pg.types.builtins;
const PARSERS = new Map<number, (text: string) => unknown>([
  [INT8, Number],
  [NUMERIC, Number],
  [BOOL, (text) => (text === 't' ? 1 : 0)],
  // After its `\x`.
  [BYTEA, (text) => Buffer.from(text.slice(2), 'hex')],
]);
const types = {
  getTypeParser: (oid: number) => PARSERS.get(oid) ?? pg.types.getTypeParser(oid, 'text'),
} as unknown as pg.CustomTypesConfig;

let client: pg.Client | null = null;
/** A transaction is under way: what belongs to it must not run on another connection, by itself. */
let isWithin = false;
/** Statements that the server has prepared for this connection, by text. */
let names = new Map<string, string>();

async function connected(): Promise<pg.Client> {
  if (client !== null) return client;
  const fresh = new pg.Client({
    connectionString: options.url,
    ...(options.password === null ? {} : { password: options.password }),
    application_name: options.name,
    statement_timeout: options.statementTimeoutMs,
    query_timeout: options.statementTimeoutMs + SILENCE_MS,
    connectionTimeoutMillis: CONNECT_MS,
    keepAlive: true,
  });
  fresh.on('error', () => drop(fresh));
  fresh.on('end', () => drop(fresh));
  await fresh.connect();
  try {
    if (options.session !== '')
      await fresh.query({ text: options.session, query_timeout: CONNECT_MS } as pg.QueryConfig);
  } catch (error) {
    // Without it a reader could write.
    fresh.end().catch(() => {});
    throw error;
  }
  names = new Map();
  client = fresh;
  return fresh;
}

function drop(gone: pg.Client): void {
  if (client === gone) client = null;
}

/** A connection of which nobody knows what it is doing is not used again. */
function abandon(): void {
  const gone = client;
  client = null;
  gone?.end().catch(() => {});
}

function nameOf(sql: string): string {
  let name = names.get(sql);
  if (name === undefined) {
    name = `s${names.size}`;
    names.set(sql, name);
  }
  return name;
}

async function run(message: Exclude<ToConnection, { type: 'close' }>): Promise<PackedRows> {
  const to = await connected();
  switch (message.type) {
    case 'query': {
      const { sql, parameters } = message;
      const result = await to.query<unknown[]>({
        name: nameOf(sql),
        text: sql,
        values: parameters as unknown[],
        rowMode: 'array',
        types,
      });
      return packed(result);
    }
    case 'exec':
      await to.query(message.sql);
      return NOTHING;
    case 'copy': {
      const stream = to.query(copyFrom(message.sql));
      stream.end(message.bytes);
      await once(stream, 'finish');
      return { ...NOTHING, count: stream.rowCount };
    }
  }
}

const NOTHING: PackedRows = { columns: [], isBytes: [], rows: [], bytes: new Uint8Array(), count: 0 };

/** Bytes of all rows in one piece: a thousand small ones take ten times as long to be handed over. */
function packed({ fields, rows, rowCount }: pg.QueryArrayResult<unknown[]>): PackedRows {
  const isBytes = fields.map((field) => field.dataTypeID === BYTEA);
  const places = isBytes.flatMap((is, i) => (is ? [i] : []));
  let total = 0;
  for (const row of rows) for (const i of places) total += (row[i] as Buffer | null)?.length ?? 0;
  const bytes = new Uint8Array(total);
  let at = 0;
  for (const row of rows)
    for (const i of places) {
      const cell = row[i] as Buffer | null;
      if (cell === null) continue;
      bytes.set(cell, at);
      at += cell.length;
      row[i] = at;
    }
  return { columns: fields.map((field) => field.name), isBytes, rows, bytes, count: rowCount ?? rows.length };
}

function answer(message: FromConnection, transfer: ArrayBuffer[] = []): void {
  isWithin = message.inTransaction;
  port.postMessage(message, transfer);
  Atomics.add(signal, 0, 1);
  Atomics.notify(signal, 0);
}

port.on('message', async (message: ToConnection) => {
  if (message.type === 'close') {
    await client?.end().catch(() => {});
    port.close();
    return;
  }
  if (isWithin && client === null) {
    const message = 'the connection ended within a transaction';
    answer({ type: 'error', code: CONNECTION_FAILURE, message, inTransaction: false });
    return;
  }
  const before = client;
  try {
    const rows = await run(message);
    const inTransaction = client !== null && client.getTransactionStatus() !== 'I';
    answer(
      { type: 'rows', packed: rows, inTransaction },
      rows.bytes.length > 0 ? [rows.bytes.buffer as ArrayBuffer] : [],
    );
  } catch (error) {
    const { code, message: text, severity } = error as pg.DatabaseError;
    // What is not the server's word is the connection's end: what it was doing is unknown.
    const isServers = severity !== undefined;
    if (!isServers || severity === 'FATAL') abandon();
    const inTransaction = before !== null && client === before && before.getTransactionStatus() !== 'I';
    answer({ type: 'error', code: isServers ? code! : CONNECTION_FAILURE, message: text, inTransaction });
  }
});
