import type { Service } from '../model/config/service.ts';
import { DAY_MS, type Millis } from '../model/time.ts';
import type { Finding } from './findings.ts';
import type { SeenComponent } from './seen-component.ts';
import { standingOf } from './standing.ts';

/** So long before a model ends its owners are told: to choose another one, test it and change over. */
export const RETIRING_DAYS = 90;

/** Models that their provider stops to offer, or has stopped to, on the day that the file writes as `retiresOn`. */
export function retiringModels(service: Service, seen: readonly SeenComponent[], now: Millis): Finding[] {
  return service.models.flatMap((model) => {
    if (model.retiresOn === null) return [];
    const end = Date.parse(model.retiresOn);
    const days = Math.ceil((end - now) / DAY_MS);
    if (days > RETIRING_DAYS) return [];
    const lastDay = seen
      .filter((one) => one.kind === 'model' && standingOf({ ...service, models: [model] }, one) === 'declared')
      .reduce((sum, one) => sum + one.lastDay, 0);
    const name = [model.provider, model.name, model.version].filter((part) => part !== null).join(' ');
    const when =
      days > 0
        ? `ends in ${days === 1 ? '1 day' : `${days} days`}, on ${model.retiresOn}`
        : `has ended on ${model.retiresOn}`;
    return [
      {
        kind: 'retiring_model',
        since: end - RETIRING_DAYS * DAY_MS,
        detail: `${name} ${when}; it was called ${lastDay} times in the last day. What to do: ${lastDay > 0 ? 'change over to another model, and list that one' : 'take it out of spec.models'}`,
        evidence: {
          provider: model.provider,
          name: model.name,
          version: model.version,
          retiresOn: model.retiresOn,
          lastDay,
        },
      },
    ];
  });
}
