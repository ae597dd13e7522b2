import type { Service } from '../model/config/service.ts';
import { markKey, relianceKey } from '../model/names.ts';
import { type RatingSources, UNSEEN } from './definition.ts';
import { SAFE_LABEL, type SafetyCheck } from './safety.ts';
import type { TrustSources } from './trust-parts.ts';

/** What the trust index of a service is read from. */
export function trustSources(
  { newest, codeOf, labelsOf, confidenceBins }: RatingSources,
  { trust, evaluations }: Service,
): TrustSources {
  const passing = (name: string | null): SafetyCheck | null => {
    if (name === null) return null;
    const known = newest(name, null);
    const mark = evaluations[name]?.pass ?? null;
    if (known === null || mark === null) return { evaluation: UNSEEN, mark: UNSEEN };
    return { evaluation: known.code, mark: codeOf(markKey(known, mark)) };
  };
  const { sampling, codes } = labelsOf(trust.label, null);
  const stated = trust.confidence === null ? null : newest(trust.confidence, null);
  return {
    applicable: trust.components,
    reliance: codeOf(relianceKey(trust.label, sampling)),
    bins: stated === null ? null : confidenceBins(trust.label, sampling, stated),
    safety: Object.keys(evaluations)
      .filter((name) => evaluations[name]!.safety)
      .flatMap((name) => passing(name) ?? []),
    safeLabels: labelsOf(SAFE_LABEL, null).codes,
    transparency: passing(trust.transparency),
    sampling,
    labels: codes,
  };
}
