import type { Actor } from '../../model/incident.ts';

/** Whoever may run commands on the store. */
export const OPERATOR: Actor = { kind: 'user', id: 'operator' };
