import type { GateAnswer } from '../../changes/gate.ts';
import type { Deployment } from '../../model/config/deployment.ts';
import { plainText } from '../../model/plain-text.ts';
import { HOW_A_COMMAND_COMES_IN } from './local-server.ts';
import { type Answer, askRunning } from './running.ts';

export interface ChangeGateOptions {
  readonly id: string;
  /** Where Plimsoll answers; null: on this machine, as the deployment file says. */
  readonly server: string | null;
  readonly deployment: () => Deployment;
  readonly json: boolean;
}

/** A reason names people and changes, who may be called anything. */
const REASON_MAX = 8192;
/** A gate that can't be asked stays shut. */
const UNKNOWN = 2;
const STATUS: Readonly<Record<GateAnswer['decision'], number>> = { open: 0, closed: 1, unknown: UNKNOWN };

/** Whether a change may go out. Exit status 0: it may; 1: it may not; 2: it can't be known. The reason is on stdout. */
export async function changeGateCommand(options: ChangeGateOptions): Promise<number> {
  const { id, json } = options;
  const { statusCode, said } = await askGate(options);
  const isTold = statusCode === 200;
  const decision = isTold ? (said['decision'] as GateAnswer['decision']) : 'unknown';
  const reason = String((isTold ? said['reason'] : said['detail']) ?? `the server answered ${statusCode}`);
  if (json) console.log(JSON.stringify(isTold ? said : { id, decision, reason }));
  else console.log(plainText(`${id}: ${decision}: ${reason}`, REASON_MAX));
  return STATUS[decision] ?? UNKNOWN;
}

async function askGate({ id, server, deployment }: ChangeGateOptions): Promise<Answer> {
  const answer = await askRunning({ server, deployment }, `/api/v1/changes/${encodeURIComponent(id)}/gate`);
  if (!('nobody' in answer)) return answer;
  return { statusCode: 0, said: { detail: `${answer.nobody}; ${HOW_A_COMMAND_COMES_IN}` } };
}
