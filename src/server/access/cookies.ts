import type { Millis } from '../../model/time.ts';

/** Values by name; of a name that is there twice the first, which is the most specific. */
export function readCookies(header: string | undefined): ReadonlyMap<string, string> {
  const cookies = new Map<string, string>();
  for (const part of (header ?? '').split(';')) {
    const at = part.indexOf('=');
    const name = part.slice(0, at).trim();
    if (at > 0 && !cookies.has(name)) cookies.set(name, part.slice(at + 1).trim());
  }
  return cookies;
}

export interface CookieOptions {
  /** Only over TLS, and bound to this host. */
  readonly isSecure: boolean;
  /** `Lax`: sent along when another site leads here, as an identity provider does. */
  readonly sameSite: 'Strict' | 'Lax';
  /** 0 takes it away. */
  readonly lives: Millis;
}

/** Names that browsers take from nobody but this very host, over TLS. */
export const cookieName = (name: string, isSecure: boolean): string => (isSecure ? `__Host-${name}` : name);

/** @param value  URL-safe */
export const cookieText = (name: string, value: string, { isSecure, sameSite, lives }: CookieOptions): string =>
  [
    `${cookieName(name, isSecure)}=${value}`,
    'Path=/',
    'HttpOnly',
    `SameSite=${sameSite}`,
    `Max-Age=${Math.floor(lives / 1000)}`,
    ...(isSecure ? ['Secure'] : []),
  ].join('; ');
