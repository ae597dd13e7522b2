import { resolve } from 'node:path';
import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { ROLES } from './model/access.ts';
import { cmdb } from './model/config/cmdb.ts';
import { DEFAULT_LIFE } from './server/access/new-token.ts';
import { adoptCommand } from './server/cli/adopt.ts';
import { auditExportCommand } from './server/cli/audit-export.ts';
import { auditCutCommand, auditKeyCommand, auditRotateKeyCommand } from './server/cli/audit-keys.ts';
import { auditVerifyCommand } from './server/cli/audit-verify.ts';
import { backtestCommand } from './server/cli/backtest.ts';
import { backupCommand } from './server/cli/backup.ts';
import { changeCommands } from './server/cli/change-commands.ts';
import { changeGateCommand } from './server/cli/change-gate.ts';
import { checkCommand } from './server/cli/check.ts';
import { explainSpanCommand } from './server/cli/explain-span.ts';
import { explainTailCommand } from './server/cli/explain-tail.ts';
import { CMDB_FORMATS, exportCmdbCommand } from './server/cli/export-cmdb.ts';
import { exportInfluxCommand } from './server/cli/export-influx.ts';
import { exportRulesCommand } from './server/cli/export-rules.ts';
import { importCmdbCommand } from './server/cli/import-cmdb.ts';
import { importCsvCommand } from './server/cli/import-csv.ts';
import { settleMemory } from './server/cli/memory-settings.ts';
import { migrateCommand } from './server/cli/migrate.ts';
import { migrateStoreCommand } from './server/cli/migrate-store.ts';
import { MOMENT_HELP, momentOf } from './server/cli/moments.ts';
import { discardOutboxCommand, listOutboxCommand, replayOutboxCommand } from './server/cli/outbox.ts';
import { recordCommands } from './server/cli/record-commands.ts';
import { restoreCommand } from './server/cli/restore.ts';
import { serveCommand } from './server/cli/serve.ts';
import { sinkTestCommand } from './server/cli/sink-test.ts';
import { testCommand } from './server/cli/test.ts';
import { createTokenCommand, listTokensCommand, revokeTokenCommand } from './server/cli/token.ts';
import { verifyCommand } from './server/cli/verify.ts';
import { whyCommand } from './server/cli/why.ts';
import type { HasTokens, LoadResult } from './server/config/load.ts';
import { formatProblems } from './server/config/problem.ts';
import { readSecret } from './server/config/secrets.ts';
import { type ConfigurationSource, configurationSource } from './server/config/source.ts';
import type { Configuration } from './server/plimsoll.ts';
import { VERSION } from './server/version.ts';

const DEFAULT_FILE = 'plimsoll.yaml';
/** Exit status of a configuration that can't be used, and of an unknown command or option. */
const UNUSABLE = 3;
const WRONG_USAGE = 2;

/** The file that was named, else plimsoll.yaml where it is, else what runs without any. */
const configuration = (named: string | undefined, hasTokens?: HasTokens): Configuration =>
  loaded(configurationSource(named, DEFAULT_FILE, hasTokens)).configuration;

function loaded(source: ConfigurationSource): Extract<LoadResult, { ok: true }> {
  const result = source.load();
  if (result.ok) {
    if (result.warnings.length > 0) console.error(formatProblems(result.warnings));
    return result;
  }
  console.error(formatProblems(result.problems));
  const count = result.problems.length;
  console.error(`${count === 1 ? '1 problem' : `${count} problems`} in the configuration: nothing was started`);
  process.exit(UNUSABLE);
}

const program = new Command('plimsoll')
  .description('The load line for AI services.')
  .version(VERSION)
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : WRONG_USAGE))
  .showHelpAfterError('(plimsoll --help lists the commands)')
  .addHelpText(
    'after',
    `
Exit status: 0 done; 1 failed, or what was checked is not as it should be; 2 nothing to do it on, or wrong usage;
3 the configuration can't be used.`,
  );

const withConfig = (name: string, description: string, json = 'one JSON object on stdout'): Command =>
  program
    .command(name)
    .description(description)
    .option('--config <file>', 'the deployment file', undefined)
    .option('--json', json, false);

function positiveInteger(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('expected a whole number from 1 on');
  return Number(text);
}

