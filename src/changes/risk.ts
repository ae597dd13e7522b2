import type { Assessment, ChangeRecord, Risk } from '../model/change.ts';

/** What of the service a change is weighed by. */
export interface RiskFacts {
  readonly isHighRisk: boolean;
  /** 1 most critical .. 4. */
  readonly criticality: number;
  /** Names of the tools that do what can't be undone. */
  readonly irreversibleTools: readonly string[];
  /** Names of all tools that the service declares. */
  readonly tools: readonly string[];
  /** Its changes are to be approved before they are made. */
  readonly isGated: boolean;
}

/** Subjects whose change may move every answer. */
const FAR: ReadonlySet<ChangeRecord['type']> = new Set([
  'model_version',
  'provider_snapshot',
  'system_instruction',
  'retrieval_corpus',
  'guardrail',
]);

/** The highest answer of all rules, and the rules that gave it. */
export function assessmentOf(change: ChangeRecord, facts: RiskFacts): Assessment {
  const found: [Risk, string][] = [];
  if (facts.isHighRisk) found.push(['high', 'the service is of a high-risk class']);
  if (change.type === 'embedding_model')
    found.push(['high', 'the embedding model changes: every vector means another thing']);
  if (change.type === 'tool') found.push(...toolRisks(change, facts));
  if (change.evidence.length === 0)
    found.push(['high', 'it was not evaluated before: no offline evaluation is attached']);
  if (change.rollbackPlan === null) found.push(['moderate', 'nothing is said of how it is rolled back']);
  if (FAR.has(change.type)) found.push(['moderate', `a ${change.type.replaceAll('_', ' ')} may move every answer`]);
  if (facts.criticality <= 2) found.push(['moderate', `the service has criticality ${facts.criticality}`]);
  if (change.unapproved && facts.isGated) found.push(['high', 'it was made, and nobody had approved it']);
  if (change.inFreeze) found.push(['high', 'nothing should change at that time']);
  const risk = (['high', 'moderate'] as const).find((one) => found.some(([level]) => level === one)) ?? 'low';
  const reasons = found.filter(([level]) => level === risk).map(([, reason]) => reason);
  return { risk, reasons: reasons.length > 0 ? reasons : ['no rule speaks of more'] };
}

function toolRisks({ before, after }: ChangeRecord, { irreversibleTools, tools }: RiskFacts): [Risk, string][] {
  const named = [before?.id, after?.id].filter((id) => id !== undefined);
  const irreversible = irreversibleTools.filter((tool) => named.includes(tool));
  if (irreversible.length > 0) return [['high', `what ${irreversible.join(', ')} does can't be undone`]];
  // A version alone does not say which tool it is of.
  if (irreversibleTools.length > 0 && !named.some((id) => tools.includes(id)))
    return [['high', `it may be one of ${irreversibleTools.join(', ')}, whose effects can't be undone`]];
  return [];
}
