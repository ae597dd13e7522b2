import { OperatorError } from '../../model/errors.ts';
import type { Millis } from '../../model/time.ts';
import {
  HOW_A_COMMAND_COMES_IN,
  type LocalAnswer,
  type LocalPlace,
  type LocalRequest,
  LocalServer,
} from './local-server.ts';

/** Where a running Plimsoll is asked. */
export interface RunningPlace {
  /** Where Plimsoll answers, with PLIMSOLL_TOKEN; null: on this machine, as the deployment file says. */
  readonly server: string | null;
  readonly deployment: () => LocalPlace;
}

export type Answer = Pick<LocalAnswer, 'statusCode' | 'said'>;

const TIMEOUT_MS: Millis = 30_000;
const PAGE = 1000;
const STRANGE = 'PLIM_COMMAND_REFUSED';

/** What a running Plimsoll answers, whatever it is; `nobody`, in a sentence, where none does. */
export async function askRunning(
  { server, deployment }: RunningPlace,
  path: string,
  request: Omit<LocalRequest, 'timeout'> = {},
): Promise<Answer | { readonly nobody: string }> {
  if (server !== null) return plimsollsOnly(server, await askNamed(server, path, request));
  const local = new LocalServer(deployment());
  const answer = await local.askAny(path, { ...request, timeout: TIMEOUT_MS });
  return answer === null
    ? {
        nobody: `nobody answers at ${local.addresses.length === 0 ? 'the address of its deployment file' : local.addresses.join(' or ')}`,
      }
    : plimsollsOnly(answer.address, answer);
}

/** A proxy, a page to sign in at, or another program says things of its own: what Plimsoll says is an object, and what it refuses has a code. */
function plimsollsOnly(
  where: string,
  answer: Answer | { readonly nobody: string },
): Answer | { readonly nobody: string } {
  if ('nobody' in answer) return answer;
  const { statusCode, said } = answer;
  const isPlimsolls = statusCode === 200 ? Object.keys(said).length > 0 : typeof said['code'] === 'string';
  if (isPlimsolls) return answer;
  const detail = `what answers at ${where} is no Plimsoll, or is broken: HTTP ${statusCode}`;
  return { statusCode: undefined, said: { code: STRANGE, detail } };
}

async function askNamed(
  server: string,
  path: string,
  { method = 'GET', body }: Omit<LocalRequest, 'timeout'>,
): Promise<Answer | { readonly nobody: string }> {
  if (!/^https?:$/.test(URL.parse(server)?.protocol ?? ''))
    return { nobody: `${JSON.stringify(server)} is no address like https://plimsoll.example.com` };
  const token = process.env['PLIMSOLL_TOKEN'];
  try {
    const answer = await fetch(new URL(path, server), {
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return { statusCode: answer.status, said: objectIn(await answer.text()) };
  } catch (error) {
    const { cause, name } = error as Error & { readonly cause?: NodeJS.ErrnoException };
    return { nobody: `nobody answers at ${server} (${cause?.code ?? cause?.message ?? name})` };
  }
}

/** The JSON object of an answer; an empty one where it is none. */
function objectIn(text: string): Answer['said'] {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Answer['said']) : {};
  } catch {
    return {};
  }
}

/** A running Plimsoll, as commands that look at its records and move them ask it. */
export class Running {
  readonly #place: RunningPlace;

  constructor(place: RunningPlace) {
    this.#place = place;
  }

  /** @throws OperatorError  with what the server says, or that none answers */
  async ask<T>(method: NonNullable<LocalRequest['method']>, path: string, body?: unknown): Promise<T> {
    const answer = await askRunning(this.#place, `/api/v1${path}`, { method, body });
    if ('nobody' in answer)
      throw new OperatorError('PLIM_COMMAND_NO_SERVER', {
        what: answer.nobody,
        fix: `start Plimsoll, or name where it runs with --server; ${HOW_A_COMMAND_COMES_IN}`,
        retryable: true,
      });
    if (answer.statusCode === 200) return answer.said as T;
    throw refusalOf(answer);
  }

  get<T>(path: string, query: Readonly<Record<string, string | undefined>> = {}): Promise<T> {
    return this.ask('GET', withQuery(path, query));
  }

  /** All pages of a list, up to so many items. */
  async list<T>(
    path: string,
    key: string,
    query: Readonly<Record<string, string | undefined>>,
    most: number,
  ): Promise<T[]> {
    const items: T[] = [];
    for (let cursor: string | undefined; items.length < most; ) {
      const limit = String(Math.min(PAGE, most - items.length));
      const page: Record<string, unknown> = await this.get(path, { ...query, limit, cursor });
      items.push(...(page[key] as T[]));
      cursor = page['nextCursor'] as string | undefined;
      if (cursor === undefined) break;
    }
    return items;
  }
}

function withQuery(path: string, query: Readonly<Record<string, string | undefined>>): string {
  const said = Object.entries(query).filter((one): one is [string, string] => one[1] !== undefined);
  return said.length === 0 ? path : `${path}?${new URLSearchParams(said)}`;
}

function refusalOf({ statusCode, said }: Answer): OperatorError {
  const code = String(said['code']);
  const isPassing = statusCode === 429 || (statusCode ?? 0) >= 500;
  return new OperatorError(code, {
    what: String(said['detail'] ?? `the server answered ${statusCode}`),
    fix: isPassing ? 'ask again in a minute; the log of Plimsoll says more' : fixOf(code, statusCode, said['legal']),
    retryable: isPassing,
  });
}

function fixOf(code: string, statusCode: number | undefined, legal: unknown): string {
  if (code === STRANGE) return 'look at what --server names, and at the log of Plimsoll';
  if (statusCode === 401 || statusCode === 403) return HOW_A_COMMAND_COMES_IN;
  if (Array.isArray(legal) && legal.length > 0) return `possible is now: ${legal.join(', ')}`;
  return 'say it as --help shows, who it is with --as, and an id as the list has it';
}
