import type { z } from 'zod';
import type { IssueDetail } from '../../model/config/fields.ts';
import { LATER_SINKS } from '../../model/config/sink.ts';
import { suggestion } from './nearest.ts';
import { type ConfigProblem, pathText, shown } from './problem.ts';
import { discriminatorValues, keysAt } from './schema-keys.ts';

type Issue = z.core.$ZodIssue;

/** Where something stands in a file. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export interface IssueContext {
  readonly file: string;
  readonly schema: z.ZodType;
  readonly document: unknown;
  /** Of a value; of its key with `ofKey`; of the nearest thing above that is there. */
  readonly positionOf: (path: readonly PropertyKey[], ofKey?: boolean) => Position;
}

/** What zod says, in the words of whoever wrote the file. */
export const problemsOf = (issues: readonly Issue[], context: IssueContext): ConfigProblem[] =>
  issues.flatMap((issue) => problemsOfIssue(issue, [], context));

function problemsOfIssue(issue: Issue, above: readonly PropertyKey[], context: IssueContext): ConfigProblem[] {
  const path = [...above, ...issue.path];
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(path, key, context));
  if (issue.code === 'invalid_union') return ofUnion(issue, path, context);
  if (issue.code === 'custom') {
    const detail = (issue.params ?? {}) as IssueDetail;
    return [
      problem(
        context,
        path,
        issue.message,
        detail.hint ?? null,
        detail.code ?? codeFor(path, context),
        detail.secret === true,
      ),
    ];
  }
  if (!isThere(path, context)) {
    const key = path.at(-1);
    return [
      problem(
        context,
        path,
        `missing key ${JSON.stringify(String(key))}: ${issue.message}`,
        null,
        'PLIM_CONFIG_MISSING_KEY',
        true,
      ),
    ];
  }
  const hint =
    issue.code === 'invalid_value' ? suggestion(String(valueAt(path, context)), issue.values.map(String)) : null;
  const message =
    issue.code === 'invalid_value' && issue.message.startsWith('Invalid') ? 'unknown value' : issue.message;
  return [problem(context, path, message, hint, 'PLIM_CONFIG_INVALID_VALUE', false)];
}

function unknownKey(path: readonly PropertyKey[], key: string, context: IssueContext): ConfigProblem {
  const { line, column } = context.positionOf([...path, key], true);
  const known = keysAt(context.schema, path, context.document);
  return {
    file: context.file,
    line,
    column,
    path: pathText([...path, key]),
    found: null,
    message: `unknown key ${JSON.stringify(key)}`,
    hint: suggestion(key, known),
    code: 'PLIM_CONFIG_UNKNOWN_KEY',
  };
}

/** Of a union only the branch that was meant is told of: the one its type names, else the one that came furthest. */
function ofUnion(
  issue: Extract<Issue, { code: 'invalid_union' }>,
  path: readonly PropertyKey[],
  context: IssueContext,
): ConfigProblem[] {
  const { discriminator } = issue as { discriminator?: string };
  if (discriminator !== undefined) return [unknownType(path, discriminator, context)];
  const branches = issue.errors.filter((errors) => errors.length > 0);
  const best = branches.toSorted((a, b) => depthOf(b) - depthOf(a) || a.length - b.length)[0];
  if (best === undefined || depthOf(best) === 0)
    return [problem(context, path, issue.message, null, 'PLIM_CONFIG_INVALID_VALUE', false)];
  return best.flatMap((one) => problemsOfIssue(one as Issue, path, context));
}

/** @param path  of the discriminator itself, or of the map that should hold it */
function unknownType(path: readonly PropertyKey[], discriminator: string, context: IssueContext): ConfigProblem {
  const map = path.at(-1) === discriminator ? path.slice(0, -1) : path;
  const names = discriminatorValues(context.schema, map, context.document);
  const place = [...map, discriminator];
  const type = valueAt(place, context);
  if (type === undefined)
    return problem(
      context,
      map,
      `missing key "${discriminator}"`,
      `one of ${names.join(', ')}`,
      'PLIM_CONFIG_MISSING_KEY',
      true,
    );
  if (LATER_SINKS.includes(String(type)) && names.includes('webhook'))
    return problem(
      context,
      place,
      `${type} is not in this version`,
      `known are: ${names.join(', ')}`,
      'PLIM_CONFIG_NOT_IN_THIS_VERSION',
      false,
    );
  return problem(
    context,
    place,
    `unknown ${discriminator}`,
    suggestion(String(type), names),
    'PLIM_CONFIG_INVALID_VALUE',
    false,
  );
}

const depthOf = (issues: readonly { path: PropertyKey[]; code?: string | undefined }[]): number =>
  Math.max(...issues.map((issue) => issue.path.length + (issue.code === 'unrecognized_keys' ? 1 : 0)));

function problem(
  context: IssueContext,
  path: readonly PropertyKey[],
  message: string,
  hint: string | null,
  code: string,
  isSecret: boolean,
): ConfigProblem {
  const found = isSecret || mayBeSecret(path) ? null : shown(valueAt(path, context));
  return { file: context.file, ...context.positionOf(path), path: pathText(path), found, message, hint, code };
}

/** Of a destination everything but what it is called and what it is: an address may be a key, and a key stand in the wrong place. */
const mayBeSecret = (path: readonly PropertyKey[]): boolean =>
  (path[0] === 'spec' && path[1] === 'sinks' && !['name', 'type'].includes(String(path[3]))) ||
  /secret|token|password|apikey/i.test(String(path.at(-1)));

const codeFor = (path: readonly PropertyKey[], context: IssueContext): string =>
  isThere(path, context) ? 'PLIM_CONFIG_INVALID_VALUE' : 'PLIM_CONFIG_MISSING_KEY';

function valueAt(path: readonly PropertyKey[], { document }: IssueContext): unknown {
  let value = document;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return value;
}

const isThere = (path: readonly PropertyKey[], context: IssueContext): boolean => valueAt(path, context) !== undefined;
