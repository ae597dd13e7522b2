import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { dialects } from '../../../collectors/dialects/index.ts';
import { dialectTables } from '../../../collectors/dialects/table.ts';

it('the README says what the list says', async () => {
  const readme = join(import.meta.dirname, '../../../collectors/dialects/README.md');
  const tables = `<!-- tables -->\n${dialectTables(dialects)}\n<!-- end -->`;
  const wanted = readFileSync(readme, 'utf8').replace(/<!-- tables -->[\s\S]*<!-- end -->/, () => tables);
  await expect(wanted).toMatchFileSnapshot(readme);
});