const placeToMigrate = (text: string): number | string => (/^postgres(ql)?:/.test(text) ? text : positiveInteger(text));

function moment(text: string): number {
  const at = momentOf(text, Date.now());
  if (at === null) throw new InvalidArgumentError(`expected ${MOMENT_HELP}`);
  return at;
}

withConfig(
  'serve',
  'Take in telemetry and feedback, judge, tell of incidents.',
  'changes nothing: the log is JSON in any case',
).action(async ({ config }) => {
  settleMemory();
  // At once: when it could not start, or the store has failed, what is still open would keep the process alive.
  const source = configurationSource(config, DEFAULT_FILE);
  const places = loaded(source);
  process.exit(await serveCommand({ configuration: places.configuration, source, places, secret: readSecret }));
});

withConfig('verify', 'Recompute every tally from the stored rows and compare.').action(async ({ config, json }) => {
  process.exitCode = await verifyCommand({ configuration: configuration(config), json });
});

withConfig('backup', 'Copy the store as it is now into one file, while the server runs.')
  .requiredOption('--to <file>', 'the file to write; it holds everything, also what may not be told to everybody')
  .option('--force', 'overwrite the file', false)
  .action(async ({ config, to, force, json }) => {
    process.exitCode = await backupCommand({ configuration: configuration(config), to, force, json, now: Date.now() });
  });

withConfig('restore', 'Make the store what a backup holds; the server has to be stopped.')
  .requiredOption('--from <file>', 'a file that plimsoll backup wrote')
  .option('--force', 'overwrite the store that is there', false)
  .action(async ({ config, from, force, json }) => {
    const named = { configuration: configuration(config), from, force, json, now: Date.now() };
    process.exitCode = await restoreCommand(named);
  });

withConfig('migrate', 'Say which migration the store is at, take it forward or back, or move it into PostgreSQL.')
  .option(
    '--to <n>',
    'the migration to go to, for which the server has to be stopped; or with --from the address to move to',
    placeToMigrate,
  )
  .option(
    '--from <sqlite:FILE>',
    'an embedded store that is moved into an empty database of PostgreSQL, --to postgres:…, while the server runs',
  )
  .option('--password <secret>', 'of that database: env:NAME or file:/path')
  .action(async ({ config, json, to, from, password }, command: Command) => {
    if (from !== undefined) {
      if (typeof to !== 'string') command.error('error: --from needs --to postgres:…', { exitCode: WRONG_USAGE });
      const secret = password === undefined ? null : await readSecret(password);
      const listen = config === undefined ? null : configuration(config).deployment.listen;
      process.exitCode = await migrateStoreCommand({ from, to, password: secret, listen, json, now: Date.now });
      return;
    }
    if (typeof to === 'string') command.error('error: an address to move to needs --from', { exitCode: WRONG_USAGE });
    process.exitCode = migrateCommand({ configuration: configuration(config), to: to ?? null, json });
  });

withConfig('check', 'Validate the configuration, and say what each objective can detect and how fast.')
  .argument('[files...]', 'deployment files; plimsoll.yaml when none is named')
  .option('--why <name>', 'say instead what the detectors of a service or an objective saw: why did it not page?')
  .option('--at <time>', `of when --why is asked: ${MOMENT_HELP}; else of now`, moment)
  .action((files: string[], { config, json, why, at }, command: Command) => {
    if (why !== undefined) {
      const now = Date.now();
      const named = { configuration: configuration(config ?? files[0]), name: why, at: at ?? now, now, json };
      process.exitCode = whyCommand(named);
      return;
    }
    if (at !== undefined) command.error('error: --at belongs to --why', { exitCode: WRONG_USAGE });
    const named = [...files, ...(config === undefined ? [] : [config])];
    process.exitCode = checkCommand(named.length === 0 ? [resolve(DEFAULT_FILE)] : named, json);
  });

withConfig('backtest', 'Run objectives over the stored history: which incidents would have been opened, and when.')
  .option('--objective <file>', 'a file of objectives, or the name of one in force; else all that are in force')
  .option('--from <time>', `from when on: ${MOMENT_HELP}; else from the first minute that is stored`, moment)
  .option('--to <time>', 'until when, likewise; else the last minute that is stored', moment)
  .action(async ({ config, json, objective = null, from = null, to = null }) => {
    const named = { configuration: configuration(config), objective, from, to, json };
    process.exitCode = await backtestCommand(named);
  });

