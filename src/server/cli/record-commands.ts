import { Argument, type Command, InvalidArgumentError, Option } from 'commander';
import type { Move } from '../../incidents/lifecycle.ts';
import { CLOSE_CODES, HARMS } from '../../model/incident.ts';
import { ROOT_CAUSES } from '../../model/problem.ts';
import { iso, parseDuration } from '../../model/time.ts';
import type { ProblemMove } from '../../problems/lifecycle.ts';
import { MOVE_NAMES } from '../api/moves.ts';
import { PROBLEM_FILTERS, PROBLEM_MOVES } from '../api/problem-moves.ts';
import { type DeploymentOf, done, placeOf, under } from './command-shape.ts';
import { listIncidentsCommand, moveIncidentCommand, showIncidentCommand } from './incidents.ts';
import { MOMENT_HELP, momentOf } from './moments.ts';
import {
  listProblemsCommand,
  moveProblemCommand,
  openProblemCommand,
  problemTrendCommand,
  showProblemCommand,
} from './problems.ts';
import { confirmServiceCommand, sayServiceRecordCommand, showServiceRecordCommand } from './service-records.ts';
import { createSilenceCommand, endSilenceCommand, listSilencesCommand } from './silences.ts';

const MOVE_HELP = 'what is done; which moves are possible is said when another one is asked for';

