import type { IncomingMessage } from 'node:http';
import { OperatorError } from '../../model/errors.ts';
import type { TailedExplanation } from '../explain/tap.ts';
import type { Configuration } from '../plimsoll.ts';
import { shown } from './explain-span.ts';
import { HOW_A_COMMAND_COMES_IN, isUnknown, jsonOf, LocalServer } from './local-server.ts';

export interface ExplainTailOptions {
  readonly configuration: Configuration;
  readonly json: boolean;
  readonly service?: string;
  readonly limit: number;
}

/** Explains what arrives at the running Plimsoll until it stops, which is 0. 1: none runs, or it lets nobody listen. */
export async function explainTailCommand({ configuration, json, service, limit }: ExplainTailOptions): Promise<number> {
  const query = new URLSearchParams({ limit: String(limit), ...(service !== undefined && { service }) });
  const server = new LocalServer(configuration.deployment);
  const { address, stream } = await connect(server, query);
  console.error(`explaining what arrives at ${address}; Ctrl-C ends it`);
  try {
    for await (const line of linesOf(stream))
      if (line.startsWith(DATA)) tell(JSON.parse(line.slice(DATA.length)), json);
  } catch (error) {
    throw new OperatorError('PLIM_EXPLAIN_NOT_RUNNING', {
      what: `Plimsoll at ${address} is gone (${(error as Error).message})`,
      fix: 'its log says why; start it again, then this',
      retryable: true,
    });
  }
  console.error('Plimsoll has stopped');
  return 0;
}

const DATA = 'data: ';

function tell(explanation: TailedExplanation, json: boolean): void {
  console.log(shown(explanation, json));
  if (json) return;
  const { passedOver } = explanation;
  if (passedOver > 0) console.log(`\n(requests that went by since the last one, not explained: ${passedOver})`);
  console.log(`\n${'─'.repeat(60)}\n`);
}

async function* linesOf(stream: IncomingMessage): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of stream.setEncoding('utf8')) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop()!;
    yield* lines;
  }
}

/** @throws OperatorError when nobody answers, or the answer is no stream */
async function connect(
  server: LocalServer | null,
  query: URLSearchParams,
): Promise<{ address: string; stream: IncomingMessage }> {
  const addresses = server?.addresses ?? [];
  for (const address of addresses) {
    // Without a time limit: nothing may arrive for hours.
    const stream = await server!.ask(address, `/api/v1/explain?${query}`);
    if (stream === null) continue;
    if (stream.statusCode === 200) return { address, stream };
    const { code, detail } = (await jsonOf(stream)) as { code?: string; detail?: string };
    throw new OperatorError(code ?? 'PLIM_EXPLAIN_NOT_RUNNING', {
      what: `${address} answered ${stream.statusCode}`,
      fix: isUnknown(stream) ? HOW_A_COMMAND_COMES_IN : (detail ?? 'is that a Plimsoll of this version?'),
      retryable: false,
    });
  }
  throw new OperatorError('PLIM_EXPLAIN_NOT_RUNNING', {
    what: `no Plimsoll runs ${addresses.length === 0 ? 'on this store' : `at ${addresses.join(' or ')}`}`,
    fix: 'start it (plimsoll serve), or name its configuration with --config',
    retryable: false,
  });
}
