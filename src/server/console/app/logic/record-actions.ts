import type { Action } from './actions.ts';

/** What whoever answers for a service does to its record. */
export const RECORD_ACTIONS: Readonly<Record<string, Action>> = {
  confirm: {
    label: 'Confirm the record',
    fields: [
      { name: 'person', label: 'Who has looked through it', type: 'person' },
      { name: 'reason', label: 'Note', type: 'lines', isOptional: true },
    ],
  },
};
