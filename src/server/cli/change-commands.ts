import { Argument, type Command, InvalidArgumentError, Option } from 'commander';
import type { ChangeMoveType } from '../../changes/lifecycle.ts';
import { CHANGE_KINDS, REVIEW_RESULTS, SUBSTANTIAL } from '../../model/change.ts';
import { CHANGE_TYPES } from '../../model/signals.ts';
import { CHANGE_MOVES } from '../api/change-moves.ts';
import { listChangesCommand, moveChangeCommand, requestChangeCommand, showChangeCommand } from './changes.ts';
import { type DeploymentOf, done, placeOf, under } from './command-shape.ts';
import { future } from './record-commands.ts';

/** Keys that say what is changed, by the names of the API: of `request` and of the move `amend`. */
const withDraft = (command: Command): Command =>
  command
    .addOption(new Option('--type <type>', 'what changes').choices(CHANGE_TYPES))
    .addOption(new Option('--kind <kind>', 'how it is approved').choices(CHANGE_KINDS))
    .option('--before <version>', 'what it is now')
    .option('--after <version>', 'what it becomes')
    .option('--description <text>', 'what it is about')
    .option('--justification <text>', 'why')
    .option('--rollback-plan <text>', 'how it is rolled back')
    .option('--link <url>', 'where people see what differs')
    .option('--template <name>', 'what a standard change follows')
    .option('--planned-start <time>', 'when it is to begin: a day, a time, or in how long (2h)', future)
    .option('--planned-end <time>', 'when it is to be done, likewise', future)
    .option('--external-ref <sink=name...>', 'what another tool calls it: itsm=CHG0030412', reference);
const withEvidence = (command: Command): Command =>
  command.option(
    '--evidence <run,n,low,high...>',
    'an evaluation that was made before: its run, the number of cases, the ends of the interval',
    evidence,
  );

/** Commands about changes, beside the gate. @param deploymentOf  the deployment that a named file describes, or the one of this folder */
export function changeCommands(group: Command, deploymentOf: DeploymentOf): void {
  const place = placeOf(deploymentOf);
  const command = under(group);
  command('list', 'Those asked for and those told of, newest first.')
    .option('--state <state>', 'in this state')
    .option('--service <name>', 'of this service')
    .action(({ state, service, ...shared }) => done(listChangesCommand(place(shared), { state, service })));
  command('show', 'One change: what differs, its risk, who has decided, what was done and what may be.')
    .argument('<id>', 'of the change')
    .action((id: string, shared) => done(showChangeCommand(place(shared), id)));
  withEvidence(
    withDraft(
      command('request', 'Ask for a change; without --kind tell of one that was made.')
        .requiredOption('--id <id>', 'what it is called from now on')
        .requiredOption('--service <name>', 'of which service it is')
        .option('--environment <name>', 'of one environment only')
        .option('--as <name>', 'the person who asks for it'),
    ),
  ).action(({ server, config, json, as: requestedBy, externalRef, ...said }) =>
    done(
      requestChangeCommand(place({ server, config, json }), {
        ...said,
        ...(externalRef !== undefined && { externalRefs: externalRef }),
        // What is only told of was asked for by nobody.
        ...(said.kind !== undefined && { requestedBy }),
      }),
    ),
  );
  withEvidence(
    withDraft(
      command(
        'move',
        'Do something to a change: submit, assess, approve or reject it, begin it, end it, sign its review.',
      )
        .argument('<id>', 'of the change')
        .addArgument(
          new Argument(
            '<move>',
            'what is done; which moves are possible is said when another one is asked for',
          ).choices(CHANGE_MOVES),
        )
        .option('--reason <text>', 'why: of amend, assess, reject, revert and cancel')
        .option('--as <name>', 'who it is, where a token comes in')
        .option('--comment <text>', 'of approve')
        .option('--reference <name>', 'of approve: what the tool calls it in which it was approved')
        .option('--notes <text>', 'of complete and review')
        .option('--rolled-back', 'of complete: it was undone')
        .addOption(new Option('--result <result>', 'of review').choices(REVIEW_RESULTS))
        .addOption(
          new Option(
            '--substantial-modification <answer>',
            'of assess: whether it is one (AI Act, Art. 3(23))',
          ).choices(SUBSTANTIAL),
        )
        .option('--instructions-update-needed', 'of assess: the instructions for use have to be changed'),
    ),
  ).action((id: string, move: ChangeMoveType, { server, config, json, as: person, externalRef, ...said }) =>
    done(
      moveChangeCommand(place({ server, config, json }), id, move, {
        ...said,
        ...(externalRef !== undefined && { externalRefs: externalRef }),
        person,
      }),
    ),
  );
}

function reference(text: string, before: Record<string, string> = {}): Record<string, string> {
  const [, sink, name] = /^([^=]+)=(.+)$/.exec(text) ?? [];
  if (sink === undefined)
    throw new InvalidArgumentError('expected the name of a sink and of the change, like itsm=CHG0030412');
  return { ...before, [sink]: name! };
}

interface Evidence {
  readonly run: string;
  readonly n: number;
  readonly low: number;
  readonly high: number;
}

function evidence(text: string, before: readonly Evidence[] = []): Evidence[] {
  const [, run, n, low, high] = /^(.+),(\d+),(-?[\d.]+),(-?[\d.]+)$/.exec(text) ?? [];
  if (run === undefined)
    throw new InvalidArgumentError('expected a run, its n and an interval, like eval-913,500,0.93,0.97');
  return [...before, { run, n: Number(n), low: Number(low), high: Number(high) }];
}
