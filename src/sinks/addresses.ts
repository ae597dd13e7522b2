import { BlockList, isIP } from 'node:net';

/** Not reachable for everybody, or leads elsewhere. @see IANA IPv4 Special-Purpose Address Registry */
const SPECIAL_V4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
];
/** All that is given out for the public. @see IANA IPv6 Address Space */
const GLOBAL_V6 = ['2000::/3'];
/** Inside of it: protocol assignments (Teredo among them), documentation, 6to4. The mapped and NAT64 forms lie outside. */
const SPECIAL_V6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];

const listOf = (cidrs: readonly string[]): BlockList => {
  const list = new BlockList();
  for (const cidr of cidrs) addCidr(list, cidr);
  return list;
};

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 4 ? 'ipv4' : 'ipv6');

function addCidr(list: BlockList, cidr: string): void {
  const [address = '', bits = ''] = cidr.split('/');
  list.addSubnet(address, Number(bits), familyOf(address));
}

const specialV4 = listOf(SPECIAL_V4);
const globalV6 = listOf(GLOBAL_V6);
const specialV6 = listOf(SPECIAL_V6);

/** An address that anybody's packets reach, and whose bytes don't hide another address. */
export function isGlobalUnicast(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !specialV4.check(address, 'ipv4');
  if (family === 6) return globalV6.check(address, 'ipv6') && !specialV6.check(address, 'ipv6');
  return false;
}

/** `[::1]` of a URL is `::1`, a host's dot at the end means nothing. */
export const bareHost = (hostname: string): string =>
  hostname
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
    .toLowerCase();

/** What the operator lists in `egress.allow`: hosts by name, addresses and CIDR ranges. */
export class Allowed {
  readonly #hosts = new Set<string>();
  readonly #ranges = new BlockList();

  /** @throws RangeError for an entry that is neither */
  constructor(entries: readonly string[]) {
    for (const entry of entries) {
      if (isIP(bareHost(entry)) !== 0) this.#ranges.addAddress(bareHost(entry), familyOf(bareHost(entry)));
      else if (isCidr(entry)) addCidr(this.#ranges, entry);
      else if (isHostname(entry)) this.#hosts.add(bareHost(entry));
      else
        throw new RangeError(`egress.allow: ${JSON.stringify(entry)} is neither a host, an address nor a CIDR range`);
    }
  }

  host(hostname: string): boolean {
    return this.#hosts.has(bareHost(hostname));
  }

  address(address: string): boolean {
    return this.#ranges.check(address, familyOf(address));
  }
}

const isHostname = (text: string): boolean => /^[a-z0-9_]([a-z0-9_.-]{0,252}[a-z0-9_.])?$/i.test(text);

function isCidr(text: string): boolean {
  const match = /^([^/]+)\/(\d{1,3})$/.exec(text);
  const family = match === null ? 0 : isIP(match[1]!);
  return family !== 0 && Number(match![2]) <= (family === 4 ? 32 : 128);
}
