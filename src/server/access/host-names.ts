import { isIP } from 'node:net';

/** A name and perhaps a port, as the header `Host` has them; an IPv6 address in brackets. */
const HOST = /^(?:\[([0-9a-f:.]+)\]|([^\s:/?#@[\]\\]+))(?::\d{1,5})?$/i;
/** Below these the public name service has nothing. @see https://www.iana.org/assignments/special-use-domain-names */
const PRIVATE = /\.(?:localhost|local|internal|home\.arpa)$/;

/** The name of a header `Host`, as it is compared; null where it is none. */
export function hostNameOf(host: string): string | null {
  const match = HOST.exec(host.trim());
  return match === null ? null : (match[1] ?? match[2])!.toLowerCase().replace(/\.$/, '');
}

/**
 * Whether no stranger can have led a browser here under this name. A page of `evil.example` may let that name mean 127.0.0.1 once it is
 * loaded (DNS rebinding): to the browser this Plimsoll is a part of that page then, and the name is all that tells. An address, a name
 * without a dot and one of a private domain are nobody's to give out; another one has to be known.
 * @param known  names that the configuration gives, in lower case
 */
export function isOwnHost(host: string, known: readonly string[]): boolean {
  const name = hostNameOf(host);
  if (name === null || name === '') return false;
  return isIP(name) !== 0 || !name.includes('.') || PRIVATE.test(name) || known.includes(name);
}
