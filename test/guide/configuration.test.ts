import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { editorSchema, keysOf, PAGE, rowsOf, SCHEMA, schemaOf, schemaText } from '../../scripts/config-schema.ts';
import { KINDS } from '../../src/model/config/document.ts';
import { CATEGORIES } from '../../src/model/taxonomy.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const page = readFileSync(PAGE, 'utf8');
const rows = rowsOf(page);
const keys = KINDS.flatMap((kind) => keysOf(kind, schemaOf(kind)));
const named = ({ section, path }: { section: string; path: string }): string => `${section}: ${path}`;

describe('docs/guide/configuration.md', () => {
  it('walks schemas with keys of every depth', () => {
    expect(keys.map(named)).toEqual(
      expect.arrayContaining([
        'Deployment: spec.retention.regulated.interactions',
        'Deployment webhook: spec.sinks[].secret',
        'Service: spec.evaluations.<name>.pass',
        'Service: spec.slices[].attribute',
        'Objective composite: spec.measure.of[].weight',
      ]),
    );
  });

  it('has a row for every key, and for no other', () => {
    expect(rows.map(named).toSorted()).toEqual([...new Set(keys.map(named))].toSorted());
  });

  it('says of each key the default that holds', () => {
    const written = Object.fromEntries(
      rows.map((row) => [named(row), row.default.startsWith('`') ? parse(row.default.slice(1, -1)) : row.default]),
    );
    // What is made into something else loses its default in the schema: lists and records that are left out are empty.
    const absent = ({ schema }: (typeof keys)[number]): unknown =>
      schema.type === 'array' ? [] : typeof schema.additionalProperties === 'object' ? {} : 'none';
    const holds = keys.map((key) => [named(key), key.isRequired ? 'required' : (key.default ?? absent(key))]);
    expect(written).toEqual(Object.fromEntries(holds));
  });

  it('has every value that may be chosen from a closed list, categories aside', () => {
    const missing = keys.flatMap((key) => {
      const { enum: own } = key.schema as { enum?: string[] };
      const { enum: items } = (key.schema.items ?? {}) as { enum?: string[] };
      const anyOf = (key.schema.items?.anyOf ?? []).flatMap((one) => (one as { enum?: string[] }).enum ?? []);
      const values = [...(own ?? []), ...(items ?? []), ...anyOf].filter(
        (value) => !CATEGORIES.includes(value as never),
      );
      const line = page
        .split('\n')
        .find(
          (text) => text.startsWith(`| \`${key.path}\` `) && values.every((value) => text.includes(`\`${value}\``)),
        );
      return line === undefined ? [`${named(key)}: ${values.join(', ')}`] : [];
    });
    expect(missing).toEqual([]);
  });
});

describe('the schema for editors', () => {
  it('is what `npm run schema` writes', () => {
    expect(readFileSync(SCHEMA, 'utf8')).toBe(schemaText());
  });

  const { $defs } = editorSchema(page) as { $defs: Record<string, z.core.JSONSchema.BaseSchema> };
  const documentsOf = (file: string): unknown[] =>
    parseAllDocuments(readFileSync(file, 'utf8')).map((document) => document.toJS());
  const schemaFor = (document: unknown): z.ZodType => z.fromJSONSchema($defs[(document as { kind: string }).kind]!);

  it('accepts the examples', () => {
    const files = readdirSync(join(ROOT, 'examples/services')).map((name) => join(ROOT, 'examples/services', name));
    for (const document of [join(ROOT, 'plimsoll.example.yaml'), ...files].flatMap(documentsOf))
      expect(schemaFor(document).safeParse(document).error?.issues ?? []).toEqual([]);
  });

  it.each([
    ['an unknown key', (spec: Record<string, unknown>) => ({ ...spec, targt: 0.9 })],
    ['a measure that is not known', (spec: Record<string, unknown>) => ({ ...spec, measure: { type: 'speed' } })],
    ['a missing limit', (spec: Record<string, unknown>) => ({ ...spec, measure: { type: 'latency' } })],
  ])('refuses %s', (_what, broken) => {
    const documents = documentsOf(join(ROOT, 'examples/services/support-bot.yaml')) as {
      spec: Record<string, unknown>;
    }[];
    const objective = documents[1]!;
    expect(schemaFor(objective).safeParse({ ...objective, spec: broken(objective.spec) }).success).toBe(false);
  });
});
