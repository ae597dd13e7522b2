import { ARTICLE_3_49, CLOSE_CODES, HARMS, HOLD_REASONS } from '../../../../model/incident.ts';
import { CATEGORIES } from '../../../../model/taxonomy.ts';
import { categoryText, priorityText, weightText, wordsOf } from './format.ts';

export interface Choice {
  readonly value: string;
  readonly text: string;
}

export interface Field {
  readonly name: string;
  readonly label: string;
  /** `person`: asked for only where nobody has signed in; `moment`: a time in this browser's zone. */
  readonly type: 'text' | 'lines' | 'person' | 'moment' | readonly Choice[];
  /** May be left as it is: nothing is sent then. */
  readonly isOptional?: true;
  /** What is chosen is a number, or null. */
  readonly isNumber?: true;
}

export interface Action {
  readonly label: string;
  readonly fields: readonly Field[];
  /** What is decided about the record, beside what is done to it. */
  readonly isDecision?: true;
}

const choices = (values: readonly string[], textOf: (value: string) => string = wordsOf): Choice[] =>
  values.map((value) => ({ value, text: textOf(value) }));

const KEEP: Choice = { value: '', text: 'as it is' };
const BACK: Choice = { value: 'null', text: 'as the rules say' };
const numbers = (upTo: number, textOf: (value: number) => string): Choice[] => [
  KEEP,
  ...Array.from({ length: upTo }, (_, i) => ({ value: String(i + 1), text: textOf(i + 1) })),
  BACK,
];
const weights = numbers(3, (weight) => `${weight}, ${weightText(weight)}`);

const ARTICLE_TEXTS: Readonly<Record<(typeof ARTICLE_3_49)[number], string>> = {
  none: 'none of them',
  a: '(a) death, or serious harm to health',
  b: '(b) critical infrastructure disrupted',
  c: '(c) fundamental rights breached',
  d: '(d) serious harm to property or environment',
};

const why: Field = { name: 'reason', label: 'Why', type: 'lines' };
const person: Field = { name: 'person', label: 'Who says so', type: 'person' };

/** What people do to an incident, and what has to be said with it. */
export const ACTIONS: Readonly<Record<string, Action>> = {
  acknowledge: { label: 'Acknowledge', fields: [] },
  note: { label: 'Add a note', fields: [{ name: 'text', label: 'Note', type: 'lines' }] },
  assign: { label: 'Assign', fields: [{ name: 'to', label: 'To whom', type: 'text' }] },
  hold: { label: 'Put on hold', fields: [{ name: 'reason', label: 'What is awaited', type: choices(HOLD_REASONS) }] },
  resume: { label: 'Take up again', fields: [] },
  mitigate: { label: 'Harm is contained', fields: [] },
  resolve: {
    label: 'Resolve',
    fields: [
      { name: 'code', label: 'How', type: choices(CLOSE_CODES.filter((code) => code !== 'recovered_automatically')) },
      { name: 'notes', label: 'What was done', type: 'lines' },
    ],
  },
  reopen: { label: 'Reopen', fields: [why] },
  close: { label: 'Close', fields: [] },
  cancel: { label: 'Cancel: no incident', fields: [{ ...why, label: 'Why it is none' }] },
  prioritize: {
    label: 'Set priority',
    isDecision: true,
    fields: [
      { name: 'impact', label: 'Impact', type: weights, isOptional: true, isNumber: true },
      { name: 'urgency', label: 'Urgency', type: weights, isOptional: true, isNumber: true },
      {
        name: 'priority',
        label: 'Priority, whatever impact and urgency are',
        type: numbers(5, (priority) => `P${priority}, ${priorityText(priority)}`),
        isOptional: true,
        isNumber: true,
      },
      why,
    ],
  },
  categorize: {
    label: 'Change category',
    isDecision: true,
    fields: [{ name: 'category', label: 'Category', type: choices(CATEGORIES, categoryText) }, why],
  },
  classify: {
    label: 'Judge the harm',
    isDecision: true,
    fields: [
      { name: 'harm', label: 'Harm', type: choices(HARMS) },
      {
        name: 'art349',
        label: 'AI Act, Art. 3(49): it led to',
        type: ARTICLE_3_49.map((value) => ({ value, text: ARTICLE_TEXTS[value] })),
      },
      why,
      person,
    ],
  },
  aware: {
    label: 'Record awareness',
    isDecision: true,
    fields: [{ name: 'at', label: 'Known since, if not just now', type: 'moment', isOptional: true }, person],
  },
};

/** What is chosen already when a form opens. */
export const USUAL: Readonly<Record<string, string>> = { code: 'solution_provided', art349: 'none' };

/**
 * What is sent of a form. @param said  by the names of its fields
 * @param isNamed  whoever sends it has signed in, so that nobody needs to be named
 */
export function bodyOf(
  { fields }: Action,
  said: Readonly<Record<string, string>>,
  isNamed: boolean,
): Record<string, string | number | null> {
  const body: Record<string, string | number | null> = {};
  for (const { name, type, isOptional, isNumber } of fields) {
    const value = (said[name] ?? '').trim();
    if ((type === 'person' && isNamed) || (isOptional === true && value === '')) continue;
    if (isNumber === true) body[name] = value === 'null' ? null : Number(value);
    else body[name] = type === 'moment' ? new Date(value).toISOString() : value;
  }
  return body;
}
