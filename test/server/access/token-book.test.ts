import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Actor } from '../../../src/model/incident.ts';
import { issueToken, NewToken, withdrawToken } from '../../../src/server/access/new-token.ts';
import { TokenBook } from '../../../src/server/access/token-book.ts';
import type { Statement } from '../../../src/store/items.ts';
import { openRecords } from '../../../src/store/records/records.ts';
import { openForWriting } from '../../../src/store/sqlite/database.ts';
import { StatementRunner } from '../../../src/store/statement-runner.ts';

const BY: Actor = { kind: 'user', id: 'local' };
let db: ReturnType<typeof openForWriting>;
beforeEach(() => {
  db = openForWriting(':memory:');
});
afterEach(() => db.close());

/** Another process on the same store. */
const elsewhere = (statements: readonly Statement[]): void => {
  new StatementRunner(db).run(statements);
};

it('what another process made or revoked is known within five seconds', async () => {
  let now = 1_000_000;
  const records = openRecords(db);
  const book = new TokenBook(records, () => now);
  await book.refresh();
  expect(book.areInUse).toBe(false);
  const { token, record, statements } = issueToken(records, NewToken.parse({ role: 'viewer' }), BY, now);
  elsewhere(statements);
  now += 4_999;
  await book.refresh();
  expect(book.lookUp(token)).toEqual({ is: 'guessed', id: null });
  now += 1;
  await book.refresh();
  expect(book.lookUp(token)).toEqual({ is: 'valid', token: record });
  expect(book.areInUse).toBe(true);
  elsewhere(withdrawToken(records, record.id, BY, now));
  now += 5_000;
  await book.refresh();
  expect(book.lookUp(token)).toMatchObject({ is: 'revoked', token: { id: record.id } });
  expect(book.areInUse).toBe(false);
  const types = db.prepare('select type, actor from audit_entry where seq > 0 order by seq').all();
  expect(types.map(({ type, actor }) => [type, actor])).toEqual([
    ['token.created', 'user:local'],
    ['token.revoked', 'user:local'],
  ]);
});

it('a clock that is set back does not keep old tokens in force', async () => {
  let now = 1_000_000;
  const records = openRecords(db);
  const book = new TokenBook(records, () => now);
  await book.refresh();
  const { token, statements } = issueToken(records, NewToken.parse({ role: 'viewer' }), BY, now);
  elsewhere(statements);
  now -= 3_600_000;
  await book.refresh();
  expect(book.lookUp(token).is).toBe('valid');
});
