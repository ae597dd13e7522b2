/** Places in the console, as addresses. */
export const FLEET = '/';
export const INCIDENTS = '/incidents';
export const DELIVERIES = '/deliveries';
export const SILENCES = '/silences';
export const CHANGES = '/changes';
export const placeOfChange = (id: string): string => `${CHANGES}/${encodeURIComponent(id)}`;
/** Where one is made of an incident. */
export const placeOfSilencing = (incident: string): string => `${SILENCES}?incident=${encodeURIComponent(incident)}`;
export const placeOfIncident = (id: string): string => `/incidents/${encodeURIComponent(id)}`;
export const PROBLEMS = '/problems';
export const placeOfProblem = (id: string): string => `${PROBLEMS}/${encodeURIComponent(id)}`;
/** Of what a message is about. */
export const placeOfRecord = (id: string): string => (id.startsWith('PRB-') ? placeOfProblem(id) : placeOfIncident(id));
export const placeOfService = (name: string, environment: string | null): string =>
  `/services/${encodeURIComponent(name)}${environment === null ? '' : `?environment=${encodeURIComponent(environment)}`}`;
export const placeOfObjective = (name: string): string => `/objectives/${encodeURIComponent(name)}`;

export type Place =
  | { readonly page: 'fleet' }
  | { readonly page: 'incidents'; readonly state: string }
  | { readonly page: 'incident'; readonly id: string }
  | { readonly page: 'problems'; readonly state: string }
  | { readonly page: 'problem'; readonly id: string }
  | { readonly page: 'silences'; readonly state: 'current' | 'expired'; readonly incident: string | null }
  | { readonly page: 'changes'; readonly state: string | null }
  | { readonly page: 'change'; readonly id: string }
  | { readonly page: 'service'; readonly name: string; readonly environment: string | null }
  | { readonly page: 'objective'; readonly name: string }
  | { readonly page: 'deliveries' }
  | { readonly page: 'sign-in' }
  | { readonly page: 'nowhere' };

/** Which page an address is. */
export function placeAt(path: string, search: string): Place {
  const parts = decoded(path);
  const query = new URLSearchParams(search);
  if (parts === null) return { page: 'nowhere' };
  const [first, second, ...more] = parts;
  if (first === undefined) return { page: 'fleet' };
  if (more.length > 0) return { page: 'nowhere' };
  if (first === 'incidents' && second === undefined) return { page: 'incidents', state: query.get('state') ?? 'open' };
  if (first === 'problems' && second === undefined) return { page: 'problems', state: query.get('state') ?? 'open' };
  if (first === 'deliveries' && second === undefined) return { page: 'deliveries' };
  if (first === 'silences' && second === undefined) {
    const state = query.get('state') === 'expired' ? 'expired' : 'current';
    return { page: 'silences', state, incident: query.get('incident') };
  }
  if (first === 'changes' && second === undefined) return { page: 'changes', state: query.get('state') };
  if (first === 'sign-in' && second === undefined) return { page: 'sign-in' };
  if (second === undefined) return { page: 'nowhere' };
  if (first === 'incidents') return { page: 'incident', id: second };
  if (first === 'problems') return { page: 'problem', id: second };
  if (first === 'changes') return { page: 'change', id: second };
  if (first === 'services') return { page: 'service', name: second, environment: query.get('environment') };
  if (first === 'objectives') return { page: 'objective', name: second };
  return { page: 'nowhere' };
}

function decoded(path: string): string[] | null {
  try {
    return path
      .split('/')
      .filter((part) => part !== '')
      .map(decodeURIComponent);
  } catch {
    return null;
  }
}

/** An address elsewhere that is safe to follow: http or https, and nothing else; null for what is not. */
export function outsideLink(address: string | null | undefined): string | null {
  if (address == null || !URL.canParse(address)) return null;
  const url = new URL(address);
  return url.protocol === 'https:' || url.protocol === 'http:' ? url.href : null;
}

/** A trace in the tracer that people already use: the service's `links.trace` with its id. */
export const traceLink = (template: string | null | undefined, traceId: string): string | null =>
  outsideLink(template?.replaceAll('{traceId}', encodeURIComponent(traceId)));
