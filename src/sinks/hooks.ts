import { github } from './github/inbound.ts';

/** Doors that are only in: tools that tell of changes, by the `type` of the configuration. */
export const hooks = { github } as const;
