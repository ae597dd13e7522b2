import type { Deployment } from '../../model/config/deployment.ts';
import { isLoopback } from '../../model/config/fields.ts';

export const DOORS = ['http', 'otlpHttp', 'otlpGrpc'] as const;

/** Doors that other machines could reach. */
export const exposedDoors = ({ listen }: Pick<Deployment, 'listen'>): (typeof DOORS)[number][] =>
  DOORS.filter((door) => {
    const at = listen[door];
    return at !== null && !isLoopback(at);
  });

/** Why a door that others could reach is not opened, and what to do. */
export const OPEN_NETWORK = {
  code: 'PLIM_CONFIG_OPEN_NETWORK',
  message: 'other machines could reach this address, and nobody would be asked who they are',
  hint: 'make a token first (plimsoll token create --role admin), or describe the sign-in under spec.auth.oidc; or bind to 127.0.0.1; or write listen.trustNetwork: true where the network itself is closed',
} as const;

/** A provider on this very machine, for trying it out. */
export function isInsecureButLocal(issuer: string): boolean {
  const { protocol, hostname } = new URL(issuer);
  return protocol === 'http:' && isLoopback({ host: hostname.replace(/^\[|\]$/g, '') });
}
