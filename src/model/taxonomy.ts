import type { Measure } from './estimate.ts';
import type { Article349 } from './incident.ts';

/**
 * What can go wrong with an AI service. The grouping is ours; the references are those of NIST AI 600-1 (2024), the AVID
 * taxonomy (SEP codes), MITRE ATLAS 5.6.0 and the OWASP Top 10 for LLM Applications (2025). The points of the AI Act and the case types
 * of ServiceNow are what such a failure comes closest to.
 * @see https://doi.org/10.6028/NIST.AI.600-1 https://docs.avidml.org/taxonomy https://atlas.mitre.org https://genai.owasp.org/llm-top-10/
 */
export const TAXONOMY = {
  availability: {
    subcategories: ['outage', 'error_rate', 'latency', 'rate_limited', 'capacity'],
    nist: ['Value Chain and Component Integration'],
    avid: ['P0203'],
    atlas: ['AML.T0029'],
    owasp: ['LLM10'],
    art349: ['b'],
    serviceNow: ['AI system malfunction'],
  },
  accuracy: {
    subcategories: ['wrong_answer', 'task_failure', 'extraction_error', 'tool_misuse'],
    nist: ['Confabulation'],
    avid: ['P0204'],
    atlas: [],
    owasp: [],
    art349: ['a', 'c'],
    serviceNow: ['AI system malfunction'],
  },
  hallucination: {
    subcategories: ['ungrounded', 'fabricated_citation', 'hallucinated_entity', 'contradiction'],
    nist: ['Confabulation', 'Information Integrity'],
    avid: ['E0402', 'P0204'],
    atlas: ['AML.T0060', 'AML.T0062'],
    owasp: ['LLM09'],
    art349: ['a', 'c'],
    serviceNow: ['misinformation and deepfake', 'AI system malfunction'],
  },
  relevance: {
    subcategories: ['off_topic', 'retrieval_miss', 'stale_knowledge', 'over_refusal'],
    nist: ['Human-AI Configuration'],
    avid: ['P0100', 'P0204'],
    atlas: [],
    owasp: ['LLM08'],
    art349: [],
    serviceNow: ['AI system malfunction'],
  },
  bias: {
    subcategories: ['disparate_outcome', 'stereotyping', 'unequal_quality'],
    nist: ['Harmful Bias and Homogenization'],
    avid: ['E0101', 'E0102'],
    atlas: [],
    owasp: [],
    art349: ['c'],
    serviceNow: ['bias and discrimination', 'fairness and transparency'],
  },
  harmful_content: {
    subcategories: ['toxic', 'self_harm', 'dangerous_advice', 'sexual', 'cbrn'],
    nist: [
      'CBRN Information or Capabilities',
      'Dangerous, Violent, or Hateful Content',
      'Obscene, Degrading, and/or Abusive Content',
    ],
    avid: ['E0301', 'P0400'],
    atlas: ['AML.T0048'],
    owasp: [],
    art349: ['a', 'c'],
    serviceNow: ['AI-induced physical or psychological harm'],
  },
  privacy: {
    subcategories: ['pii_output', 'memorised_data', 'cross_tenant', 'excess_retention'],
    nist: ['Data Privacy'],
    avid: ['S0301', 'P0300'],
    atlas: ['AML.T0057', 'AML.T0024'],
    owasp: ['LLM02'],
    art349: ['c'],
    serviceNow: ['privacy and data protection', 'model inversion and extraction'],
  },
  security: {
    subcategories: [
      'prompt_injection',
      'jailbreak',
      'system_prompt_leak',
      'rag_poisoning',
      'context_poisoning',
      'tool_poisoning',
      'exfiltration_via_tool',
    ],
    nist: ['Information Security'],
    avid: ['S0400', 'S0403', 'S0600'],
    atlas: ['AML.T0051', 'AML.T0054', 'AML.T0056', 'AML.T0070', 'AML.T0071', 'AML.T0080', 'AML.T0110', 'AML.T0086'],
    owasp: ['LLM01', 'LLM04', 'LLM07'],
    art349: ['b', 'c'],
    serviceNow: ['adversarial attacks', 'data poisoning'],
  },
  agency: {
    subcategories: ['unauthorised_action', 'destructive_action', 'runaway_loop', 'missing_oversight'],
    nist: ['Human-AI Configuration'],
    avid: ['E0200', 'P0400'],
    atlas: ['AML.T0053', 'AML.T0101'],
    owasp: ['LLM06'],
    art349: ['a', 'b', 'd'],
    serviceNow: ['autonomy and human oversight'],
  },
  drift: {
    subcategories: ['input_drift', 'output_drift', 'embedding_drift', 'concept_drift', 'feedback_loop'],
    nist: ['Information Integrity'],
    avid: ['P0101', 'P0102', 'P0105'],
    atlas: ['AML.T0031'],
    owasp: [],
    art349: [],
    serviceNow: ['AI system malfunction'],
  },
  supply_chain: {
    subcategories: ['provider_model_changed', 'deprecated_model', 'compromised_component', 'provider_outage'],
    nist: ['Value Chain and Component Integration'],
    avid: ['S0200', 'S0201', 'S0202'],
    atlas: ['AML.T0010', 'AML.T0109'],
    owasp: ['LLM03'],
    art349: [],
    serviceNow: ['AI system malfunction'],
  },
  ip: {
    subcategories: ['copyrighted_output', 'licence_breach'],
    nist: ['Intellectual Property'],
    avid: [],
    atlas: [],
    owasp: [],
    art349: [],
    serviceNow: ['IP theft and copyright'],
  },
  cost: {
    subcategories: ['budget_burn', 'token_runaway', 'cost_harvesting', 'energy'],
    nist: ['Environmental Impacts'],
    avid: ['S0302'],
    atlas: ['AML.T0034'],
    owasp: ['LLM10'],
    art349: [],
    serviceNow: ['unauthorised AI model usage'],
  },
  experience: {
    subcategories: ['low_trust', 'low_satisfaction', 'abandonment', 'escalation_to_human'],
    nist: ['Human-AI Configuration'],
    avid: [],
    atlas: [],
    owasp: [],
    art349: [],
    serviceNow: ['fairness and transparency'],
  },
  governance: {
    subcategories: ['unauthorised_change', 'missing_owner', 'retention_gap', 'oversight_lapse', 'monitoring_gap'],
    nist: [],
    avid: [],
    atlas: [],
    owasp: [],
    art349: [],
    serviceNow: ['autonomy and human oversight', 'unauthorised AI model usage'],
  },
} as const satisfies Record<string, CategoryEntry>;

