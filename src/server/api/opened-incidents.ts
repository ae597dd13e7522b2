import type { ServiceScope } from '../../model/access.ts';
import { type Incident, storedIncident } from '../../model/incident.ts';
import type { Millis } from '../../model/time.ts';
import { breather } from '../breathe.ts';
import type { ApiContext } from './context.ts';

/** Records read at a time. */
const PAGE = 500;

export interface Opened {
  readonly from: Millis;
  /** Exclusive. */
  readonly to: Millis;
  readonly service?: string | undefined;
  readonly environment?: string | undefined;
  /** Services that whoever asks may see; null: all. */
  readonly scope: ServiceScope;
}

/** What of the incidents that were opened in a time matters, oldest first; whatever else wants to be done is done in between. */
export async function openedIncidents<T>(
  { records }: Pick<ApiContext, 'records'>,
  { from, to, service, environment, scope }: Opened,
  pick: (incident: Incident) => T,
): Promise<T[]> {
  const picked: T[] = [];
  const breath = breather();
  for (let after = 0; ; ) {
    let select = records
      .selectFrom('incident')
      .select(['number', 'record'])
      .where('number', '>', after)
      .where('opened_at', '>=', from)
      .where('opened_at', '<', to)
      .orderBy('number')
      .limit(PAGE);
    if (service !== undefined) select = select.where('service', '=', service);
    if (environment !== undefined) select = select.where('environment', '=', environment);
    if (scope !== null) select = select.where('service', 'in', [...scope]);
    const rows = await select.execute();
    for (const { record } of rows) {
      picked.push(pick(storedIncident(record)));
      await breath();
    }
    if (rows.length < PAGE) return picked;
    after = rows.at(-1)!.number;
  }
}
