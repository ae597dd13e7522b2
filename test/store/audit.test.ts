import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { CompactRange } from '../../src/compliance/audit/compact-range.ts';
import { hashesOf, hex } from '../../src/compliance/audit/hash.ts';
import { LogCheck, type LogReport } from '../../src/compliance/audit/log-check.ts';
import type { Statement, WriteItem } from '../../src/store/items.ts';
import { auditEntry } from '../../src/store/records/audit.ts';
import type { SqlDatabase } from '../../src/store/sql.ts';
import { openForWriting } from '../../src/store/sqlite/database.ts';
import { Ledger } from '../../src/store/sqlite/ledger.ts';
import { stepOf } from '../../src/store/sqlite/migrations.ts';
import { MIGRATIONS } from '../../src/store/sqlite/schema.ts';
import { freshKey } from '../compliance/logs.ts';

const RETENTION = { interactionsMs: 1e12, minutesMs: 1e12, hoursMs: 1e12 };
const AT = Date.UTC(2026, 10, 1);
const person = { kind: 'user', id: 'dana' } as const;

interface Row {
  seq: number;
  at: number;
  actor: string;
  type: string;
  entry: string;
  leaf: Uint8Array;
}

const rowsOf = (db: SqlDatabase): Row[] => db.prepare('select * from audit_entry order by seq').all() as Row[];

/** Holds what is stored against itself, and the row that says where the log ends against the entries. */
function checked(db: SqlDatabase): LogReport {
  const range = new CompactRange();
  const check = new LogCheck({ base: range, heads: [], anchors: [], keys: [freshKey()], rotations: [], trusted: [] });
  for (const { entry, leaf } of rowsOf(db)) check.take(Buffer.from(entry), leaf);
  const report = check.finish();
  const tip = db.prepare('select * from audit_tip').get() as { size: number; peaks: Uint8Array; leaf: Uint8Array };
  expect(tip.size).toBe(report.size);
  expect(hex(new CompactRange(tip.size, hashesOf(tip.peaks)).root())).toBe(report.root);
  expect(hex(tip.leaf)).toBe(hex(rowsOf(db).at(-1)?.leaf ?? Buffer.alloc(0)));
  return report;
}

const note = (n: number): Statement => auditEntry(person, 'test.noted', { n }, AT + n);
const kept = (name: string): Statement => ({
  sql: 'insert into setting values (?, ?)',
  parameters: [name, 'x'],
});
const failing: Statement = { sql: 'insert into setting values (?, ?)', parameters: ['twice', 'x'] };
const item = (...statements: Statement[]): WriteItem => ({ type: 'statements', statements });

describe('entries of the audit log', () => {
  const open = (): { db: SqlDatabase; ledger: Ledger } => {
    const db = openForWriting(':memory:');
    db.exec("insert into setting values ('twice', 'x')");
    return { db, ledger: new Ledger(db, RETENTION) };
  };

  it('begin with log.created, and are chained in the order of the items', () => {
    const { db, ledger } = open();
    ledger.commit([item(note(1), kept('a'), note(2)), item(note(3))], AT);
    expect(rowsOf(db).map(({ seq, at, actor, type }) => [seq, at, actor, type])).toEqual([
      [0, AT + 1, 'system:plimsoll', 'log.created'],
      [1, AT + 1, 'user:dana', 'test.noted'],
      [2, AT + 2, 'user:dana', 'test.noted'],
      [3, AT + 3, 'user:dana', 'test.noted'],
    ]);
    expect(checked(db)).toMatchObject({ tampering: [], entries: 4 });
  });

  it('are gone with what they record, and leave no gap: whichever items fail', () => {
    const step = fc.constantFrom<'note' | 'keep' | 'fail'>('note', 'note', 'keep', 'fail');
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.array(step, { maxLength: 4 }), { maxLength: 4 }), { maxLength: 6 }),
        (groups) => {
          const { db, ledger } = open();
          let n = 0;
          let expected = 0;
          for (const group of groups) {
            const items = group.map((steps) => {
              if (!steps.includes('fail')) expected += steps.filter((one) => one === 'note').length;
              return item(
                ...steps.map((one) => (one === 'note' ? note(++n) : one === 'keep' ? kept(`k${++n}`) : failing)),
              );
            });
            const results = ledger.commit(items, AT);
            for (const [i, { type }] of results.entries())
              expect(type).toBe(group[i]!.includes('fail') ? 'failed' : 'statements');
          }
          expect(checked(db)).toMatchObject({ tampering: [], entries: expected === 0 ? 0 : expected + 1 });
          db.close();
        },
      ),
      { numRuns: 40 },
    );
  });

  it('are gone with a transaction that was refused as a whole', () => {
    const { db, ledger } = open();
    ledger.recover(AT);
    ledger.commit([item(note(1))], AT);
    db.exec("create trigger no_words before insert on dictionary begin select raise(abort, 'no room'); end");
    const refused: WriteItem[] = [item(note(2)), { type: 'dictionary', first: ledger.texts.length, texts: ['x'] }];
    expect(() => ledger.commit(refused, AT)).toThrow('no room');
    db.exec('drop trigger no_words');
    ledger.commit([item(note(3))], AT);
    expect(rowsOf(db).map(({ entry }) => JSON.parse(entry).data)).toEqual([{}, { n: 1 }, { n: 3 }]);
    expect(checked(db).tampering).toEqual([]);
  });

  it('refuse data that JSON does not have where they are made, not where they are written', () => {
    expect(() => auditEntry(person, 'test.noted', { n: Number.NaN }, AT)).toThrow(RangeError);
  });
});

describe('the audit of an older build', () => {
  const file = join(tmpdir(), `plimsoll-audit-${process.pid}.db`);
  afterEach(() => {
    for (const more of ['', '-wal', '-shm']) rmSync(file + more, { force: true });
  });

  /** The last step before the audit was a chain. */
  const BEFORE = MIGRATIONS.findIndex((step) => stepOf(step).up.includes('audit_unchained'));
  const asOfBefore = (rows: readonly (readonly [number, string, string, string])[]): void => {
    const old = new DatabaseSync(file);
    for (const step of MIGRATIONS.slice(0, BEFORE)) old.exec(stepOf(step).up);
    old.exec(`pragma user_version = ${BEFORE}`);
    old.exec('begin');
    for (const row of rows) old.prepare('insert into audit (at, actor, type, data) values (?, ?, ?, ?)').run(...row);
    old.exec('commit');
    old.close();
  };

  it('becomes the beginning of the chain when the store is opened, once', () => {
    const many = Array.from(
      { length: 1200 },
      (_, n) => [AT + n, 'system:plimsoll', 'delivery.attempted', `{"n":${n}}`] as const,
    );
    asOfBefore([...many, [AT + 9999, 'person:a:b', 'incident.updated', '{"id":"INC-1","big":1e300}']]);
    const db = openForWriting(file);
    expect(checked(db)).toMatchObject({ tampering: [], entries: 1202 });
    expect(JSON.parse(rowsOf(db).at(-1)!.entry)).toMatchObject({
      actor: { kind: 'person', id: 'a:b' },
      type: 'incident.updated',
      data: { id: 'INC-1', big: BigInt(1e300).toString() },
    });
    db.close();
    const again = openForWriting(file);
    expect(checked(again).entries).toBe(1202);
    expect(again.prepare("select count(*) as n from sqlite_master where name = 'audit_unchained'").get()!['n']).toBe(0);
    again.close();
  });

  it('that is empty is a log that has not begun', () => {
    asOfBefore([]);
    const db = openForWriting(file);
    expect(rowsOf(db)).toEqual([]);
    db.close();
  });
});
