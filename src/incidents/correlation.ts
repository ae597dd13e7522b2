import type { GuiltySlice, Incident, SuspectChange } from '../model/incident.ts';
import { isOpen } from '../model/incident.ts';
import { HOUR_MS, MINUTE_MS, type Millis } from '../model/time.ts';

/** Categories whose breaches are told as one: what people see of bad answers, whichever measure saw it first. */
const FAMILIES: readonly (readonly string[])[] = [
  ['ai.availability'],
  ['ai.accuracy', 'ai.hallucination', 'ai.relevance', 'ai.experience'],
];
/** Never mixed with others: who looks after them, and what the law asks, are other than for the rest. */
const APART: ReadonlySet<string> = new Set(['ai.privacy', 'ai.security', 'ai.harmful_content', 'ai.agency', 'ai.bias']);

/** What those who use a service feel when it is broken. */
const FELT: ReadonlySet<string> = new Set(['ai.availability', 'ai.accuracy', 'ai.supply_chain']);

export function familyOf(category: string): string {
  const name = category.split('.').slice(0, 2).join('.');
  return FAMILIES.find((family) => family.includes(name))?.[0] ?? name;
}

const isApart = (category: string): boolean => APART.has(familyOf(category));

/** So long after an incident was found what belongs to it joins it, also when it has recovered by itself meanwhile. */
const JOIN_WITHIN_MS = 15 * MINUTE_MS;
/** A breach so long after a change may be its doing. */
const WATCH_WINDOW_MS = 24 * HOUR_MS;
/** So much of the worsening the guilty parts of both have to share. */
const SLICE_OVERLAP = 0.6;

/** A breach that has just been found: what its incident is looked for by. Event time. */
export interface Candidate {
  readonly service: string;
  readonly environment: string | null;
  readonly supportGroup: string | null;
  readonly category: string;
  readonly startedAt: Millis;
  readonly detectedAt: Millis;
  readonly slices: readonly GuiltySlice[];
  readonly changes: readonly SuspectChange[];
}

export interface Host {
  /** The incident that it joins; null: it opens one. */
  readonly host: Incident | null;
  /** Those of the same cause that it may not join. */
  readonly related: readonly string[];
}

/**
 * The incident that a breach belongs to: one of its service and environment that is open, or was found within a quarter of an hour
 * before, and has the same family of categories, or the same change, or the same guilty parts. Never across support groups, nor one
 * of those that are kept apart. Of several that of its family, then of its change, then of its slice; then the one found first.
 */
export function hostOf(incidents: Iterable<Incident>, breach: Candidate): Host {
  const near = [...incidents]
    .filter(
      (one) => one.service === breach.service && one.environment === breach.environment && isReachable(one, breach),
    )
    .flatMap((incident) => {
      const bond = bondOf(incident, breach);
      return bond === null ? [] : [{ incident, bond }];
    })
    .sort((a, b) => a.bond - b.bond || byFound(a.incident, b.incident));
  const isMixed = ({ category }: Incident): boolean =>
    familyOf(category) !== familyOf(breach.category) && (isApart(category) || isApart(breach.category));
  const mayJoin = ({ incident }: { incident: Incident }): boolean =>
    incident.supportGroup === breach.supportGroup && !isMixed(incident);
  return {
    host: near.find(mayJoin)?.incident ?? null,
    related: near.filter((one) => !mayJoin(one) && isOpen(one.incident)).map(({ incident }) => incident.id),
  };
}

/** By event time, then by id. */
export const byFound = (a: Incident, b: Incident): number =>
  a.detectedAt - b.detectedAt || numberOf(a.id) - numberOf(b.id);

const numberOf = (id: string): number => Number(id.split('-')[1]);

/** What a person has ended stays ended. */
function isReachable(incident: Incident, { detectedAt }: Candidate): boolean {
  if (isOpen(incident)) return true;
  if (incident.state !== 'resolved' || incident.closeCode !== 'recovered_automatically') return false;
  const end = incident.timeline.findLast(({ event }) => event === 'resolved');
  return (
    end?.by.kind === 'system' && detectedAt - incident.detectedAt <= JOIN_WITHIN_MS && detectedAt >= incident.detectedAt
  );
}

