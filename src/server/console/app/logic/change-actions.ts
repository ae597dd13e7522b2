import { REVIEW_RESULTS } from '../../../../model/change.ts';
import type { Action, Field } from './actions.ts';
import { wordsOf } from './format.ts';

const reason: Field = { name: 'reason', label: 'Why', type: 'lines' };
const person: Field = { name: 'person', label: 'Who says so', type: 'person', isOptional: true };

/** What people judge of a change; what is done to it, its pipeline says. */
export const CHANGE_ACTIONS: Readonly<Record<string, Action>> = {
  assess: { label: 'Assess', fields: [reason, person] },
  approve: {
    label: 'Approve',
    fields: [{ name: 'comment', label: 'What to know', type: 'lines', isOptional: true }, person],
  },
  reject: { label: 'Reject', fields: [reason, person] },
  review: {
    label: 'Sign the review',
    fields: [
      {
        name: 'result',
        label: 'Result',
        type: [
          { value: '', text: 'as the review says' },
          ...REVIEW_RESULTS.map((value) => ({ value, text: wordsOf(value) })),
        ],
        isOptional: true,
      },
      { name: 'notes', label: 'What was found', type: 'lines' },
      person,
    ],
  },
};
