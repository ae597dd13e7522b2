import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { generated } from '../../dashboards/index.ts';

const folder = resolve(import.meta.dirname, '../../dashboards/generated');

it('what is committed is what `npm run dashboards` writes, byte for byte', () => {
  expect(readdirSync(folder).sort()).toEqual(
    generated()
      .map(({ file }) => file)
      .sort(),
  );
  for (const { file, text } of generated()) expect(readFileSync(join(folder, file), 'utf8')).toBe(text);
});

it('the README names every dashboard, and makes the secrets as the compose file says', () => {
  const root = resolve(folder, '../..');
  const readme = readFileSync(join(root, 'dashboards/README.md'), 'utf8');
  for (const { text } of generated()) expect(readme).toContain(`\`${JSON.parse(text).uid}\``);
  const line = /^# {3}(mkdir .*)$/m.exec(readFileSync(join(root, 'docker-compose.yml'), 'utf8'))![1]!;
  expect(readme).toContain(line);
});
