import type { Outcome } from '../../model/delivery.ts';

/**
 * A fault of the sink itself must not stop the others: what it could not even begin to send will never be sent, what broke off in
 * the middle may have arrived. Its message may hold anything.
 */
export async function guarded(work: () => Promise<Outcome>, hasSent: () => boolean): Promise<Outcome> {
  try {
    return await work();
  } catch (error) {
    const reason = `the sink failed (${error instanceof Error ? error.name : typeof error})`;
    return hasSent() ? { kind: 'unknown', reason, isOurFault: true } : { kind: 'permanent', reason };
  }
}