const BONDS = { family: 0, change: 1, slice: 2 } as const;

function bondOf(incident: Incident, breach: Candidate): number | null {
  if (familyOf(incident.category) === familyOf(breach.category)) return BONDS.family;
  if (isOfSameChange(incident, breach)) return BONDS.change;
  return sliceOverlap(incident.slices, breach.slices) >= SLICE_OVERLAP ? BONDS.slice : null;
}

/** Both suspect the same change; or what broke within the watch window of the incident's is guilty of the new version. */
const isOfSameChange = (incident: Incident, breach: Candidate): boolean =>
  incident.changes.some(
    (change) =>
      breach.startedAt - change.at <= WATCH_WINDOW_MS &&
      (breach.changes.some((other) => isSameChange(change, other)) || isNewVersion(change, breach.slices[0])),
  );

const isSameChange = (a: SuspectChange, b: SuspectChange): boolean =>
  a.id !== null && b.id !== null ? a.id === b.id : a.type === b.type && a.after !== null && a.after === b.after;

const VERSION_DIMENSIONS: Readonly<Record<string, readonly string[]>> = {
  prompt_version: ['prompt', 'system_instruction'],
  response_model: ['model_version', 'provider_snapshot'],
};

const isNewVersion = ({ type, after }: SuspectChange, slice: GuiltySlice | undefined): boolean =>
  slice !== undefined && slice.value === after && VERSION_DIMENSIONS[slice.dimension]?.includes(type) === true;

/**
 * How much of two lists of guilty parts is the same, [0, 1]: shares of the worsening that are explained by a part of both, of those
 * explained by a part of either (Ruzicka's similarity). 0 when one of them is empty.
 */
export function sliceOverlap(ones: readonly GuiltySlice[], others: readonly GuiltySlice[]): number {
  const powers = (list: readonly GuiltySlice[]) =>
    new Map(list.map((one) => [one.name, Math.max(0, one.explanatoryPower)]));
  const [a, b] = [powers(ones), powers(others)];
  let both = 0;
  let either = 0;
  for (const name of new Set([...a.keys(), ...b.keys()])) {
    both += Math.min(a.get(name) ?? 0, b.get(name) ?? 0);
    either += Math.max(a.get(name) ?? 0, b.get(name) ?? 0);
  }
  return either === 0 ? 0 : both / either;
}

/** What a service is said to stand on, by the names of its file. */
export type Upstreams = (service: string, environment: string | null) => readonly string[];

/** Open incidents that others may follow from, by service. */
export type Outages = ReadonlyMap<string, readonly Incident[]>;

export const outagesOf = (incidents: Iterable<Incident>): Outages =>
  Map.groupBy(
    [...incidents].filter((one) => isOpen(one) && isFelt(one)),
    ({ service }) => service,
  );

const isFelt = ({ category }: Incident): boolean => FELT.has(familyOf(category));

/**
 * The open incident that one follows from: of the nearest service that its own depends on in the same environment, directly or by
 * others; of several the one found first. Null: there is none, or it would go round in circles.
 * @param byId  incidents as they are now
 */
export function parentOf(
  incident: Incident,
  outages: Outages,
  upstreams: Upstreams,
  byId: (id: string) => Incident | undefined,
): Incident | null {
  if (!isFelt(incident)) return null;
  const seen = new Set([incident.service]);
  for (let level = upstreams(incident.service, incident.environment); level.length > 0; ) {
    const names = new Set(level.filter((name) => !seen.has(name)));
    const [parent] = [...names]
      .flatMap((name) => outages.get(name) ?? [])
      .filter((one) => one.environment === incident.environment && !follows(one.id, incident.id, byId))
      .sort(byFound);
    if (parent !== undefined) return parent;
    for (const name of names) seen.add(name);
    level = [...names].flatMap((name) => upstreams(name, incident.environment));
  }
  return null;
}

/** Whether one follows, by however many others, from another. */
function follows(one: string, other: string, byId: (id: string) => Incident | undefined): boolean {
  for (let id: string | null = one; id !== null; id = byId(id)?.parent ?? null) if (id === other) return true;
  return false;
}
