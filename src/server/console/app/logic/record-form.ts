import { JUDGED_FIELDS, RECORD_FIELDS, type RecordField } from '../../../../model/service-record.ts';

/** What each field of a record looks like, as a file has it: a text as it is, everything else as JSON. */
export const EXAMPLES: Readonly<Record<RecordField, unknown>> = {
  displayName: 'Support bot',
  description: 'Answers questions of customers.',
  intendedPurpose: 'To answer questions about orders.',
  lifecycle: 'deploy',
  owner: { name: 'Kim Lee', email: 'kim@example.com' },
  supportGroup: 'ai-support',
  managedByGroup: 'ai-platform',
  changeGroup: 'ai-changes',
  oversight: [{ name: 'Dana Reyes' }],
  tier: 'gold',
  criticality: 2,
  euAiAct: { riskClass: 'minimal' },
  evidence: ['reports', 'status'],
  models: [{ provider: 'openai', name: 'gpt-4o', version: '2024-08-06' }],
  prompts: [{ id: 'answer', version: '7' }],
  tools: [{ name: 'search', sideEffects: 'read' }],
  vectorStores: [{ index: 'orders' }],
  agents: [{ name: 'planner' }],
  guardrails: [{ name: 'no-advice' }],
  dependsOn: ['search'],
  personalData: ['names', 'addresses'],
  specialCategories: false,
  erasurePolicy: 'Erased after 90 days.',
  externalRefs: { itsm: 'CI0012345' },
  confirmEvery: '90d',
};

/** Fields that may be said over the API. @param hasFile  then how it is judged is for its file alone */
export const fieldsOf = (hasFile: boolean): readonly RecordField[] =>
  hasFile ? RECORD_FIELDS.filter((field) => !JUDGED_FIELDS.includes(field)) : RECORD_FIELDS;

export const isText = (field: RecordField): boolean => typeof EXAMPLES[field] === 'string';

/** What stands in the form; '' for what nobody has said. */
export const writtenOf = (field: RecordField, value: unknown): string => {
  if (value === undefined) return '';
  return isText(field) && typeof value === 'string' ? value : JSON.stringify(value, null, 2);
};

/** What is sent of it; null, where nothing stands there: it is taken back. @throws SyntaxError  for what is no JSON */
export const valueIn = (field: RecordField, written: string): unknown => {
  const text = written.trim();
  if (text === '') return null;
  return isText(field) ? text : JSON.parse(text);
};
