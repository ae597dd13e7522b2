import { lookup as systemLookup } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import type { Millis } from '../model/time.ts';
import { type Allowed, bareHost, isGlobalUnicast } from './addresses.ts';

/** Everything together of one exchange, with whatever protocol. */
export const TOTAL_MS: Millis = 15_000;

export interface HostAddress {
  readonly address: string;
  readonly family: number;
}
/** All addresses of a host. */
export type Resolve = (hostname: string) => Promise<readonly HostAddress[]>;

export interface EgressOptions {
  /** `egress.allow`. */
  readonly allow: readonly string[];
  readonly totalMs?: Millis;
  /** The system's resolver when absent. */
  readonly resolve?: Resolve;
}

export const systemResolve: Resolve = (hostname) => systemLookup(hostname, { all: true });

export class Forbidden extends Error {
  override readonly name = 'Forbidden';
}

/** Whom a connection may lead to. */
export interface Rule {
  readonly allowed: Allowed;
  /** Of a connection that anybody on the way can read: what is said of hosts that aren't listed. Null: it is encrypted. */
  readonly plain: string | null;
}

/** Of a URL of http or https. */
export const ruleFor = ({ protocol }: URL, allowed: Allowed): Rule => ({
  allowed,
  plain:
    protocol === 'http:' ? 'http is only spoken to hosts in egress.allow: use https, or list the host there' : null,
});

/**
 * For `net.connect`: every address that a host resolves to is checked, and the connection goes to a checked one, so that
 * an answer of the DNS that changes between check and use changes nothing. Fails with `Forbidden`.
 */
export const guardedLookup =
  (resolve: Resolve, rule: Rule): LookupFunction =>
  (hostname, { all }, done) => {
    resolve(hostname).then(
      (addresses) => {
        const refusal = refusalOfAddresses(hostname, addresses, rule);
        if (refusal !== null) return done(new Forbidden(refusal), '', 0);
        if (all) return done(null, addresses as HostAddress[] & string);
        done(null, addresses[0]!.address, addresses[0]!.family);
      },
      (error) => done(error, '', 0),
    );
  };

/** Node asks no `lookup` for a literal address, so those are judged by this. Null: it may be used, or is a name. */
export function refusalOfLiteral(hostname: string, rule: Rule): string | null {
  const host = bareHost(hostname);
  return isIP(host) === 0 ? null : refusalOfAddresses(host, [{ address: host, family: isIP(host) }], rule);
}

function refusalOfAddresses(hostname: string, addresses: readonly HostAddress[], rule: Rule): string | null {
  if (addresses.length === 0) return 'the host has no address';
  if (rule.allowed.host(hostname)) return null;
  for (const { address } of addresses) {
    if (rule.allowed.address(address)) continue;
    if (rule.plain !== null) return rule.plain;
    if (!isGlobalUnicast(address))
      return `the host is at ${address}, which is not a public address: list the host or its range in egress.allow if that is meant`;
  }
  return null;
}

/** Codes of libraries and of the system; the message of an error may hold an address and is never used. */
export function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^[A-Z0-9_]{2,60}$/.test(code) ? code : 'unknown error';
}

/** Why a connection was refused here, however deep that is in the error; null: for another reason. */
export function forbiddenIn(error: unknown): string | null {
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    if (cause instanceof Forbidden) return cause.message;
  return null;
}
