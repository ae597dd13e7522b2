import { OperatorError } from '../../model/errors.ts';
import { NOTHING_COMPARED, type Verification } from '../../store/verification.ts';
import { isThere, placeOf, verifyStored } from '../engines.ts';
import type { Configuration } from '../plimsoll.ts';
import { HOW_A_COMMAND_COMES_IN, isUnknown, LocalServer } from './local-server.ts';
import { progressLine } from './progress.ts';

export interface VerifyOptions {
  readonly configuration: Configuration;
  readonly json: boolean;
}

/** 0: every tally is the fold of its rows. 1: some are not, or the store can't be read. 2: there was nothing to compare. */
export async function verifyCommand({ configuration, json }: VerifyOptions): Promise<number> {
  const { deployment } = configuration;
  const { store } = deployment;
  if (!isThere(store)) {
    const reason = `nothing to verify: there is no store at ${placeOf(store)} yet; it is made when Plimsoll is started, spec.store.url says where`;
    if (json) console.log(JSON.stringify({ ...NOTHING_COMPARED, settled: false, clean: false, reason }));
    else console.error(reason);
    return 2;
  }
  try {
    const settled = await settleRunning(new LocalServer(deployment));
    const progress = progressLine('verifying', !json);
    const result = verifyStored(store, progress.show);
    progress.end();
    const status = result.differing > 0 ? 1 : result.compared === 0 ? 2 : 0;
    if (json) console.log(JSON.stringify({ ...result, settled, clean: status === 0 }));
    else console.log(report(result, settled));
    return status;
  } catch (error) {
    if (!json || !(error instanceof OperatorError)) throw error;
    console.log(JSON.stringify({ ...NOTHING_COMPARED, settled: false, clean: false, reason: error.message }));
    return 1;
  }
}

/** Asks a running server to bring what lies in its memory into the store first; false when none runs. */
async function settleRunning(server: LocalServer): Promise<boolean> {
  for (const address of server.addresses) {
    const answer = await server.ask(address, '/api/v1/settle', { method: 'POST', timeout: 30_000 });
    answer?.resume();
    if (answer?.statusCode === 200) return true;
    if (answer !== null && isUnknown(answer))
      console.error(
        `Plimsoll runs at ${address} and does not know who asks: what lies in its memory is left out; ${HOW_A_COMMAND_COMES_IN}`,
      );
  }
  return false;
}

function report(
  { compared, minutes, differing, differences, notVerifiable, unsettled }: Verification,
  settled: boolean,
): string {
  const lines = [
    differing > 0
      ? `NOT CLEAN: ${differing} of ${compared} tallies are not the fold of their rows`
      : compared === 0
        ? 'nothing to verify: the store holds no interactions whose rows are still there'
        : `clean: ${compared} tallies of ${minutes} minutes are the fold of their rows`,
  ];
  for (const { clock, length, minute, service, slice, missing } of differences.slice(0, 20))
    lines.push(`  ${length} ${minute} (${clock}) ${service} ${slice}: missing ${JSON.stringify(missing)}`);
  if (differing > 20) lines.push(`  and ${differing - 20} more`);
  if (notVerifiable > 0) lines.push(`${notVerifiable} minutes can't be verified: their rows are past their retention`);
  if (unsettled > 0)
    lines.push(
      settled
        ? `${unsettled} minutes changed while this ran and were left out`
        : `${unsettled} minutes are not settled and were left out: start Plimsoll once, it counts them again`,
    );
  return lines.join('\n');
}
