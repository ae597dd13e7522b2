// Reads a golden file and compares what src/ answers with what the file expects.
import { z } from 'zod';
import { type Json, SECTIONS } from './golden-sections.ts';

const GoldenFile = z.object({
  sections: z.record(
    z.string(),
    z.object({
      doc: z.string().optional(),
      tolerance: z.object({ abs: z.number().min(0), rel: z.number().min(0) }),
      cases: z.array(z.object({ id: z.string(), in: z.unknown(), out: z.unknown() })),
    }),
  ),
});

export interface Tolerance {
  readonly abs: number;
  readonly rel: number;
}

export interface Failure {
  readonly id: string;
  /** Where in the output, and what was got and wanted there. */
  readonly differences: readonly string[];
}

export interface GoldenResult {
  readonly passed: number;
  readonly failures: readonly Failure[];
  /** Sections nothing here answers, with their number of cases. */
  readonly unknown: readonly { readonly section: string; readonly cases: number }[];
}

/** @throws Error that says what is wrong with the file */
export function runGolden(text: string): GoldenResult {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw new Error(`not JSON: ${error instanceof Error ? error.message : error}`);
  }
  const file = GoldenFile.safeParse(parsed);
  if (!file.success) throw new Error(`not a golden file:\n${z.prettifyError(file.error)}`);
  let passed = 0;
  const failures: Failure[] = [];
  const unknown: { section: string; cases: number }[] = [];
  for (const [section, { cases, tolerance }] of Object.entries(file.data.sections)) {
    const answer = Object.hasOwn(SECTIONS, section) ? SECTIONS[section] : undefined;
    if (answer === undefined) {
      unknown.push({ section, cases: cases.length });
      continue;
    }
    for (const { id, in: input, out } of cases) {
      const differences = judge(() => answer(input), out as Json, tolerance);
      if (differences.length === 0) passed++;
      else failures.push({ id, differences });
    }
  }
  return { passed, failures, unknown };
}

function judge(answer: () => Json, want: Json, tolerance: Tolerance): string[] {
  try {
    return compare(answer(), want, tolerance, '');
  } catch (error) {
    return [`threw ${error}, wanted ${brief(want)}`];
  }
}

/**
 * Numbers agree within abs + rel |want|, two integers only when they are equal; all else is exact. Fields that nobody asked for are no fault.
 */
export function compare(got: Json | undefined, want: Json, tolerance: Tolerance, path: string): string[] {
  const wrong = [`${path === '' ? '' : `${path}: `}got ${brief(got)}, want ${brief(want)}`];
  if (typeof want === 'number') return typeof got === 'number' && agree(got, want, tolerance) ? [] : wrong;
  if (want === null || typeof want !== 'object') return got === want ? [] : wrong;
  if (Array.isArray(want)) {
    if (!Array.isArray(got) || got.length !== want.length) return wrong;
    return want.flatMap((item: Json, i) => compare(got[i] as Json, item, tolerance, `${path}[${i}]`));
  }
  if (got === null || typeof got !== 'object' || Array.isArray(got)) return wrong;
  const fields = got as { readonly [key: string]: Json };
  return Object.entries(want).flatMap(([key, item]) =>
    Object.hasOwn(fields, key)
      ? compare(fields[key], item as Json, tolerance, path === '' ? key : `${path}.${key}`)
      : [`${path === '' ? key : `${path}.${key}`}: missing, want ${brief(item as Json)}`],
  );
}

function agree(got: number, want: number, { abs, rel }: Tolerance): boolean {
  if (Number.isInteger(got) && Number.isInteger(want)) return got === want;
  return Math.abs(got - want) <= abs + rel * Math.abs(want);
}

const brief = (value: Json | undefined): string => {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 200 ? `${text.slice(0, 200)}...` : text;
};
