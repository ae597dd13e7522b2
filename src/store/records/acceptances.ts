import type { Acceptance } from '../../incidents/escalation.ts';
import type { Escalation } from '../../model/escalation.ts';
import type { Incident } from '../../model/incident.ts';
import type { Records } from './records.ts';

/** Incidents that are asked about at once. */
const AT_ONCE = 500;

/** A call that is not known to have reached anybody yet; null: none is open. */
export function openCall({ escalation }: Incident): Escalation['calls'][number] | null {
  const call = escalation?.ended === null && escalation.step >= 0 ? (escalation.calls.at(-1) ?? null) : null;
  return call?.acceptedAt === null ? call : null;
}

/** Who took the open calls of incidents first, by incident. */
export async function readAcceptances(
  records: Records,
  incidents: readonly Incident[],
): Promise<Map<string, Acceptance>> {
  const found = new Map<string, Acceptance>();
  const calls = new Map(
    incidents.flatMap((incident) => {
      const call = openCall(incident);
      return call === null ? [] : [[incident.id, call] as const];
    }),
  );
  const ids = [...calls.keys()];
  for (let i = 0; i < ids.length; i += AT_ONCE) {
    const some = ids.slice(i, i + AT_ONCE);
    const sinks = [...new Set(some.flatMap((id) => calls.get(id)!.sinks))];
    const rows = await records
      .selectFrom('outbox')
      .select(['incident', 'sink', 'seq', 'settled_at'])
      .where('sink', 'in', sinks)
      .where('incident', 'in', some)
      .where('state', '=', 'delivered')
      .orderBy('settled_at')
      .orderBy('sink')
      .execute();
    for (const { incident, sink, seq, settled_at } of rows) {
      const call = calls.get(incident)!;
      if (settled_at === null || seq < call.seq || !call.sinks.includes(sink) || found.has(incident)) continue;
      found.set(incident, { at: settled_at, sink });
    }
  }
  return found;
}