interface CategoryEntry {
  readonly subcategories: readonly string[];
  /** Risks of NIST AI 600-1, by their names. */
  readonly nist: readonly string[];
  readonly avid: readonly string[];
  readonly atlas: readonly string[];
  readonly owasp: readonly string[];
  /** Points of Art. 3(49) of the AI Act that a serious failure of this kind is likeliest to come under: where to look first, no judgement. */
  readonly art349: readonly Exclude<Article349, 'none'>[];
  /** Types of AI cases of ServiceNow, the best first. */
  readonly serviceNow: readonly string[];
}

type Taxonomy = typeof TAXONOMY;
export type CategoryFamily = keyof Taxonomy;
/** A stable code, `ai.<category>.<sub>`. */
export type Category = {
  [F in CategoryFamily]: `ai.${F}.${Taxonomy[F]['subcategories'][number]}`;
}[CategoryFamily];

/** All codes, in the order of the table. */
export const CATEGORIES: readonly Category[] = Object.entries(TAXONOMY).flatMap(([family, entry]) =>
  entry.subcategories.map((sub) => `ai.${family}.${sub}` as Category),
);

const KNOWN: ReadonlySet<string> = new Set(CATEGORIES);
export const isCategory = (code: string): code is Category => KNOWN.has(code);

/** The middle part of a code. */
export const familyOf = (category: Category): CategoryFamily => category.split('.')[1] as CategoryFamily;

/** Where other taxonomies speak of it. */
export const referencesOf = (category: Category): CategoryEntry => TAXONOMY[familyOf(category)];

