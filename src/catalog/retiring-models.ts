import type { Service } from '../model/config/service.ts';
import { PUBLISHED_RETIREMENTS } from '../model/retirements/published.ts';
import type { Retirement } from '../model/retirements/retirement.ts';
import { DAY_MS, type Millis } from '../model/time.ts';
import type { Finding } from './findings.ts';
import type { SeenComponent } from './seen-component.ts';
import { standingOf } from './standing.ts';

/** So long before a model ends its owners are told: to choose another one, test it and change over. */
export const RETIRING_DAYS = 90;

/** Who says so: the file of the service, that of the deployment, or a page of the provider. */
type Said = Pick<Retirement, 'endsOn' | 'source' | 'readOn'> & { readonly by: 'service' | 'deployment' | 'published' };

interface Ending extends Said {
  readonly provider: string | null;
  readonly name: string;
  readonly version: string | null;
  /** Whether the file lists it. */
  readonly isListed: boolean;
  readonly seen: readonly SeenComponent[];
}

/**
 * Models that end within 90 days or have ended, each once: those that the file lists, and those that telemetry shows, listed or not. The day
 * of the service's file (`retiresOn`) wins over the deployment's, and that over what providers have published.
 * @param service  null: no file declares it  @param own  of the deployment
 */
export function retiringModels(
  service: Service | null,
  seen: readonly SeenComponent[],
  now: Millis,
  own: readonly Retirement[] = [],
  published: readonly Retirement[] = PUBLISHED_RETIREMENTS,
): Finding[] {
  const said = (provider: string | null, names: readonly string[]): Said | null => {
    const find = (list: readonly Retirement[]): Retirement | undefined =>
      list.find((one) => names.includes(one.model) && sameProvider(provider, one.provider));
    const ofOwn = find(own);
    const found = ofOwn ?? find(published);
    if (found === undefined) return null;
    const { endsOn, source, readOn } = found;
    return { endsOn, source, readOn, by: ofOwn === undefined ? 'published' : 'deployment' };
  };
  const models = seen.filter(({ kind }) => kind === 'model');
  const told = new Set<SeenComponent>();
  const endings: Ending[] = [];
  for (const model of service?.models ?? []) {
    const its = models.filter(
      (one) => standingOf({ ...service!, models: [model] }, one) === 'declared' && !told.has(one),
    );
    const { provider, name, version, retiresOn } = model;
    const ending =
      retiresOn === null
        ? said(provider, namesOf(name, version))
        : ({ endsOn: retiresOn, source: null, readOn: null, by: 'service' } as const);
    if (ending === null) continue;
    // A day of one snapshot says nothing of the others that a model without a version takes.
    const covered =
      ending.by === 'service' || version !== null
        ? its
        : its.filter((one) => namesOf(name, version).includes(one.name));
    for (const one of covered) told.add(one);
    endings.push({ ...ending, provider, name, version, isListed: true, seen: covered });
  }
  for (const one of models) {
    if (told.has(one)) continue;
    const ending = said(one.provider, [one.name]);
    if (ending === null) continue;
    const { provider, name } = one;
    endings.push({ ...ending, provider, name, version: null, isListed: false, seen: [one] });
  }
  return endings.flatMap((ending) => findingOf(ending, now));
}

function findingOf(ending: Ending, now: Millis): Finding[] {
  const { provider, name, version, endsOn, source, readOn, by, isListed, seen } = ending;
  const end = Date.parse(endsOn);
  const days = Math.ceil((end - now) / DAY_MS);
  if (days > RETIRING_DAYS) return [];
  const lastDay = seen.reduce((sum, one) => sum + one.lastDay, 0);
  const firsts = seen.flatMap(({ firstSeen }) => firstSeen ?? []);
  const called = [provider, name, version].filter((part) => part !== null).join(' ');
  const when = days > 0 ? `ends in ${days === 1 ? '1 day' : `${days} days`}, on ${endsOn}` : `has ended on ${endsOn}`;
  const where = source === null ? '' : ` (${source}${readOn === null ? '' : `, read on ${readOn}`})`;
  const todo =
    lastDay > 0 || !isListed ? 'change over to another model, and list that one' : 'take it out of spec.models';
  const wrong = by === 'published' ? ', or write the right day as its retiresOn' : '';
  return [
    {
      kind: 'retiring_model',
      since: end - RETIRING_DAYS * DAY_MS,
      detail: `${called} ${when}${where}; it was called ${lastDay} times in the last day. What to do: ${todo}${wrong}`,
      evidence: {
        provider,
        name,
        version,
        retiresOn: endsOn,
        daysLeft: days,
        saidBy: by,
        source,
        readOn,
        lastDay,
        firstSeen: firsts.length === 0 ? null : new Date(Math.min(...firsts)).toISOString(),
      },
    },
  ];
}

/** As providers write a model of a file: in parts, or whole in its version. */
const namesOf = (name: string, version: string | null): string[] =>
  version === null ? [name] : [`${name}-${version}`, version];

/** Names of providers by which files call those of the conventions. */
const ALIASES: Readonly<Record<string, string>> = {
  google: 'gcp.gemini',
  gemini: 'gcp.gemini',
  mistral: 'mistral_ai',
  azure: 'azure.ai.openai',
  azure_openai: 'azure.ai.openai',
};
const canonical = (provider: string): string => ALIASES[provider.toLowerCase()] ?? provider.toLowerCase();
/** Where telemetry names no provider, the name of the model decides. */
const sameProvider = (a: string | null, b: string): boolean => a === null || canonical(a) === canonical(b);
