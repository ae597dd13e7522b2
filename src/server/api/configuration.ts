import { iso } from '../../model/time.ts';
import type { ConfigurationState } from '../reload/state.ts';

/** Which configuration is in force, and since when what its files hold is refused. */
export const configurationJson = ({ sha256, since, refusal }: ConfigurationState): Record<string, unknown> => ({
  sha256,
  since: iso(since),
  refused: refusal === null ? null : { ...refusal, at: iso(refusal.at) },
});
