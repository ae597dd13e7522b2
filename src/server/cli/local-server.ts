import { readFileSync } from 'node:fs';
import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { Deployment } from '../../model/config/deployment.ts';
import type { Millis } from '../../model/time.ts';
import { readLocalKey } from '../access/local-key.ts';
import { addressesOf } from './addresses.ts';

export interface LocalRequest {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly body?: unknown;
  /** Left out: nothing may come for hours. */
  readonly timeout?: Millis;
}

/** Where a Plimsoll of this machine is looked for. */
export type LocalPlace = Pick<Deployment, 'store' | 'listen'>;

export interface LocalAnswer {
  readonly address: string;
  readonly statusCode: number | undefined;
  readonly said: Readonly<Record<string, unknown>>;
}

/** Shown where the key beside the store is not there, or not for this user. */
const TOKEN_VARIABLE = 'PLIMSOLL_TOKEN';
/** What to do when a running Plimsoll does not know who asks. */
export const HOW_A_COMMAND_COMES_IN = `run this as the user that Plimsoll runs as, on the same machine, or set ${TOKEN_VARIABLE} to a token whose role may do it`;

/** The Plimsoll that runs on a configuration's store, as commands on this machine ask it. */
export class LocalServer {
  readonly addresses: readonly string[];
  readonly #key: string | null;
  readonly #tls: Deployment['listen']['tls'];

  constructor({ store, listen }: LocalPlace) {
    this.addresses = addressesOf(store, listen.http, listen.tls !== null);
    this.#key = readLocalKey(store) ?? process.env[TOKEN_VARIABLE] ?? null;
    this.#tls = listen.tls;
  }

  /** The answer, whatever it is; null when nobody listens there, or does not answer in time. */
  ask(
    address: string,
    path: string,
    { method = 'GET', body, timeout }: LocalRequest = {},
  ): Promise<IncomingMessage | null> {
    const url = new URL(path, address);
    const text = body === undefined ? undefined : JSON.stringify(body);
    const options = {
      method,
      headers: {
        ...(this.#key === null ? {} : { authorization: `Bearer ${this.#key}` }),
        ...(text === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
      },
      ...(timeout === undefined ? {} : { signal: AbortSignal.timeout(timeout) }),
    };
    return new Promise((resolve) => {
      const request =
        url.protocol === 'https:'
          ? requestHttps(url, { ...options, ...this.#trust() }, resolve)
          : requestHttp(url, options, resolve);
      request.on('error', () => resolve(null)).end(text);
    });
  }

  /** What the first that answers says; null when nobody does. */
  async askAny(path: string, request: LocalRequest): Promise<LocalAnswer | null> {
    for (const address of this.addresses) {
      const answer = await this.ask(address, path, request);
      if (answer !== null) return { address, statusCode: answer.statusCode, said: await jsonOf(answer) };
    }
    return null;
  }

  /** What is asked is this machine, by whatever name: the certificate is the one of the configuration, or it is another program. */
  #trust(): object {
    if (this.#tls === null) return {};
    return { ca: readFileSync(this.#tls.cert), allowPartialTrustChain: true, checkServerIdentity: () => undefined };
  }
}

/** The JSON of an answer; an empty object where it is none. */
export async function jsonOf(answer: IncomingMessage): Promise<Record<string, unknown>> {
  try {
    return JSON.parse((await answer.toArray()).map(String).join(''));
  } catch {
    return {};
  }
}

/** Whether an answer says that who asked is not known, or may not do it. */
export const isUnknown = ({ statusCode }: { readonly statusCode?: number | undefined }): boolean =>
  statusCode === 401 || statusCode === 403;
