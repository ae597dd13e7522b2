import type { Mail } from '../../src/sinks/sink.ts';

/** For what speaks HTTP alone. */
export const noMail: Mail = async () => ({ kind: 'not_sent', reason: 'no mail in this test' });
