import { OperatorError } from '../../model/errors.ts';
import type { Actor } from '../../model/incident.ts';
import type { Millis } from '../../model/time.ts';
import type { Statement } from '../../store/items.ts';
import type { Records } from '../../store/records/records.ts';
import { readTokens } from '../../store/records/tokens.ts';
import { issueToken, NewToken, type TokenJson, tokenToJson, withdrawToken } from '../access/new-token.ts';
import type { Configuration } from '../plimsoll.ts';
import { atStore } from '../store-desk.ts';
import { HOW_A_COMMAND_COMES_IN, type LocalAnswer, LocalServer } from './local-server.ts';
import { columns } from './words.ts';

export interface TokenOptions {
  readonly configuration: Configuration;
  readonly json: boolean;
  readonly now: Millis;
}

/** How the tokens of a store are reached: through the server that runs on it, or beside none. */
interface TokenDesk {
  create(wanted: Readonly<Record<string, unknown>>): Promise<TokenJson & { readonly token: string }>;
  list(): Promise<readonly TokenJson[]>;
  revoke(id: string): Promise<TokenJson>;
}

/** Who has the rights to the store's file. */
const BY: Actor = { kind: 'user', id: 'local' };

/** Makes a token and says it, once. */
export async function createTokenCommand(
  { configuration, json, now }: TokenOptions,
  wanted: Readonly<Record<string, unknown>>,
): Promise<number> {
  return atDesk(configuration, now, async (desk) => {
    const made = await desk.create(wanted);
    if (json) console.log(JSON.stringify(made));
    else {
      // The token alone on standard output, so that it can be written into a file.
      console.error(`made ${describe(made)}; it is shown here once:`);
      console.log(made.token);
      const inUse = (await desk.list()).filter(({ state }) => state !== 'revoked');
      if (inUse.length === 1)
        console.error(
          'it is the first: from now on every request needs a token (docs/guide/identity.md says how it is sent)',
        );
    }
  });
}

export async function listTokensCommand({ configuration, json, now }: TokenOptions): Promise<number> {
  return atDesk(configuration, now, async (desk) => {
    const tokens = await desk.list();
    if (json) console.log(JSON.stringify({ tokens }));
    else if (tokens.length === 0)
      console.log('no token was made yet: as long as that is so, nobody is asked who they are');
    else console.log(columns([HEADER, ...tokens.map(row)]).join('\n'));
  });
}

export async function revokeTokenCommand({ configuration, json, now }: TokenOptions, id: string): Promise<number> {
  return atDesk(configuration, now, async (desk) => {
    const revoked = await desk.revoke(id);
    if (json) console.log(JSON.stringify(revoked));
    else console.log(`plim_${revoked.id} is revoked: nobody comes in with it any more`);
  });
}

const HEADER = ['ID', 'ROLE', 'SERVICES', 'STATE', 'EXPIRES', 'NAME'];
const row = ({ id, role, services, state, expiresAt, name }: TokenJson): string[] => [
  id,
  role,
  services?.join(',') ?? 'all',
  state,
  expiresAt.slice(0, 10),
  name,
];

const describe = ({ id, role, services, expiresAt }: TokenJson): string =>
  `plim_${id}, ${role} of ${services === null ? 'all services' : services.join(', ')} until ${expiresAt.slice(0, 10)}`;

async function atDesk(
  configuration: Configuration,
  now: Millis,
  work: (desk: TokenDesk) => Promise<void>,
): Promise<number> {
  try {
    await atStore(
      configuration.deployment,
      () => now,
      ({ records, write }) => work(storedDesk(records, now, write)),
    );
  } catch (error) {
    if (!(error instanceof OperatorError) || error.code !== 'PLIM_STORE_IN_USE') throw error;
    await work(runningDesk(configuration));
  }
  return 0;
}

/** This process writes: nobody else does, or several may. */
function storedDesk(records: Records, now: Millis, write: (statements: readonly Statement[]) => unknown): TokenDesk {
  const list = async (): Promise<TokenJson[]> => (await readTokens(records)).map((token) => tokenToJson(token, now));
  return {
    list,
    create: async (wanted) => {
      const parsed = NewToken.safeParse(wanted);
      if (!parsed.success)
        throw invalid(parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '));
      const { token, record, statements } = issueToken(records, parsed.data, BY, now);
      write(statements);
      return { ...tokenToJson(record, now), token };
    },
    revoke: async (id) => {
      const known = (await list()).find((one) => one.id === id);
      if (known === undefined) throw unknown(id);
      if (known.revokedAt === null) write(withdrawToken(records, id, BY, now));
      return (await list()).find((one) => one.id === id)!;
    },
  };
}

/** A server runs: it writes, and knows of it at once. */
function runningDesk({ deployment }: Configuration): TokenDesk {
  const server = new LocalServer(deployment);
  const ask = async (method: 'GET' | 'POST', path: string, body?: unknown): Promise<LocalAnswer['said']> => {
    const answer = await server.askAny(`/api/v1${path}`, { method, body, timeout: 30_000 });
    if (answer === null) throw unreachable(`nobody answers at ${server.addresses.join(' or ')}`);
    const { address, statusCode, said } = answer;
    if (statusCode === 200) return said;
    if (statusCode === 404) throw unknown(path.split('/')[2] ?? '');
    if (statusCode === 400) throw invalid(String(said['detail']));
    throw unreachable(`${address} answered ${statusCode}: ${said['detail'] ?? ''}`);
  };
  return {
    create: async (wanted) => (await ask('POST', '/tokens', wanted)) as never,
    list: async () => (await ask('GET', '/tokens'))['tokens'] as TokenJson[],
    revoke: async (id) => (await ask('POST', `/tokens/${encodeURIComponent(id)}/revoke`)) as never,
  };
}

const invalid = (what: string): OperatorError =>
  new OperatorError('PLIM_TOKEN_INVALID', {
    what: `no such token can be made: ${what}`,
    fix: 'plimsoll token create --help lists what there is',
    retryable: false,
  });
const unknown = (id: string): OperatorError =>
  new OperatorError('PLIM_TOKEN_UNKNOWN', {
    what: `no token has the id ${JSON.stringify(id.slice(0, 64))}`,
    fix: 'plimsoll token list shows them; the id is what stands behind plim_',
    retryable: false,
  });
const unreachable = (what: string): OperatorError =>
  new OperatorError('PLIM_TOKEN_SERVER', {
    what: `another process has the store, and could not be asked: ${what}`,
    fix: `${HOW_A_COMMAND_COMES_IN}; or stop Plimsoll first`,
    retryable: true,
  });
