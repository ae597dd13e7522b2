import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { MEASUREMENTS, POLICIES } from '../../src/sinks/influx/schema.ts';

const page = readFileSync(resolve(import.meta.dirname, '../../docs/guide/history.md'), 'utf8');

it('names every measurement with its tags and fields, and no other', () => {
  const rows = page.split('\n').flatMap((line) => {
    const cells = line.split('|').map((cell) => cell.trim());
    return cells.length === 6 && /^`\w+`$/.test(cells[1]!) && cells[2]!.includes('`minutes`') ? [cells] : [];
  });
  const named = (cell: string): string[] => [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name!);
  const written = rows.map(([, name, , tags, fields]) => [named(name!)[0], named(tags!), named(fields!).toSorted()]);
  const schema = Object.entries(MEASUREMENTS).map(([name, { tags, fields }]) => [
    name,
    [...tags],
    Object.keys(fields).toSorted(),
  ]);
  expect(written).toEqual(schema);
});

it('has the policies of the schema in its statements', () => {
  for (const [name, duration] of Object.entries(POLICIES))
    expect(page).toMatch(new RegExp(`DURATION ${duration}.*|"${name}"`));
  expect(page).toContain(`WITH DURATION ${POLICIES.minutes} NAME "minutes"`);
  expect(page).toContain(`RETENTION POLICY "hourly" ON "plimsoll" DURATION ${POLICIES.hourly}`);
});
