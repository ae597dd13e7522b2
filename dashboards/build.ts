// Writes generated/*.json, which Grafana is provisioned with; a test compares the bytes.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generated } from './index.ts';

const folder = join(import.meta.dirname, 'generated');
mkdirSync(folder, { recursive: true });
for (const { file, text } of generated()) {
  writeFileSync(join(folder, file), text);
  console.log(`dashboards/generated/${file}`);
}
