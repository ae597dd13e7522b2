import type { Actor } from '../../model/incident.ts';
import type { RemoteEvent } from '../../sinks/inbound.ts';

/** `pd/PABC123`: who it is there, and where that is. */
export const actorOf = (sink: string, { by }: Pick<RemoteEvent, 'by'>): Actor => ({
  kind: 'sink',
  id: by === null ? sink : `${sink}/${by.id}`,
  ...(by?.name != null && { name: by.name }),
});
