import { z } from 'zod';
import { refuse } from './fields.ts';

export const PASS_OPERATORS = ['>=', '>', '<=', '<'] as const;

/** Which raw scores are good. */
export interface PassMark {
  readonly op: (typeof PASS_OPERATORS)[number];
  readonly value: number;
}

const PASS_MARK = /^(>=|<=|>|<)\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)$/;
const EXPECTED = 'expected a pass mark like ">= 0.7"';

/** `">= 0.7"`; in quotes, since YAML gives a leading > a meaning of its own. */
export const passMark = z.string({ error: EXPECTED }).transform((written, context): PassMark => {
  const match = PASS_MARK.exec(written.trim());
  const value = Number(match?.[2]);
  if (match === null || !Number.isFinite(value)) return refuse(context, EXPECTED);
  return { op: match[1] as PassMark['op'], value };
});