/** Commands about what a running Plimsoll keeps: incidents, problems, silences, records of services. */
export function recordCommands(program: Command, deploymentOf: DeploymentOf): void {
  const place = placeOf(deploymentOf);
  problemCommands(under(program.command('problem').description('What makes incidents: its cause, and its end.')));
  incidentCommands(under(program.command('incident').description('Promises that are or were broken.')));
  silenceCommands(under(program.command('silence').description('Who does not want to be told of what.')));

  serviceCommands(under(program.command('service').description('The record of a service, beside its file.')));

  type With = ReturnType<typeof under>;

  function problemCommands(command: With): void {
    command('list', 'Newest first.')
      .addOption(new Option('--state <state>', 'in this state').choices(PROBLEM_FILTERS))
      .option('--service <name>', 'of this service')
      .option('--environment <name>', 'of this environment')
      .action(({ state, service, environment, ...shared }) =>
        done(listProblemsCommand(place(shared), { state, service, environment })),
      );
    command('show', 'One problem: what speaks for which cause, what helps, what was done and what may be.')
      .argument('<id>', 'PRB-1')
      .action((id: string, shared) => done(showProblemCommand(place(shared), id)));
    command('open', 'Open a problem about incidents of one service.')
      .argument('<incidents...>', 'INC-1 INC-2')
      .requiredOption('--title <text>', 'what it is about')
      .requiredOption('--reason <text>', 'why')
      .option('--category <code>', 'that of the newest incident when absent')
      .option('--as <name>', 'who it is, where a token comes in')
      .action((incidents: string[], { title, reason, category, as: person, ...shared }) =>
        done(openProblemCommand(place(shared), { title, incidents, reason, category, person })),
      );
    command('move', 'Do something to a problem: confirm its cause, say what helps, mend it, close it.')
      .argument('<id>', 'PRB-1')
      .addArgument(new Argument('<move>', MOVE_HELP).choices(PROBLEM_MOVES))
      .option('--reason <text>', 'why')
      .option('--as <name>', 'who it is, where a token comes in')
      .addOption(new Option('--cause <cause>', 'of confirm').choices(ROOT_CAUSES))
      .option('--slice <name>', 'of confirm: prompt_version=8; the proposed one when absent')
      .option('--text <text>', 'of workaround: what helps, told to every destination; of note')
      .option('--change <id>', 'of fix: what mends it')
      .option('--notes <text>', 'of fix and resolve: what is done')
      .option('--until <time>', 'of accept: a day, a time, or in how long (30d)', future)
      .option('--of <id>', 'of duplicate: the problem that it is the same as')
      .option('--incident <id>', 'of link and unlink')
      .action((id: string, move: ProblemMove['type'], { as: person, server, config, json, ...said }) =>
        done(moveProblemCommand(place({ server, config, json }), id, move, { ...said, person })),
      );
    command('trend', 'Incidents by category, service and cause, month by month: the last twelve when nothing is said.')
      .option('--from <time>', `from then on: ${MOMENT_HELP}`, past)
      .option('--to <time>', 'until then, likewise', past)
      .option('--service <name>', 'of this service')
      .option('--environment <name>', 'of this environment')
      .action(({ from, to, service, environment, ...shared }) =>
        done(problemTrendCommand(place(shared), { from, to, service, environment })),
      );
  }

  function incidentCommands(command: With): void {
    command('list', 'Newest first.')
      .option('--state <state>', 'in this state; open: new, in progress or on hold')
      .option('--service <name>', 'of this service')
      .option('--environment <name>', 'of this environment')
      .action(({ state, service, environment, ...shared }) =>
        done(listIncidentsCommand(place(shared), { state, service, environment })),
      );
    command('show', 'One incident: what is broken, since when, where, what to do first, what was done and may be.')
      .argument('<id>', 'INC-1')
      .action((id: string, shared) => done(showIncidentCommand(place(shared), id)));
    command('move', 'Do something to an incident: acknowledge, assign, resolve.')
      .argument('<id>', 'INC-1')
      .addArgument(new Argument('<move>', MOVE_HELP).choices(MOVE_NAMES))
      .option('--reason <text>', 'why; of hold one of its reasons')
      .option('--as <name>', 'of classify and aware: who it is, where a token comes in')
      .option('--to <name>', 'of assign')
      .addOption(new Option('--code <code>', 'of resolve').choices(CLOSE_CODES))
      .option('--notes <text>', 'of resolve: what was done')
      .option('--text <text>', 'of note')
      .option('--impact <n>', 'of prioritize: 1 high to 3 low', number)
      .option('--urgency <n>', 'of prioritize: 1 high to 3 low', number)
      .option('--priority <n>', 'of prioritize: 1 to 5', number)
      .option('--category <code>', 'of categorize')
      .addOption(new Option('--harm <harm>', 'of classify').choices(HARMS))
      .option('--art349 <point>', 'of classify: a to d of Art. 3(49) of the AI Act, or none')
      .option('--at <time>', `of mitigate and aware: ${MOMENT_HELP}; else now`, past)
      .action((id: string, move: Move['type'], { as: person, server, config, json, ...said }) =>
        done(moveIncidentCommand(place({ server, config, json }), id, move, { ...said, person })),
      );
  }

  function serviceCommands(command: With): void {
    const of = (name: string, description: string): Command =>
      command(name, description)
        .argument('<name>', 'of the service')
        .option('--environment <name>', 'of this environment, where there are several');
    of('record', 'Where its record comes from, what was said of it, and by when it is to be confirmed.').action(
      (name: string, { environment, ...shared }) =>
        done(showServiceRecordCommand(place(shared), name, { environment })),
    );
    of('say', 'Say fields of its record; one without a file is registered so.')
      .requiredOption(
        '--fields <file>',
        'YAML or JSON: fields as a service file has them under spec; null takes one back',
      )
      .requiredOption('--reason <text>', 'why')
      .option('--as <name>', 'who it is, where a token comes in')
      .action((name: string, { environment, fields, reason, as: person, ...shared }) =>
        done(sayServiceRecordCommand(place(shared), name, fields, { environment, reason, person })),
      );
    of('confirm', 'Say that its record was looked through today, and found right.')
      .option('--note <text>', 'what there is to say')
      .option('--as <name>', 'who it is, where a token comes in')
      .action((name: string, { environment, note, as: person, ...shared }) =>
        done(confirmServiceCommand(place(shared), name, { environment, note, person })),
      );
  }

  function silenceCommands(command: With): void {
    command('list', 'Those that hold or will, newest first.')
      .option('--expired', 'those that are over instead', false)
      .action(({ expired, ...shared }) => done(listSilencesCommand(place(shared), expired ? 'expired' : 'current')));
    command('create', 'Nobody is told of what fits all matchers, until then.')
      .argument('<matchers...>', 'service=bot priority=P3, with = != =~ !~')
      .requiredOption('--until <time>', 'a day, a time, or in how long (2h)', future)
      .requiredOption('--reason <text>', 'why: whoever is not told will ask')
      .action((matchers: string[], { until, reason, ...shared }) =>
        done(createSilenceCommand(place(shared), { matchers, endsAt: until, comment: reason })),
      );
    command('end', 'End one before its time.')
      .argument('<id>', 'SIL-1')
      .action((id: string, shared) => done(endSilenceCommand(place(shared), id)));
  }
}

function number(text: string): number {
  if (!/^[1-5]$/.test(text)) throw new InvalidArgumentError('expected a number from 1 to 5');
  return Number(text);
}

function past(text: string): string {
  const at = momentOf(text, Date.now());
  if (at === null) throw new InvalidArgumentError(`expected ${MOMENT_HELP}`);
  return iso(at);
}

/** A time to come; a duration counts from now on. */
export function future(text: string): string {
  const duration = parseDuration(text);
  const at = duration === undefined ? momentOf(text, Date.now()) : Date.now() + duration;
  if (at === null)
    throw new InvalidArgumentError('expected a day (2026-11-01), a time (2026-11-01T10:00Z), or in how long (30d)');
  return iso(at);
}
