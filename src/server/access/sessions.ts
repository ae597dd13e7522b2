import { randomBytes } from 'node:crypto';
import type { Grant, Principal } from '../../model/access.ts';
import type { Auth, OidcConfig } from '../../model/config/auth.ts';
import type { Actor } from '../../model/incident.ts';
import type { Millis } from '../../model/time.ts';
import type { Statement } from '../../store/items.ts';
import type { Records } from '../../store/records/records.ts';
import {
  deleteSession,
  dropSessions,
  insertSession,
  readSession,
  type SessionRecord,
  touchSession,
} from '../../store/records/sessions.ts';
import { principalOf } from './gate.ts';
import type { AccessLog } from './log.ts';
import { hashOf } from './token.ts';
import type { TokenBook } from './token-book.ts';

/** That a session was used is written down once in so long. */
const TOUCH_EVERY: Millis = 60_000;

/** A session as a request has it. */
export interface Session {
  readonly principal: Principal;
  /** What a request of the console shows when it changes something: another page can't know it. */
  readonly csrf: string;
}

/** Who signs in: by a token, or as an identity provider says. */
export interface SignedIn {
  readonly actor: Actor;
  readonly groups: readonly string[];
  readonly token: string | null;
}

export interface SessionsOptions {
  readonly records: Records;
  readonly write: (statements: readonly Statement[]) => Promise<unknown>;
  readonly now: () => Millis;
  readonly tokens: TokenBook;
  readonly log: AccessLog;
  readonly times: Auth['session'];
  readonly roles: OidcConfig['roles'];
}

/** What groups may, by the configuration that is in force: another role holds at the next request. */
export const grantsOf = (groups: readonly string[], roles: OidcConfig['roles']): Grant[] =>
  roles
    .filter(({ group }) => group === '*' || groups.includes(group))
    .map(({ role, services }) => ({ role, services }));

/** People who are signed in to the console. Kept in the store: any replica knows them, and a restart signs nobody out. */
export class Sessions {
  readonly #options: SessionsOptions;

  constructor(options: SessionsOptions) {
    this.#options = options;
  }

  /** How long one lives at most. */
  get lives(): Millis {
    return this.#options.times.absoluteMs;
  }

  /** @returns what the cookie holds: 256 random bits, of which the store knows the hash alone */
  async open({ actor, groups, token }: SignedIn, from: string): Promise<string> {
    const { records, write, now: clock, log, times } = this.#options;
    const now = clock();
    const value = randomBytes(32).toString('base64url');
    const session = { hash: hashOf(value), actor, groups, token, createdAt: now, seenAt: now };
    await write([
      dropSessions(records, now - times.idleMs, now - times.absoluteMs),
      insertSession(records, session),
      log.entry(actor, 'session.opened', { by: token === null ? 'oidc' : 'token', from }),
    ]);
    return value;
  }

  /**
   * The session of a cookie; null where there is none, or it has come to its end.
   * @param isUse  it goes on for another while
   */
  async find(value: string | undefined, isUse = true): Promise<Session | null> {
    if (value === undefined) return null;
    const { records, write, now: clock, times } = this.#options;
    const session = await readSession(records, hashOf(value));
    if (session === null) return null;
    const now = clock();
    const principal = await this.#principalOf(session);
    const isOver = now - session.seenAt >= times.idleMs || now - session.createdAt >= times.absoluteMs;
    if (isOver || principal === null) {
      await write([deleteSession(records, session.hash)]);
      return null;
    }
    if (isUse && now - session.seenAt >= TOUCH_EVERY) await write([touchSession(records, session.hash, now)]);
    return { principal, csrf: hashOf(`csrf ${value}`) };
  }

  async close(value: string | undefined, by: Actor): Promise<void> {
    if (value === undefined) return;
    const { records, write, log } = this.#options;
    if ((await readSession(records, hashOf(value))) === null) return;
    await write([deleteSession(records, hashOf(value)), log.entry(by, 'session.closed', {})]);
  }

  async #principalOf({ actor, groups, token }: SessionRecord): Promise<Principal | null> {
    const { tokens, roles } = this.#options;
    if (token === null) {
      const grants = grantsOf(groups, roles);
      return grants.length === 0 ? null : { actor, grants };
    }
    await tokens.refresh();
    const known = tokens.byId(token);
    return known !== null && tokens.isValid(known) ? principalOf(known) : null;
  }
}
