import { sinks } from '../../sinks/index.ts';
import type { Configuration } from '../plimsoll.ts';
import { rulesJson, rulesYaml } from '../rules/rules-file.ts';
import { rulesOf } from '../rules/rules-of.ts';
import { configuredObjectives } from './traffic.ts';

export interface ExportRulesOptions {
  readonly configuration: Configuration;
  /** Also what Plimsoll pages on itself. */
  readonly all: boolean;
  readonly json: boolean;
}

/** Writes rules for Prometheus to standard output: YAML, or the same in JSON. 0: in any case. */
export function exportRulesCommand({ configuration, all, json }: ExportRulesOptions): number {
  const { deployment } = configuration;
  const pagers = deployment.sinks.filter(({ type }) => sinks[type].class === 'page').map(({ name }) => name);
  const groups = rulesOf({
    objectives: configuredObjectives(configuration),
    pagers,
    all,
    consoleUrl: deployment.consoleUrl,
  });
  process.stdout.write(json ? `${rulesJson(groups)}\n` : rulesYaml(groups));
  return 0;
}
