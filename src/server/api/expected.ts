import type { z } from 'zod';

/** What should stand where something else does, in words for whoever wrote it. */
export const expectedText = (issue: z.core.$ZodIssue): string =>
  issue.code === 'invalid_value' && issue.message.startsWith('Invalid')
    ? `expected one of ${issue.values.map(String).join(', ')}`
    : issue.message;