withConfig(
  'adopt',
  'Write the file of a service that telemetry alone knows, with objectives that its history supports.',
)
  .argument('<name>', 'as telemetry names it')
  .option('--write <file>', 'a file that is not there yet; else standard output')
  .action((name: string, { config, json, write = null }) => {
    process.exitCode = adoptCommand({ configuration: configuration(config), name, write, json, now: Date.now() });
  });

withConfig('export', 'Write what is stored, rules made of the objectives, or the inventory (cmdb), for other programs.')
  .addArgument(
    new Argument('[what]', 'on standard output: rules for Prometheus, or the services of files and of the API').choices(
      ['rules', 'cmdb'],
    ),
  )
  .option('--all', 'of rules: also those of what Plimsoll pages on itself, with a label that says so', false)
  .addOption(new Option('--format <format>', 'of the inventory').choices(CMDB_FORMATS))
  .option('--influx', 'make the history in the InfluxDB of the configuration again', false)
  .option('--since <time>', `of then and later alone: ${MOMENT_HELP}`, moment)
  .action(async (what: 'rules' | 'cmdb' | undefined, options, command: Command) => {
    const { config, json, all, format, influx, since = null } = options;
    if ((what === undefined) !== influx)
      command.error('error: say what to export: rules, cmdb, or --influx', { exitCode: WRONG_USAGE });
    if (what === 'rules') {
      process.exitCode = exportRulesCommand({ configuration: configuration(config), all, json });
      return;
    }
    if (what === 'cmdb') {
      if (format === undefined)
        command.error(`error: export cmdb needs --format ${CMDB_FORMATS.join(' or ')}`, { exitCode: WRONG_USAGE });
      process.exitCode = await exportCmdbCommand(configuration(config), format, Date.now());
      return;
    }
    const named = { configuration: configuration(config), secret: readSecret, since, json, now: Date.now };
    process.exitCode = await exportInfluxCommand(named);
  });

program
  .command('import')
  .description('Write the files of services that another inventory lists.')
  .addArgument(new Argument('<format>', 'a table of services, or what ServiceNow takes').choices(['csv', 'cmdb']))
  .argument('<file>', 'docs/guide/inventory.md has its columns')
  .option('--to <folder>', 'where the files go; none of them may be there yet', 'services')
  .option('--config <file>', 'the deployment whose spec.cmdb names the tables; else they are as they are by default')
  .option('--json', 'one JSON object on stdout', false)
  .action((format: 'csv' | 'cmdb', file: string, { to, json, config }) => {
    const options = { file, folder: to, json };
    process.exitCode =
      format === 'csv'
        ? importCsvCommand(options)
        : importCmdbCommand(options, config === undefined ? cmdb.parse({}) : configuration(config).deployment.cmdb);
  });

withConfig('explain-span', 'Say how spans are read: dialect, fields, what is missing and how to send it.')
  .argument('[file]', 'the body of an OTLP trace request: protobuf or JSON, plain or gzip; - for standard input')
  .option('--tail', 'explain what arrives at the running Plimsoll instead', false)
  .option('--service <name>', 'spans of this service only')
  .option('--limit <n>', 'explain at most so many spans one by one', positiveInteger, 20)
  .action(async (file: string | undefined, { config, tail, ...options }, command: Command) => {
    if (tail === (file !== undefined)) command.error('error: name either a file or --tail', { exitCode: WRONG_USAGE });
    const named = { configuration: configuration(config), ...options };
    process.exitCode = tail ? await explainTailCommand(named) : explainSpanCommand({ ...named, file });
  });

const audit = program.command('audit').description('The audit log: verify it, take a copy, its keys.');

const auditWith = (name: string, description: string): Command =>
  audit
    .command(name)
    .description(description)
    .option('--config <file>', 'the deployment file', undefined)
    .option('--json', 'one JSON object on stdout', false);

