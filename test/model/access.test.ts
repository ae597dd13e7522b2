import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Grant,
  isNone,
  isWithin,
  LOCAL,
  type Permission,
  permissionsOf,
  ROLES,
  scopeOf,
} from '../../src/model/access.ts';

const SERVICES = ['a', 'b', 'c'];
const PERMISSIONS: readonly Permission[] = ['send', 'read', 'respond', 'approve', 'audit', 'administer'];
const grant: fc.Arbitrary<Grant> = fc.record({
  role: fc.constantFrom(...ROLES),
  services: fc.oneof(fc.constant(null), fc.subarray(SERVICES, { minLength: 1 })),
});
const grants = fc.array(grant, { maxLength: 4 });

/** What may be done for which service, one by one. */
const allowed = (of: readonly Grant[]): string[] =>
  PERMISSIONS.flatMap((permission) =>
    [...SERVICES, 'another'].flatMap((service) =>
      isWithin(scopeOf({ grants: of }, permission), service) ? [`${permission} ${service}`] : [],
    ),
  );

describe('what somebody may do', () => {
  it('is what one of their roles allows: the union of them, in any order', () => {
    fc.assert(
      fc.property(grants, grants, (some, others) => {
        const both = [...new Set([...allowed(some), ...allowed(others)])].toSorted();
        expect(allowed([...some, ...others]).toSorted()).toEqual(both);
      }),
    );
  });

  it('reaches no service that none of their roles names', () => {
    fc.assert(
      fc.property(grants, (of) => {
        const isForAll = of.some(({ services }) => services === null);
        expect(allowed(of).some((one) => one.endsWith(' another')) && !isForAll).toBe(false);
      }),
    );
  });

  it('is nothing without a role', () => {
    for (const permission of PERMISSIONS) expect(isNone(scopeOf({ grants: [] }, permission))).toBe(true);
    expect(permissionsOf({ grants: [] })).toEqual([]);
  });

  it('is everything for the local person', () => {
    for (const permission of PERMISSIONS) expect(scopeOf(LOCAL, permission)).toBeNull();
  });

  it('by role is a list that is looked at before it changes', () => {
    const may = ROLES.map((role) => [role, permissionsOf({ grants: [{ role, services: null }] })]);
    expect(Object.fromEntries(may)).toEqual({
      ingest: ['send'],
      viewer: ['read'],
      responder: ['read', 'respond'],
      approver: ['read', 'approve'],
      auditor: ['read', 'audit'],
      admin: PERMISSIONS,
    });
  });
});
