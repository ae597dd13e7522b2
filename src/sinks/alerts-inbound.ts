import { z } from 'zod';
import { plainText } from '../model/plain-text.ts';
import { HookFault, type HookRequest, jsonOf, type RemoteEvent, written } from './inbound.ts';

const labels = z.record(z.string(), z.string());
const notification = z.object({
  alerts: z
    .array(
      z.object({
        status: z.string(),
        labels,
        annotations: labels.nullish(),
        startsAt: z.string().nullish(),
        endsAt: z.string().nullish(),
        fingerprint: z.string().nullish(),
      }),
    )
    .max(1000),
});

/**
 * What Alertmanager, or the alerting of Grafana, notifies of: alerts of others. One that names a service, and maybe an objective, is
 * noted on what is open there; ours come back too, where somebody routes them so, and are left alone. Throws `HookFault`.
 */
export function alertEvents(request: HookRequest): RemoteEvent[] {
  const parsed = notification.safeParse(jsonOf(request));
  if (!parsed.success) throw new HookFault('it is not a notification with alerts');
  return parsed.data.alerts.flatMap(({ status, labels: { service, incident, ...others }, annotations, ...alert }) => {
    if (service === undefined || service === '' || (incident ?? '') !== '') return [];
    const { alertname = 'an alert', objective, environment } = others;
    const isFiring = status !== 'resolved';
    const at = Date.parse((isFiring ? alert.startsAt : alert.endsAt) ?? '');
    const summary = annotations?.['summary'] ?? annotations?.['description'] ?? '';
    const said = `${plainText(alertname, 200)} ${isFiring ? 'is firing' : 'is over'}${summary === '' ? '' : `: ${summary}`}`;
    return [
      {
        id: `${alert.fingerprint ?? plainText(JSON.stringify(others), 100)}:${status}:${alert.startsAt ?? ''}`.slice(
          0,
          200,
        ),
        about: { service, objective: objective ?? null, environment: environment ?? null },
        at: Number.isFinite(at) ? at : null,
        by: null,
        acts: [{ type: 'remark', text: written(said).slice(0, 1000) }],
      },
    ];
  });
}