auditWith(
  'verify',
  'Say whether the log, or an export of it, is as it was signed. Of an export nothing else is needed.',
)
  .argument('[folder]', 'an export; else the store of the configuration')
  .option('--key <file>', 'public keys in PEM that you know from elsewhere')
  .option('--head <file>', 'signed heads that were kept elsewhere: the log must still hold them')
  .action(async (folder: string | undefined, { config, json, key = null, head = null }) => {
    process.exitCode = await auditVerifyCommand({
      folder: folder ?? null,
      keyFile: key,
      headFile: head,
      json,
      configuration: () => configuration(config),
      secret: readSecret,
    });
  });

auditWith('export', 'Write the log, or the entries of some time with their proofs, into a folder.')
  .requiredOption('--to <folder>', 'where to: a folder that is empty, or not there yet')
  .option('--from <time>', `entries from then on alone: ${MOMENT_HELP}`, moment)
  .option('--until <time>', 'entries of before then alone, likewise', moment)
  .action(async ({ config, json, to, from = null, until = null }) => {
    const named = { configuration: configuration(config), secret: readSecret, json, to, from, until };
    process.exitCode = await auditExportCommand(named);
  });

auditWith('key', 'Print the public keys of the log: what a verifier has to know.').action(async ({ config, json }) => {
  process.exitCode = await auditKeyCommand({ configuration: configuration(config), secret: readSecret, json });
});

auditWith('rotate-key', 'Sign the log with another key from now on; the old one vouches for it.')
  .option('--to <reference>', 'env:NAME or file:/path of the new key, where spec.audit.key names the old one')
  .action(async ({ config, json, to = null }) => {
    const named = { configuration: configuration(config), secret: readSecret, json, to };
    process.exitCode = await auditRotateKeyCommand(named);
  });

auditWith('cut', 'Let go of the oldest entries, up to a signed head. Nothing is ever cut by itself.')
  .requiredOption('--before <time>', `entries of before then: ${MOMENT_HELP}`, moment)
  .action(async ({ config, json, before }) => {
    const named = { configuration: configuration(config), secret: readSecret, json, before };
    process.exitCode = await auditCutCommand(named);
  });

const token = program.command('token').description('Make, list and revoke the tokens of those who may come in.');
const withTokenConfig = (name: string, description: string): Command =>
  token
    .command(name)
    .description(description)
    .option('--config <file>', 'the deployment file', undefined)
    .option('--json', 'one JSON object on stdout', false);
/** A door that waits for its first token does not keep that one from being made. */
const tokenOptions = ({ config, json }: { config: string | undefined; json: boolean }) => ({
  configuration: configuration(config, () => true),
  json,
  now: Date.now(),
});

withTokenConfig('create', 'Make a token and show it, once. From the first one on, everybody needs one.')
  .requiredOption('--role <role>', `what it may: ${ROLES.join(', ')}`)
  .option('--service <name...>', 'for these services only; else for all')
  .option('--name <text>', 'what it is for')
  .option('--expires <duration>', `how long it is valid; else ${DEFAULT_LIFE}`)
  .action(async ({ role, service, name, expires, ...options }) => {
    const wanted = {
      role,
      ...(service !== undefined && { services: service }),
      ...(name !== undefined && { name }),
      ...(expires !== undefined && { expiresIn: expires }),
    };
    process.exitCode = await createTokenCommand(tokenOptions(options), wanted);
  });

withTokenConfig('list', 'All tokens that were ever made; never what they are.').action(async (options) => {
  process.exitCode = await listTokensCommand(tokenOptions(options));
});

withTokenConfig('revoke', 'Take a token back, at once and for good.')
  .argument('<id>', 'what stands behind plim_, as plimsoll token list has it')
  .action(async (id: string, options) => {
    process.exitCode = await revokeTokenCommand(tokenOptions(options), id.replace(/^plim_/, ''));
  });

const sink = program.command('sink').description('Where incidents are told.');
sink
  .command('test')
  .description('Tell a sink of an example that is marked [TEST], and that it is over; say what it answered.')
  .argument('<name>', 'as spec.sinks names it')
  .option('--config <file>', 'the deployment file', undefined)
  .option('--json', 'one JSON object on stdout', false)
  .action(async (name: string, { config, json }) => {
    const named = { configuration: configuration(config, () => true), name, json, secret: readSecret };
    process.exitCode = await sinkTestCommand({ ...named, now: Date.now });
  });

