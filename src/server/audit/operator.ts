import type { Actor } from '../../model/incident.ts';

/** Until people sign in, whoever reaches the loopback address, or may run commands on the store, is the operator. */
export const OPERATOR: Actor = { kind: 'person', id: 'operator' };
