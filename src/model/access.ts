import type { Actor } from './incident.ts';

/** What somebody who comes in may be. */
export const ROLES = ['ingest', 'viewer', 'responder', 'approver', 'auditor', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/**
 * What there is to be allowed. `send`: telemetry, ratings and changes come in; `read`: what is known of services; `respond`: moves of
 * incidents; `approve`: changes and the closing of problems; `audit`: the audit trail; `administer`: tokens, and Plimsoll itself.
 */
export type Permission = 'send' | 'read' | 'respond' | 'approve' | 'audit' | 'administer';

const MAY: Readonly<Record<Role, readonly Permission[]>> = {
  ingest: ['send'],
  viewer: ['read'],
  responder: ['read', 'respond'],
  approver: ['read', 'approve'],
  auditor: ['read', 'audit'],
  admin: ['send', 'read', 'respond', 'approve', 'audit', 'administer'],
};

/** A role, for some services by their names or for all of them (null). */
export interface Grant {
  readonly role: Role;
  readonly services: readonly string[] | null;
}

/** Somebody who has come in, and what they may. */
export interface Principal {
  readonly actor: Actor;
  readonly grants: readonly Grant[];
}

/** Names of services, or all of them (null). Empty: of none. */
export type ServiceScope = ReadonlySet<string> | null;

/** For which services a principal may do something. */
export function scopeOf({ grants }: Pick<Principal, 'grants'>, permission: Permission): ServiceScope {
  const services = new Set<string>();
  for (const grant of grants) {
    if (!MAY[grant.role].includes(permission)) continue;
    if (grant.services === null) return null;
    for (const service of grant.services) services.add(service);
  }
  return services;
}

export const isWithin = (scope: ServiceScope, service: string): boolean => scope === null || scope.has(service);

/** For some service or for all. */
export const isNone = (scope: ServiceScope): boolean => scope !== null && scope.size === 0;

/** What a principal may do, for one service at least. */
export const permissionsOf = (principal: Pick<Principal, 'grants'>): Permission[] =>
  MAY.admin.filter((permission) => !isNone(scopeOf(principal, permission)));

/** Whoever reaches a Plimsoll that asks nobody who they are. */
export const LOCAL: Principal = {
  actor: { kind: 'user', id: 'local' },
  grants: [{ role: 'admin', services: null }],
};

/** Why somebody does not come in: they did not say who they are, may not do this, or have failed too often. */
export class AccessRefused extends Error {
  override readonly name = 'AccessRefused';
  readonly kind: 'unauthenticated' | 'forbidden' | 'locked';
  /** What to do about it. */
  readonly fix: string;
  /** Of `locked`: when to come again; 0 otherwise. */
  readonly retryAfterSeconds: number;

  constructor(kind: AccessRefused['kind'], what: string, fix: string, retryAfterSeconds = 0) {
    super(what);
    this.kind = kind;
    this.fix = fix;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
