import { randomBytes } from 'node:crypto';
import type { Statement } from '../store/items.ts';
import { type Records, statement } from '../store/records/records.ts';

/** A key of 256 bits, made once for an installation: `prompt key` hashes instructions to a prompt version, for one. */
export async function keptKey(
  records: Records,
  write: (statements: readonly Statement[]) => Promise<unknown>,
  name: string,
): Promise<Uint8Array> {
  const row = await records.selectFrom('setting').select('value').where('name', '=', name).executeTakeFirst();
  if (row !== undefined) return Buffer.from(row.value, 'hex');
  const value = randomBytes(32).toString('hex');
  await write([
    statement(
      records
        .insertInto('setting')
        .values({ name, value })
        .onConflict((conflict) => conflict.doNothing()),
    ),
  ]);
  // Another replica may have been quicker.
  const kept = await records.selectFrom('setting').select('value').where('name', '=', name).executeTakeFirstOrThrow();
  return Buffer.from(kept.value, 'hex');
}
