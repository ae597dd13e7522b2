// npm run schema: writes docs/guide/schema/plimsoll.schema.json, for editors; a test compares the file with what this makes.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { Deployment } from '../src/model/config/deployment.ts';
import { KINDS } from '../src/model/config/document.ts';
import { Objective } from '../src/model/config/objective.ts';
import { Service } from '../src/model/config/service.ts';

const ROOT = resolve(import.meta.dirname, '..');
export const PAGE = resolve(ROOT, 'docs/guide/configuration.md');
export const SCHEMA = resolve(ROOT, 'docs/guide/schema/plimsoll.schema.json');

/** The part of JSON Schema that zod writes for our files. */
export interface JsonSchema {
  description?: string;
  default?: unknown;
  const?: unknown;
  type?: string;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  additionalProperties?: boolean | JsonSchema;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
}

/** A key that may be written. */
export interface Key {
  /** Of the document, and of the map it is in where maps of several types have a place: `Objective latency`. */
  readonly section: string;
  /** `spec.models[].name`; `<name>` stands for names that people choose. */
  readonly path: string;
  readonly isRequired: boolean;
  /** undefined: it has none. */
  readonly default: unknown;
  readonly schema: JsonSchema;
}

export const schemaOf = (kind: (typeof KINDS)[number]): JsonSchema =>
  z.toJSONSchema({ Deployment, Service, Objective }[kind], { io: 'input' }) as JsonSchema;

/** All keys of a map. One that only groups others is not named for itself. */
export function keysOf(section: string, schema: JsonSchema, path = '', given: unknown = undefined): Key[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, child]) => {
    const at = path === '' ? name : `${path}.${name}`;
    const value = (given as Record<string, unknown> | undefined)?.[name] ?? child.default;
    const isRequired = schema.required?.includes(name) === true && value === undefined;
    const isGroup = child.properties !== undefined && (isRequired || value !== undefined);
    const isChoice = (child.oneOf ?? []).length > 0;
    const own = { section, path: at, isRequired, default: value, schema: child };
    return [...(isGroup || isChoice ? [] : [own]), ...keysInside(section, child, at, value)];
  });
}

function keysInside(section: string, schema: JsonSchema, path: string, given: unknown): Key[] {
  const { items, additionalProperties } = schema;
  if (schema.oneOf !== undefined)
    return schema.oneOf.flatMap((one) => keysOf(`${section} ${one.properties?.['type']?.const}`, one, path));
  if (items !== undefined) return keysInside(section, items, `${path}[]`, undefined);
  if (typeof additionalProperties === 'object') return keysOf(section, additionalProperties, `${path}.<name>`);
  return [schema, ...(schema.anyOf ?? [])].flatMap((one) => keysOf(section, one, path, given));
}

/** A row of the page: what it says of one key. */
export interface Row {
  readonly section: string;
  readonly path: string;
  readonly default: string;
  readonly meaning: string;
}

export function rowsOf(page: string): Row[] {
  let document = '';
  let section = '';
  return page.split('\n').flatMap((line) => {
    const heading = /^## (\w+)$/.exec(line)?.[1];
    const type = /^### .*`type: (\w+)`$/.exec(line)?.[1];
    if (heading !== undefined) {
      document = heading;
      section = heading;
    } else if (type !== undefined) section = `${document} ${type}`;
    const row = /^\| `([^`]+)` *\|[^|]*\| *([^|]*?) *\| *([^|]*?) *\|$/.exec(line);
    return row === null ? [] : [{ section, path: row[1]!, default: row[2]!, meaning: row[3]! }];
  });
}

/** The schema of all documents, with the descriptions of the page. */
export function editorSchema(page: string): object {
  const rows = new Map(rowsOf(page).map((row) => [`${row.section} ${row.path}`, row]));
  const definitions = Object.fromEntries(
    KINDS.map((kind) => {
      const { $schema: _, ...schema } = schemaOf(kind) as JsonSchema & { $schema?: string };
      for (const key of keysOf(kind, schema)) {
        const meaning = rows
          .get(`${key.section} ${key.path}`)
          ?.meaning.replace(' †', ' (Not acted on in this version.)');
        const both = [meaning, key.schema.description].filter((text) => text !== undefined && text !== '');
        if (both.length > 0) key.schema.description = both.join(' ');
      }
      return [kind, schema];
    }),
  );
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'A file of Plimsoll',
    type: 'object',
    properties: { kind: { enum: KINDS } },
    required: ['kind'],
    allOf: KINDS.map((kind) => ({
      if: { properties: { kind: { const: kind } }, required: ['kind'] },
      // biome-ignore lint/suspicious/noThenProperty: a word of JSON Schema
      then: { $ref: `#/$defs/${kind}` },
    })),
    $defs: definitions,
  };
}

export const schemaText = (): string => `${JSON.stringify(editorSchema(readFileSync(PAGE, 'utf8')), null, 1)}\n`;

if (process.argv[1] === import.meta.filename) {
  mkdirSync(dirname(SCHEMA), { recursive: true });
  writeFileSync(SCHEMA, schemaText());
  console.log(`${SCHEMA} written`);
}
