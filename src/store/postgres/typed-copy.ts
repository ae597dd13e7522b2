import type { SqlDatabase, SqlValue } from '../sql.ts';
import { storable } from './arrays.ts';
import type { PgConnection } from './connection.ts';
import { CopyWriter } from './copy-writer.ts';

/** Rows are handed over in pieces of about so many bytes. */
const PIECE_BYTES = 4 << 20;

type Write = (out: CopyWriter, value: NonNullable<SqlValue>) => void;
const BY_TYPE: Readonly<Record<string, Write>> = {
  smallint: (out, value) => out.int2(Number(value)),
  integer: (out, value) => out.int4(Number(value)),
  bigint: (out, value) => out.int8(Number(value)),
  'double precision': (out, value) => out.float8(Number(value)),
  text: (out, value) => out.text(storable(String(value))),
  bytea: (out, value) => out.bytes(typeof value === 'string' ? Buffer.from(value) : (value as Uint8Array)),
};

interface Column {
  readonly name: string;
  readonly write: Write;
}

/** Rows of one table, as plain values by column, written piece by piece. */
export class TypedCopy {
  readonly columns: readonly string[];
  readonly #db: PgConnection;
  readonly #into: string;
  readonly #columns: readonly Column[];
  #out = new CopyWriter();

  /** @param isWanted  of the table's columns; the others keep what they are by default */
  constructor(db: PgConnection, table: string, isWanted: (column: string) => boolean) {
    this.#db = db;
    this.#columns = columnsOf(db, table).filter(({ name }) => isWanted(name));
    this.columns = this.#columns.map(({ name }) => name);
    this.#into = `${table} (${this.columns.map((name) => `"${name}"`).join(', ')})`;
  }

  add(row: Readonly<Record<string, SqlValue>>): void {
    const out = this.#out;
    out.row(this.#columns.length);
    for (const { name, write } of this.#columns) {
      const value = row[name] ?? null;
      out.optional(value, () => write(out, value!));
    }
    if (out.bytesWritten >= PIECE_BYTES) this.#write(new CopyWriter(PIECE_BYTES));
  }

  /** Writes what is left. */
  flush(): void {
    if (this.#out.rows > 0) this.#write(new CopyWriter());
  }

  #write(next: CopyWriter): void {
    this.#db.copy(`copy ${this.#into} from stdin (format binary)`, this.#out.finish());
    this.#out = next;
  }
}

function columnsOf(db: SqlDatabase, table: string): Column[] {
  const rows = db
    .prepare(
      `select attname::text as name, format_type(atttypid, null) as type from pg_attribute
       where attrelid = to_regclass(?) and attnum > 0 and not attisdropped order by attnum`,
    )
    .all(table) as { name: string; type: string }[];
  return rows.map(({ name, type }) => {
    const write = BY_TYPE[type];
    if (write === undefined)
      throw new RangeError(`${table}.${name} is of the type ${type}, which nobody has moved yet`);
    return { name, write };
  });
}
