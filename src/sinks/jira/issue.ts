import { z } from 'zod';
import type { Incident, IncidentState, Priority } from '../../model/incident.ts';
import { plainText } from '../../model/plain-text.ts';
import { openingText } from '../ticket-text.ts';
import { documentOf } from './adf.ts';

/** What statuses, whose names differ from workflow to workflow, have in common everywhere. */
export type Category = 'new' | 'indeterminate' | 'done';

const CATEGORIES: Readonly<Record<IncidentState, Category>> = {
  new: 'new',
  in_progress: 'indeterminate',
  on_hold: 'indeterminate',
  resolved: 'done',
  closed: 'done',
  cancelled: 'done',
};
export const categoryOf = ({ state }: Pick<Incident, 'state'>): Category => CATEGORIES[state];

/** Of Jira's default scheme. */
export const PRIORITIES: Readonly<Record<Priority, string>> = {
  1: 'Highest',
  2: 'High',
  3: 'Medium',
  4: 'Low',
  5: 'Lowest',
};
export const priorityField = (priority: Priority): object => ({ priority: { name: PRIORITIES[priority] } });

export interface Where {
  readonly project: string;
  readonly issueType: string;
}

/** The body of `POST /rest/api/3/issue`, but for the priority. */
export const openingFields = (incident: Incident, id: string, where: Where, consoleUrl: string): object => ({
  project: { key: where.project },
  issuetype: { name: where.issueType },
  summary: plainText(incident.title, 255) || incident.id,
  description: documentOf(openingText(incident, consoleUrl)),
  labels: ['plimsoll', id],
});

const field = z.object({
  required: z.boolean().default(false),
  hasDefaultValue: z.boolean().default(false),
  allowedValues: z.array(z.object({ id: z.string() })).optional(),
});
export const transitions = z.object({
  transitions: z.array(
    z.object({
      id: z.string(),
      to: z.object({ statusCategory: z.object({ key: z.string() }) }),
      isAvailable: z.boolean().default(true),
      fields: z.record(z.string(), field).default({}),
    }),
  ),
});
export type Transition = z.output<typeof transitions>['transitions'][number];

/** The transition to take, and what it asks for; null: none that we could fill in leads there. */
export function transitionTo(category: Category, offered: readonly Transition[]): object | null {
  for (const { id, to, isAvailable, fields } of offered) {
    if (!isAvailable || to.statusCategory.key !== category) continue;
    const asked = Object.entries(fields).filter(([, { required, hasDefaultValue }]) => required && !hasDefaultValue);
    if (asked.length === 0) return { transition: { id } };
    const resolution = fields['resolution']?.allowedValues?.[0];
    if (asked.length === 1 && asked[0]![0] === 'resolution' && resolution !== undefined)
      return { transition: { id }, fields: { resolution: { id: resolution.id } } };
  }
  return null;
}

/** Where to go on the way, when no transition leads to where it should be. */
export const stepTowards: Readonly<Record<Category, Category>> = {
  new: 'new',
  indeterminate: 'new',
  done: 'indeterminate',
};
