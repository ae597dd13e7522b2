import { z } from 'zod';
import { map } from './document.ts';
import { refuse, text } from './fields.ts';

/** Dimensions that are known of every interaction. */
export const BUILT_IN_DIMENSIONS = [
  'response_model',
  'request_model',
  'provider',
  'operation',
  'agent',
  'prompt_name',
  'prompt_version',
  'service_version',
  'finish_class',
  'error_class',
] as const;
export const DEFAULT_DIMENSIONS = ['response_model', 'prompt_version', 'agent', 'operation'] as const;

/** What a service's traffic is sliced by. */
export interface SliceDimension {
  readonly name: string;
  /** The attribute that it is read from; null for a built-in dimension. Of `prompt_version`: where telemetry names none. */
  readonly attribute: string | null;
}

const BUILT_IN: ReadonlySet<string> = new Set(BUILT_IN_DIMENSIONS);
/** Who somebody is, as instrumentations name it: never a slice. */
const PERSONAL = /(^|[._])(user|enduser|person|customer)[._](id|hash|name|full_name|email)$|^(user|user_?id|email)$/i;

/** Built in, and may be read from an attribute as well: applications have names of their own for it. */
export const PROMPT_VERSION = 'prompt_version';

const declared = map({ name: text, attribute: text }).transform((dimension, context): SliceDimension => {
  if (BUILT_IN.has(dimension.name) && dimension.name !== PROMPT_VERSION)
    return refuse(context, `${dimension.name} is built in`, { hint: `write ${dimension.name} alone` }, ['name']);
  if (PERSONAL.test(dimension.attribute))
    return refuse(
      context,
      'a person is never a slice',
      { hint: 'slice by something that many people share: a tenant, a plan, a region' },
      ['attribute'],
    );
  return dimension;
});
const builtIn = z.enum(BUILT_IN_DIMENSIONS).transform((name): SliceDimension => ({ name, attribute: null }));

/** `prompt_version`, or `{name: tenant, attribute: app.tenant.id}`. */
export const dimension = z.union([builtIn, declared], { error: 'expected a dimension' });
