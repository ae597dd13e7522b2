import { readFileSync } from 'node:fs';

/** Of the package: two folders up in a checkout, three in the built one. */
function readVersion(): string {
  for (const path of ['../../package.json', '../../../package.json'])
    try {
      const { name, version } = JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));
      if (name === 'plimsoll') return version;
    } catch {}
  return 'unknown';
}

export const VERSION = readVersion();
