import { z } from 'zod';

/** What is asked of a running Plimsoll whose store is being moved. */
export const MoveStep = z.discriminatedUnion('step', [
  z.object({
    step: z.literal('begin'),
    to: z.string().min(1).max(500).meta({ description: 'Where to, without a password.' }),
  }),
  z.object({ step: z.enum(['renew', 'hold', 'release', 'leave']), id: z.string().max(64) }),
]);
export type MoveStep = z.infer<typeof MoveStep>;
