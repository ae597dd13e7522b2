import { ROOT_CAUSES } from '../../../../model/problem.ts';
import type { Action, Field } from './actions.ts';
import { wordsOf } from './format.ts';

const why: Field = { name: 'reason', label: 'Why', type: 'lines' };

/** What people do to a problem, in the order of its life, and what has to be said with it. */
export const PROBLEM_ACTIONS: Readonly<Record<string, Action>> = {
  assess: { label: 'Assess', fields: [] },
  analyse: { label: 'Look for the cause', fields: [] },
  confirm: {
    label: 'Confirm the cause',
    fields: [
      {
        name: 'cause',
        label: 'Cause',
        type: ROOT_CAUSES.map((cause) => ({ value: cause, text: wordsOf(cause) })),
      },
      { name: 'slice', label: 'Slice, if not the proposed one', type: 'text', isOptional: true },
      why,
    ],
  },
  workaround: {
    label: 'Say what helps',
    fields: [{ name: 'text', label: 'What helps until it is mended: every destination is told', type: 'lines' }],
  },
  fix: {
    label: 'Mend it',
    fields: [
      { name: 'change', label: 'By which change', type: 'text', isOptional: true },
      { name: 'notes', label: 'How', type: 'lines', isOptional: true },
    ],
  },
  resolve: { label: 'Resolve', fields: [{ name: 'notes', label: 'What was done', type: 'lines' }] },
  reopen: { label: 'The fix has failed', fields: [why] },
  close: { label: 'Close: the fix has held', fields: [] },
  accept: {
    label: 'Bear the risk',
    fields: [{ name: 'until', label: 'Until when', type: 'moment' }, why],
  },
  link: { label: 'Add an incident', fields: [{ name: 'incident', label: 'Which', type: 'text' }] },
  unlink: { label: 'Take an incident out', fields: [{ name: 'incident', label: 'Which', type: 'text' }, why] },
  duplicate: { label: 'It is a duplicate', fields: [{ name: 'of', label: 'Of which problem', type: 'text' }] },
  note: { label: 'Add a note', fields: [{ name: 'text', label: 'Note', type: 'lines' }] },
  cancel: { label: 'Cancel: no problem', fields: [{ ...why, label: 'Why it is none' }] },
};
