import { isIP } from 'node:net';
import { AccessRefused, type Grant, LOCAL, type Principal } from '../../model/access.ts';
import type { Actor } from '../../model/incident.ts';
import type { Millis } from '../../model/time.ts';
import type { TokenRecord } from '../../store/records/tokens.ts';
import { FailureBook } from './failures.ts';
import type { AccessLog } from './log.ts';
import { isOfHash } from './token.ts';
import type { TokenBook } from './token-book.ts';

/** What a request says of whoever sent it. */
export interface Credentials {
  /** The header of that name. */
  readonly authorization: string | undefined;
  /** The address it came from. */
  readonly source: string | undefined;
  /** Which door it came to, for the audit trail. */
  readonly door: string;
}

export interface GateOptions {
  readonly tokens: TokenBook;
  readonly log: AccessLog;
  readonly now: () => Millis;
  /** Whether the configuration wants everybody to say who they are, tokens or not. */
  readonly isClosed: boolean;
  /** SHA-256 of what a command on this machine shows to be let in; see `local-key.ts`. */
  readonly localKeyHash: string;
}

const NOBODY: Actor = { kind: 'user', id: 'unknown' };
export const HOW_TO_COME_IN =
  'send a token in the header "authorization: Bearer …"; an administrator makes one with plimsoll token create';

/**
 * Says who a request is from. As long as nobody has made a token, and nothing in the configuration asks for one, everybody is
 * the local person. A source that fails too often is locked out, and so is a token whose secret is guessed at: its next attempts are
 * neither written down nor told apart. Whoever shows a right token comes in all the same. Of 2^256 secrets none is found by trying, and
 * a lock on what is right would let one stranger, or one sender with an old token, shut out all others behind the address of a proxy.
 */
export class Gate {
  readonly #options: GateOptions;
  readonly #failures = new FailureBook();

  constructor(options: GateOptions) {
    this.#options = options;
  }

  /** Whether everybody may do everything. */
  async isOpen(): Promise<boolean> {
    const { tokens, isClosed } = this.#options;
    if (isClosed) return false;
    await tokens.refresh();
    return !tokens.areInUse;
  }

  /** @throws AccessRefused */
  async admit({ authorization, source, door }: Credentials): Promise<Principal> {
    if (await this.isOpen()) return LOCAL;
    const text = bearerOf(authorization);
    if (text === undefined) {
      const from = sourceOf(source);
      this.#options.log.noteOnce(`nobody ${from} ${door}`, NOBODY, 'access.refused', {
        reason: 'no token',
        door,
        from,
      });
      throw new AccessRefused('unauthenticated', 'nobody said who sends this', HOW_TO_COME_IN);
    }
    if (isOfHash(text, this.#options.localKeyHash)) return LOCAL;
    return principalOf(await this.token(text, source, door));
  }

  /** The token that a text is. @throws AccessRefused */
  async token(text: string, source: string | undefined, door: string): Promise<TokenRecord> {
    const { tokens, now } = this.#options;
    const from = sourceOf(source);
    await tokens.refresh();
    const found = tokens.lookUp(text);
    const id = found.is === 'guessed' ? found.id : found.token.id;
    if (found.is === 'valid') return found.token;
    this.#refuseLocked(from, id, now());
    if (found.is === 'guessed') throw this.#guessed(from, id, door, now());
    const { log } = this.#options;
    log.noteOnce(`${found.is} ${id}`, actorOf(found.token), 'access.refused', {
      reason: `${found.is} token`,
      door,
      from,
    });
    const what = found.is === 'expired' ? 'has expired' : 'was revoked';
    throw new AccessRefused('unauthenticated', `the token plim_${id} ${what}`, HOW_TO_COME_IN);
  }

  /** Writes down that somebody who is known wanted what they may not; the same of each service once a minute for all. */
  denied({ actor }: Principal, what: Readonly<Record<string, unknown>>): void {
    const key = `${actor.kind}:${actor.id} ${JSON.stringify({ ...what, service: undefined })}`;
    this.#options.log.noteOnce(key, actor, 'access.denied', what);
  }

  #refuseLocked(from: string, id: string | null, now: Millis): void {
    const keys = [from, ...(id === null ? [] : [`token ${id}`])];
    const ms = Math.max(...keys.map((key) => this.#failures.lockedFor(key, now)));
    if (ms > 0) throw locked(ms);
  }

  #guessed(from: string, id: string | null, door: string, now: Millis): AccessRefused {
    const { log } = this.#options;
    const by: Actor = id === null ? NOBODY : { kind: 'token', id };
    const data = { reason: id === null ? 'unknown token' : 'wrong secret', door, from };
    log.note(by, 'access.refused', data);
    if (this.#failures.note(from, now)) log.note(by, 'access.locked', { from });
    if (id !== null && this.#failures.note(`token ${id}`, now)) log.note(by, 'access.locked', { token: id });
    return new AccessRefused('unauthenticated', 'this token is not known', HOW_TO_COME_IN);
  }
}

function locked(ms: Millis): AccessRefused {
  const seconds = Math.ceil(ms / 1000);
  return new AccessRefused('locked', 'there were too many failed attempts', `come again in ${seconds} s`, seconds);
}

/** The token of the header; undefined where it holds none: a proxy may have its own kind of credentials there. */
export const bearerOf = (authorization: string | undefined): string | undefined =>
  /^Bearer +(\S+)$/i.exec(authorization?.trim() ?? '')?.[1];

export const actorOf = ({ id, name }: TokenRecord): Actor => ({ kind: 'token', id, ...(name !== '' && { name }) });
const grantOf = ({ role, services }: TokenRecord): Grant => ({ role, services });
export const principalOf = (token: TokenRecord): Principal => ({ actor: actorOf(token), grants: [grantOf(token)] });

/** Addresses that one person has together: of IPv6 the first 64 bits, which is what a network hands out. */
export function sourceOf(address: string | undefined): string {
  const plain = (address ?? '').replace(/^::ffff:(?=\d+\.)/, '');
  if (isIP(plain) !== 6) return plain === '' ? 'unknown' : plain;
  const [head = '', tail = ''] = plain.split('%')[0]!.split('::');
  const front = head === '' ? [] : head.split(':');
  const back = tail === '' ? [] : tail.split(':');
  const middle = plain.includes('::') ? Array(Math.max(0, 8 - front.length - back.length)).fill('0') : [];
  return `${[...front, ...middle, ...back].slice(0, 4).join(':')}::/64`;
}
