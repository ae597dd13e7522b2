import type { ChangeRecord } from '../../model/change.ts';
import type { Caller } from '../inbound/callers.ts';

/** Why a change can't be called so elsewhere; null: it can. A name that is written wrong would be asked about nowhere. */
export function oddReference(
  refs: ChangeRecord['externalRefs'] | undefined,
  callers: readonly Pick<Caller, 'name' | 'inbound'>[],
): string | null {
  const known = callers.flatMap(({ name, inbound }) => (inbound.poll?.changes === undefined ? [] : [name]));
  const odd = Object.keys(refs ?? {}).find((name) => !known.includes(name));
  if (odd === undefined) return null;
  const which = known.length === 0 ? 'none does' : `those that do: ${known.join(', ')}`;
  return `externalRefs: no sink named ${JSON.stringify(odd.slice(0, 64))} knows changes, ${which}`;
}