/** What a breached objective on a single measure is filed under when its file doesn't say. */
const BY_MEASURE: Readonly<Record<Exclude<Measure, 'drift' | 'composite'>, Category>> = {
  availability: 'ai.availability.error_rate',
  latency: 'ai.availability.latency',
  time_to_first_token: 'ai.availability.latency',
  accuracy: 'ai.accuracy.wrong_answer',
  relevance: 'ai.relevance.off_topic',
  trust: 'ai.experience.low_trust',
  calibration: 'ai.experience.low_trust',
  satisfaction: 'ai.experience.low_satisfaction',
  cost: 'ai.cost.budget_burn',
  cost_per_day: 'ai.cost.budget_burn',
  escalation: 'ai.experience.escalation_to_human',
  guardrail: 'ai.relevance.over_refusal',
  parity: 'ai.bias.unequal_quality',
};

/** What evaluators look for, by the words of their names: the first that fits. */
const BY_EVALUATION: readonly (readonly [RegExp, Category])[] = [
  [/groundedness|faithfulness|hallucination/, 'ai.hallucination.ungrounded'],
  [/citations?/, 'ai.hallucination.fabricated_citation'],
  [/contradictions?/, 'ai.hallucination.contradiction'],
  [/pii|privacy/, 'ai.privacy.pii_output'],
  [/jailbreaks?/, 'ai.security.jailbreak'],
  [/(prompt_)?injections?/, 'ai.security.prompt_injection'],
  [/self_harm/, 'ai.harmful_content.self_harm'],
  [/sexual/, 'ai.harmful_content.sexual'],
  [/toxicity|toxic|hate|harmfulness/, 'ai.harmful_content.toxic'],
  [/stereotypes?|stereotyping/, 'ai.bias.stereotyping'],
  [/bias|fairness/, 'ai.bias.disparate_outcome'],
  [/retrieval|context_(precision|recall|relevance|relevancy)/, 'ai.relevance.retrieval_miss'],
  [/refusals?/, 'ai.relevance.over_refusal'],
  [/relevance|relevancy|off_topic/, 'ai.relevance.off_topic'],
  [/tools?/, 'ai.accuracy.tool_misuse'],
  [/task_(completion|success|failure)|goal/, 'ai.accuracy.task_failure'],
  [/extraction/, 'ai.accuracy.extraction_error'],
];
const EVALUATIONS = BY_EVALUATION.map(
  ([words, category]) => [new RegExp(`(^|_)(${words.source})(_|$)`), category] as const,
);

/** What an evaluation looks for; null: its name doesn't say. */
function evaluationCategory(name: string): Category | null {
  const words = name.replace(/(?<=[a-z])(?=[A-Z])|[^A-Za-z0-9]+/g, '_').toLowerCase();
  return EVALUATIONS.find(([pattern]) => pattern.test(words))?.[1] ?? null;
}

/** Features of what comes in; all others describe what goes out. */
const INPUT_FEATURES: ReadonlySet<string> = new Set(['input_tokens', 'operation']);

/** A composite has no category of its own: it is that of its first member. */
export function defaultCategory(measure: {
  readonly type: Exclude<Measure, 'composite'>;
  readonly evaluation?: string | null;
  readonly feature?: string;
  readonly component?: string | null;
  readonly ranking?: object | null;
}): Category {
  if (measure.type === 'drift') return driftCategory(measure.feature ?? '');
  const byName = measure.evaluation == null ? null : evaluationCategory(measure.evaluation);
  if (byName !== null) return byName;
  if (measure.ranking != null) return 'ai.relevance.retrieval_miss';
  if (measure.type === 'trust' && measure.component === 'safety') return 'ai.harmful_content.dangerous_advice';
  return BY_MEASURE[measure.type];
}

function driftCategory(feature: string): Category {
  if (feature.startsWith('embedding:')) return 'ai.drift.embedding_drift';
  return INPUT_FEATURES.has(feature) ? 'ai.drift.input_drift' : 'ai.drift.output_drift';
}
