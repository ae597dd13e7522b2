import { z } from 'zod';
import { map } from './document.ts';
import { text } from './fields.ts';

/** A table of ServiceNow. */
const table = z
  .string({ error: 'expected the name of a table' })
  .regex(/^[a-z][a-z0-9_]{0,79}$/, 'expected the name of a table, like cmdb_ci_service_auto');
/** `Parent's word::child's word`. */
const relation = z
  .string({ error: 'expected the name of a relation' })
  .regex(/^[^:]+::[^:]+$/, 'expected a relation like Depends on::Used by');

/** How the inventory is called in a CMDB: tables differ by what is installed there, so that none of them is certain. */
export const cmdb = map({
  /** What the CMDB knows Plimsoll by (`sysparm_data_source`). */
  source: text.default('Plimsoll'),
  tables: map({
    service: table.default('cmdb_ci_service_auto'),
    model: table.default('cmdb_ci_ai_model_deployment'),
    agent: table.default('cmdb_ci_function_ai'),
    tool: table.default('cmdb_ci_appl'),
    vectorStore: table.default('cmdb_ci_appl'),
    external: table.default('cmdb_ci_appl'),
  }).prefault({}),
  relation: relation.default('Depends on::Used by'),
});
export type Cmdb = z.output<typeof cmdb>;
