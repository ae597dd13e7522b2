import type { z } from 'zod';

/** What of zod's inside is looked at: kinds of schemas that others are wrapped in, and where the inner one is. */
interface Definition {
  readonly type: string;
  readonly shape?: Readonly<Record<string, z.ZodType>>;
  readonly innerType?: z.ZodType;
  readonly in?: z.ZodType;
  readonly element?: z.ZodType;
  readonly valueType?: z.ZodType;
  readonly options?: readonly z.ZodType[];
  readonly discriminator?: string;
  readonly values?: readonly unknown[];
  readonly left?: z.ZodType;
}

const definitionOf = (schema: z.ZodType): Definition => schema._zod.def as unknown as Definition;

/** The schema without what it is wrapped in: defaults, options, transforms. */
function unwrapped(schema: z.ZodType): z.ZodType {
  const { innerType, in: input } = definitionOf(schema);
  const inner = innerType ?? input;
  return inner === undefined ? schema : unwrapped(inner);
}

/** Keys that a map may have at a place of a document; empty where there is no map. @param value  the document's value there */
export function keysAt(schema: z.ZodType, path: readonly PropertyKey[], document: unknown): string[] {
  let candidates = [unwrapped(schema)];
  let value = document;
  for (const key of path) {
    candidates = candidates.flatMap((one) => stepInto(one, key, value));
    value = typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined;
  }
  const maps = candidates.flatMap((one) => variantsFor(one, value));
  return [...new Set(maps.flatMap((one) => Object.keys(definitionOf(one).shape ?? {})))];
}

function stepInto(schema: z.ZodType, key: PropertyKey, value: unknown): z.ZodType[] {
  return variantsFor(schema, value).flatMap((variant) => {
    const { shape, element, valueType } = definitionOf(variant);
    const next = shape?.[String(key)] ?? element ?? valueType;
    return next === undefined ? [] : [unwrapped(next)];
  });
}

/** The branches of a union that a value can be meant for. */
function variantsFor(schema: z.ZodType, value: unknown): z.ZodType[] {
  const { options, discriminator } = definitionOf(schema);
  if (options === undefined) return [schema];
  const variants = options.map(unwrapped);
  if (discriminator === undefined) return variants.flatMap((one) => variantsFor(one, value));
  const name = (value as Record<string, unknown> | null)?.[discriminator];
  const named = variants.filter((one) => discriminatorsOf(one, discriminator).includes(name));
  return named.length > 0 ? named : variants;
}

const discriminatorsOf = (schema: z.ZodType, discriminator: string): readonly unknown[] => {
  const literal = definitionOf(schema).shape?.[discriminator];
  return literal === undefined ? [] : (definitionOf(unwrapped(literal)).values ?? []);
};

/** Values that the discriminator of the union at a place may have; empty where there is none. */
export function discriminatorValues(schema: z.ZodType, path: readonly PropertyKey[], document: unknown): string[] {
  let candidates = [unwrapped(schema)];
  let value = document;
  for (const key of path) {
    candidates = candidates.flatMap((one) => stepInto(one, key, value));
    value = typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined;
  }
  return candidates.flatMap((one) => {
    const { options, discriminator } = definitionOf(one);
    if (options === undefined || discriminator === undefined) return [];
    return options.map(unwrapped).flatMap((variant) => discriminatorsOf(variant, discriminator).map(String));
  });
}
