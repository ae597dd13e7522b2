import type { Millis } from '../../model/time.ts';
import type { Records } from '../../store/records/records.ts';
import { readTokens, type TokenRecord } from '../../store/records/tokens.ts';
import { idOfToken, isOfHash } from './token.ts';

/** What other processes on the same store made or revoked is known after so long. */
const REFRESH: Millis = 5_000;

/** What came of looking a token up. `guessed`: it is not one that was ever given out. */
export type Lookup =
  | { readonly is: 'valid'; readonly token: TokenRecord }
  | { readonly is: 'expired' | 'revoked'; readonly token: TokenRecord }
  | { readonly is: 'guessed'; readonly id: string | null };

/** The tokens of the store, in memory: they are asked for at every request. */
export class TokenBook {
  readonly #records: Records;
  readonly #now: () => Millis;
  #byId = new Map<string, TokenRecord>();
  #readAt: Millis | null = null;
  #areInUse = false;

  constructor(records: Records, now: () => Millis) {
    this.#records = records;
    this.#now = now;
  }

  /** Reads them again, after one was made or revoked here. */
  async load(): Promise<void> {
    const now = this.#now();
    const tokens = await readTokens(this.#records);
    this.#byId = new Map(tokens.map((token) => [token.id, token]));
    this.#areInUse = tokens.some(({ revokedAt }) => revokedAt === null);
    this.#readAt = now;
  }

  /** Reads them again where that was too long ago. While the store does not answer, those stand that were read last. */
  async refresh(): Promise<void> {
    if (this.#readAt === null) await this.load();
    else if (Math.abs(this.#now() - this.#readAt) >= REFRESH)
      await this.load().catch(() => {
        // Asked again by the next one.
      });
  }

  get all(): readonly TokenRecord[] {
    return [...this.#byId.values()];
  }

  /** Some were made that nobody has revoked; one that has expired closes the doors as well. */
  get areInUse(): boolean {
    return this.#areInUse;
  }

  byId(id: string): TokenRecord | null {
    return this.#byId.get(id) ?? null;
  }

  isValid({ revokedAt, expiresAt }: TokenRecord): boolean {
    return revokedAt === null && expiresAt > this.#now();
  }

  lookUp(text: string): Lookup {
    const id = idOfToken(text);
    const token = id === null ? null : this.byId(id);
    if (token === null || !isOfHash(text, token.hash)) return { is: 'guessed', id: token?.id ?? null };
    if (token.revokedAt !== null) return { is: 'revoked', token };
    return this.isValid(token) ? { is: 'valid', token } : { is: 'expired', token };
  }
}
