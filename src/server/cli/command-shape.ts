import type { Command } from 'commander';
import type { LocalPlace } from './local-server.ts';
import type { RecordOptions } from './records.ts';

/** The deployment that a named file describes, or the one of this folder. */
export type DeploymentOf = (file: string | undefined) => LocalPlace;

/** Options that every command about what a running Plimsoll keeps has. */
interface Shared {
  readonly server?: string;
  readonly config?: string;
  readonly json: boolean;
}

/** Where a command asks, by its shared options. */
export const placeOf =
  (deploymentOf: DeploymentOf) =>
  ({ server, config, json }: Shared): RecordOptions => ({
    server: server ?? null,
    deployment: () => deploymentOf(config),
    json,
  });

/** Begins a command of a group, with the shared options. */
export const under = (group: Command) => (name: string, description: string) =>
  group
    .command(name)
    .description(description)
    .option(
      '--server <url>',
      'where Plimsoll answers, with PLIMSOLL_TOKEN; else on this machine, as the deployment file says',
    )
    .option('--config <file>', 'the deployment file', undefined)
    .option('--json', 'one JSON object on stdout', false);

/** The status is the process's own. */
export const done = async (status: Promise<number>): Promise<void> => {
  process.exitCode = await status;
};