const change = program.command('change').description('Changes that are assessed and approved.');
change
  .command('gate')
  .description(
    'Say whether a change may go out now: approved, in its window, without a conflict, with budget left. Exit status 0: it may; 1: it may not; 2: it can not be known.',
  )
  .requiredOption('--id <id>', 'of the change')
  .option(
    '--server <url>',
    'where Plimsoll answers, with PLIMSOLL_TOKEN; else on this machine, as the deployment file says',
  )
  .option('--config <file>', 'the deployment file', undefined)
  .option('--json', 'one JSON object on stdout', false)
  .action(async ({ id, server, config, json }) => {
    const deployment = () => configuration(config, () => true).deployment;
    process.exitCode = await changeGateCommand({ id, server: server ?? null, deployment, json });
  });

changeCommands(change, (file) => configuration(file, () => true).deployment);

recordCommands(program, (file) => configuration(file, () => true).deployment);

const outbox = program.command('outbox').description('What waits to be told, and what was given up.');
const withOutbox = (name: string, description: string): Command =>
  outbox
    .command(name)
    .description(description)
    .option('--sink <name>', 'of this sink')
    .option('--incident <id>', 'about this incident')
    .option('--config <file>', 'the deployment file', undefined)
    .option('--json', 'one JSON object on stdout', false);
const stateOption = (): Option => new Option('--state <state>', 'in this state').choices(['dead', 'pending']);
const outboxOptions = ({ config, json }: { config: string | undefined; json: boolean }) => ({
  configuration: configuration(config, () => true),
  json,
  now: Date.now(),
});

withOutbox('list', 'What waits and what was given up, newest first.')
  .addOption(stateOption())
  .action(async ({ sink, incident, state, ...options }) => {
    process.exitCode = await listOutboxCommand(outboxOptions(options), { sink, incident, state });
  });

withOutbox('replay', 'Send again what was given up, unless nobody needs to hear it any more.')
  .argument('[ids...]', 'as plimsoll outbox list has them; else all that --sink and --incident name')
  .action(async (ids: string[], { sink, incident, ...options }, command: Command) => {
    if (ids.length === 0 && sink === undefined && incident === undefined)
      command.error('error: name ids, --sink or --incident', { exitCode: WRONG_USAGE });
    process.exitCode = await replayOutboxCommand(outboxOptions(options), { ids, sink, incident });
  });

withOutbox('discard', 'Drop what was given up, or with --state pending what waits.')
  .argument('[ids...]', 'as plimsoll outbox list has them; else all that --sink and --incident name')
  .requiredOption('--reason <text>', 'why it is not to be sent; the audit log keeps it')
  .addOption(stateOption())
  .action(async (ids: string[], { sink, incident, state, reason, ...options }, command: Command) => {
    if (ids.length === 0 && sink === undefined && incident === undefined)
      command.error('error: name ids, --sink or --incident', { exitCode: WRONG_USAGE });
    process.exitCode = await discardOutboxCommand(outboxOptions(options), { ids, sink, incident, state }, reason);
  });

program
  .command('test')
  .description('Play scenario files: what becomes of which traffic, and whether that is as expected.')
  .argument('<files...>', 'scenario files; docs/guide/testing.md is their language')
  .option('--json', 'one JSON object on stdout', false)
  .action(async (files: string[], { json }) => {
    process.exitCode = await testCommand(files, json);
  });

program
  .command('demo')
  .description(
    'Show the main job on live example traffic: thirty days of history, then a prompt change that goes wrong.',
  )
  .option('--headless', 'without a person: on free ports, ends when the incident has been delivered', false)
  .option('--json', 'one JSON object on stdout, its last line', false)
  .option('--keep', 'keep the folder with configuration, store and logs', false)
  .option('--seed <n>', 'another past', Number, 1)
  .action(async (options) => {
    const { runDemo } = await import('./server/demo/demo.ts');
    process.exitCode = await runDemo(options);
  });

await program.parseAsync().catch((error) => {
  console.error(`plimsoll: ${error?.message ?? error}`);
  process.exitCode = 1;
});
