import type { GuiltySlice, Incident } from '../model/incident.ts';
import { plainText } from '../model/plain-text.ts';
import type { CauseEvidence, ProposedCause, RootCause } from '../model/problem.ts';
import { restoredWithout } from '../model/restored.ts';

/** What of an incident speaks for a cause. */
export type Symptoms = Pick<Incident, 'id' | 'category' | 'breaches' | 'slices' | 'changes' | 'parent'>;

interface CauseRule {
  readonly cause: RootCause;
  /** In words, for people. */
  readonly when: string;
  /** What of an incident fits, as a sentence; null: nothing does. */
  readonly because: (incident: Symptoms) => string | null;
}

/** The guiltiest slice has this dimension, alone or with another. */
const guilty =
  (...dimensions: readonly string[]) =>
  ({ slices }: Symptoms): string | null => {
    const [first] = slices;
    const fits = first?.dimension.split(' & ').some((one) => dimensions.includes(one)) === true;
    return fits ? associated(first!) : null;
  };

/** A change of this type lies close to the onset. */
const changed =
  (...types: readonly string[]) =>
  ({ changes }: Symptoms): string | null => {
    const change = changes.find(({ type }) => types.includes(type));
    if (change === undefined) return null;
    const to = change.after === null ? '' : ` to ${plainText(change.after)}`;
    const how = change.origin === 'declared' ? 'declared' : 'seen in the traffic, and not declared';
    return `a change of the ${change.type.replaceAll('_', ' ')}${to}, close to the onset (${how})`;
  };

/** It, or a promise of it, is filed under one of these. */
const filed =
  (pattern: RegExp) =>
  ({ category, breaches }: Symptoms): string | null => {
    const one = [category, ...breaches.map((breach) => breach.category)].find((code) => pattern.test(code));
    return one === undefined ? null : `filed under ${one}`;
  };

const first =
  (...asked: readonly CauseRule['because'][]) =>
  (incident: Symptoms): string | null => {
    for (const because of asked) {
      const text = because(incident);
      if (text !== null) return text;
    }
    return null;
  };

/** The first that fits an incident is what it speaks for. What is measured comes before what is only close in time, and both before the category. */
export const CAUSE_RULES: readonly CauseRule[] = [
  {
    cause: 'prompt_regression',
    when: 'the guiltiest slice is a prompt version',
    because: guilty('prompt_version'),
  },
  {
    cause: 'provider_change',
    when: 'the guiltiest slice is a response model or a provider',
    because: guilty('response_model', 'provider'),
  },
  {
    cause: 'integration_failure',
    when: 'it follows from an incident of a service that it depends on, or the guiltiest slice is a tool',
    because: first(({ parent }) => (parent === null ? null : `follows from ${parent}`), guilty('tool')),
  },
  {
    cause: 'prompt_regression',
    when: 'a prompt or system instruction was changed close to the onset',
    because: changed('prompt', 'system_instruction'),
  },
  {
    cause: 'provider_change',
    when: 'a model version or provider snapshot was changed close to the onset, or it is filed under ai.supply_chain.*_model*',
    because: first(
      changed('model_version', 'provider_snapshot'),
      filed(/^ai\.supply_chain\.(provider_model_changed|deprecated_model)$/),
    ),
  },
  {
    cause: 'data_quality',
    when: 'a corpus, embedding model or data set was changed close to the onset, or it is filed under ai.drift.input_drift, embedding_drift, ai.relevance.stale_knowledge or retrieval_miss',
    because: first(
      changed('retrieval_corpus', 'embedding_model', 'dataset'),
      filed(/^ai\.(drift\.(input_drift|embedding_drift)|relevance\.(stale_knowledge|retrieval_miss))$/),
    ),
  },
  {
    cause: 'model_drift',
    when: 'it is filed under ai.drift.output_drift, concept_drift or feedback_loop',
    because: filed(/^ai\.drift\.(output_drift|concept_drift|feedback_loop)$/),
  },
  {
    cause: 'integration_failure',
    when: 'a tool, routing or infrastructure was changed close to the onset, or it is filed under ai.supply_chain.provider_outage or ai.accuracy.tool_misuse',
    because: first(
      changed('tool', 'routing', 'infrastructure'),
      filed(/^ai\.(supply_chain\.provider_outage|accuracy\.tool_misuse)$/),
    ),
  },
  {
    cause: 'capacity',
    when: 'it is filed under ai.availability.rate_limited or capacity',
    because: filed(/^ai\.availability\.(rate_limited|capacity)$/),
  },
  {
    cause: 'guardrail_gap',
    when: 'a guardrail was changed close to the onset, or it is filed under ai.harmful_content.*, ai.privacy.pii_output or ai.relevance.over_refusal',
    because: first(
      changed('guardrail'),
      filed(/^ai\.(harmful_content\.|privacy\.pii_output$|relevance\.over_refusal$)/),
    ),
  },
  {
    cause: 'security',
    when: 'it is filed under ai.security.* or ai.supply_chain.compromised_component',
    because: filed(/^ai\.(security\.|supply_chain\.compromised_component$)/),
  },
  {
    cause: 'human_process',
    when: 'it is filed under ai.governance.*',
    because: filed(/^ai\.governance\./),
  },
];

