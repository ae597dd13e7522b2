import type { Statement } from '../items.ts';
import { type Records, statement } from './records.ts';

/** A value that is kept under a name; null: none is. What is kept is JSON. */
export async function readSetting<T>(records: Records, name: string): Promise<T | null> {
  const row = await records.selectFrom('setting').select('value').where('name', '=', name).executeTakeFirst();
  return row === undefined ? null : (JSON.parse(row.value) as T);
}

export function writeSetting(records: Records, name: string, value: unknown): Statement {
  const text = JSON.stringify(value);
  return statement(
    records
      .insertInto('setting')
      .values({ name, value: text })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ value: text })),
  );
}
