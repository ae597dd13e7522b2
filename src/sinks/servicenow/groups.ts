import type { SinkContext } from '../sink.ts';
import { ask } from '../steps.ts';
import { doorOf, type ServiceNowOptions } from './door.ts';
import { SYS_ID } from './record.ts';

/** Those that are sys_ids of no group: a record would take them without a word, and nobody would be asked to look at it. Throws `Failed`. */
export async function unknownGroups(
  groups: readonly string[],
  context: SinkContext<ServiceNowOptions>,
): Promise<string[]> {
  const door = await doorOf(context);
  const unknown: string[] = [];
  for (const group of groups) {
    if (!SYS_ID.test(group)) continue;
    const url = `${door.url}/api/now/table/sys_user_group/${group}?sysparm_fields=sys_id`;
    if ((await ask(door, { method: 'GET', url, headers: door.headers })) === null) unknown.push(group);
  }
  return unknown;
}
