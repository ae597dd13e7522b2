import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { defaultConfiguration, type HasTokens, type LoadResult, loadConfiguration } from './load.ts';

/** Where a deployment's configuration is read from, again and again. */
export interface ConfigurationSource {
  load(): LoadResult;
}

/**
 * The file that was named; else the default one, once it is there. A file that was there and is not any more is a mistake,
 * and does not bring back what runs without any.
 */
export function configurationSource(
  named: string | undefined,
  defaultFile: string,
  hasTokens?: HasTokens,
): ConfigurationSource {
  const file = resolve(named ?? defaultFile);
  let isThere = named !== undefined;
  return {
    load: () => {
      isThere ||= existsSync(file);
      if (isThere) return loadConfiguration(file, hasTokens);
      return {
        ok: true,
        configuration: defaultConfiguration(dirname(file)),
        files: [file],
        patterns: [],
        warnings: [],
      };
    },
  };
}
