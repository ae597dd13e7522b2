import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { REFUSALS } from '../../../collectors/otlp/index.ts';
import { LIMIT_NAMES } from '../../../src/model/config/limits.ts';

const readme = readFileSync(join(import.meta.dirname, '../../../collectors/otlp/README.md'), 'utf8');

it('the README has a row for every refusal, with its status, and for no other', () => {
  const rows = [...readme.matchAll(/^\| `(PLIM_\w+)` *\| (\d+) /gm)].map(([, code, http]) => [code, Number(http)]);
  expect(rows.sort()).toEqual(
    Object.entries(REFUSALS)
      .map(([code, { http }]) => [code, http])
      .sort(),
  );
});

it('the README has a row for every limit', () => {
  const rows = [...readme.matchAll(/^\| `([a-z]\w+)` *\| /gm)].map(([, name]) => name);
  expect(rows).toEqual(LIMIT_NAMES.filter((name) => name !== 'apiBody'));
});