/** Sentences that a record keeps. */
const EVIDENCE_MAX = 20;

/**
 * What the incidents of a problem have in common, argued from their evidence: the cause that most of them speak for, the earlier rule
 * of those that are level. It is a proposal; a person confirms.
 */
export function proposedCause(incidents: readonly Symptoms[]): {
  readonly proposed: ProposedCause;
  readonly evidence: readonly CauseEvidence[];
} {
  const spoken = incidents.map((incident) => ({ incident, ...spokenFor(incident) }));
  const tally = new Map<RootCause, number>();
  // Those that say nothing outvote nobody.
  for (const { cause } of spoken) if (cause !== 'unknown') tally.set(cause, (tally.get(cause) ?? 0) + 1);
  const rank = (cause: RootCause): number => CAUSE_RULES.findIndex((rule) => rule.cause === cause);
  const [best] = [...tally].sort(([a, n], [b, m]) => m - n || rank(a) - rank(b));
  const category = best?.[0] ?? 'unknown';
  const speaking = spoken.filter(({ cause }) => cause === category).map(({ incident }) => incident);
  const evidence = [
    ...spoken.filter(({ cause }) => cause === category),
    ...spoken.filter(({ cause }) => cause !== category && cause !== 'unknown'),
  ].flatMap(({ incident, text }) => (text === null ? [] : [{ incident: incident.id, text }]));
  return {
    proposed: {
      category,
      slice: commonSlice(speaking),
      incidents: best?.[1] ?? 0,
      of: incidents.length,
    },
    evidence: evidence.slice(0, EVIDENCE_MAX),
  };
}

function spokenFor(incident: Symptoms): { readonly cause: RootCause; readonly text: string | null } {
  for (const { cause, because } of CAUSE_RULES) {
    const text = because(incident);
    if (text !== null) return { cause, text: `${text}${restoredText(incident)}` };
  }
  return { cause: 'unknown', text: null };
}

/** The guiltiest slice of most of them; of those that are level, that of the newest incident. */
function commonSlice(incidents: readonly Symptoms[]): string | null {
  const tally = new Map<string, number>();
  for (const { slices } of incidents.toReversed()) {
    const name = slices[0]?.name;
    if (name !== undefined) tally.set(name, (tally.get(name) ?? 0) + 1);
  }
  const [best] = [...tally].sort(([, n], [, m]) => m - n);
  return best?.[0] ?? null;
}

const percent = (share: number): string => `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;

const associated = ({ name, share, baselineShare, explanatoryPower }: GuiltySlice): string => {
  const before = baselineShare === null ? 'new' : `${percent(baselineShare)} before`;
  return `associated with ${plainText(name)}: ${percent(share)} bad there, ${before}; it explains ${percent(explanatoryPower)} of the worsening`;
};

function restoredText(incident: Symptoms): string {
  const restored = restoredWithout(incident);
  if (restored === null) return '';
  return `; without ${plainText(incident.slices[0]!.name)}, ${percent(restored.without)} would have been bad since the onset, not ${percent(restored.withAll)}`;
}
