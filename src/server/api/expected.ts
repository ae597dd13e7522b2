import type { z } from 'zod';

/** What should stand where something else does, in words for whoever wrote it. */
export function expectedText(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_value' && issue.message.startsWith('Invalid'))
    return `expected one of ${issue.values.map(String).join(', ')}`;
  return issue.message.endsWith('received undefined') ? 'is missing' : issue.message;
}
