import { type Actor, ALERT_SEVERITIES, type Breach, type Incident } from './incident.ts';
import { LinearPattern } from './linear-pattern.ts';
import { iso, type Millis } from './time.ts';

/** What of an incident a silence may go by. */
export const SILENCE_LABELS = [
  'service',
  'environment',
  'objective',
  'category',
  'kind',
  'severity',
  'priority',
  'incident',
] as const;
export type SilenceLabel = (typeof SILENCE_LABELS)[number];
export type Labels = Readonly<Record<SilenceLabel, string>>;

/** Equal, different, fits the pattern, does not: as Alertmanager has them. A label that is not there is the empty text. */
export const MATCHER_OPERATORS = ['=', '!=', '=~', '!~'] as const;

export interface Matcher {
  readonly label: SilenceLabel;
  readonly operator: (typeof MATCHER_OPERATORS)[number];
  /** Text, or a pattern that has to fit all of it. */
  readonly value: string;
}

/** That people do not want to be told of some incidents for a while. All of its matchers have to fit. */
export interface Silence {
  /** `SIL-<n>` */
  readonly id: string;
  readonly matchers: readonly Matcher[];
  /** Clock; from inclusive, to exclusive. */
  readonly startsAt: Millis;
  readonly endsAt: Millis;
  readonly createdAt: Millis;
  readonly createdBy: Actor;
  readonly comment: string;
  /** Somebody has ended it before its time. */
  readonly expiredBy: Actor | null;
}

/** A silence that lasts longer is a decision that somebody has to take again. */
export const SILENCE_MAX_MS = 30 * 24 * 60 * 60_000;

export type SilenceState = 'pending' | 'active' | 'expired';
export const silenceState = ({ startsAt, endsAt }: Pick<Silence, 'startsAt' | 'endsAt'>, now: Millis): SilenceState =>
  now >= endsAt ? 'expired' : now >= startsAt ? 'active' : 'pending';

export const matcherText = ({ label, operator, value }: Matcher): string =>
  `${label}${operator}${JSON.stringify(value)}`;

/** What a promise that an incident breaks goes by. */
export const labelsOf = (incident: Incident, breach: Breach): Labels => ({
  service: incident.service,
  environment: incident.environment ?? '',
  objective: breach.objective,
  category: breach.category,
  kind: breach.kind.toLowerCase(),
  severity: ALERT_SEVERITIES[incident.priority],
  priority: `P${incident.priority}`,
  incident: incident.id,
});

const patterns = new Map<string, LinearPattern>();
const PATTERNS_MAX = 1000;

function patternOf(written: string): LinearPattern {
  const known = patterns.get(written);
  if (known !== undefined) return known;
  if (patterns.size >= PATTERNS_MAX) patterns.clear();
  const pattern = new LinearPattern(written);
  patterns.set(written, pattern);
  return pattern;
}

/** @throws SyntaxError  of a value that is no pattern */
export function fits({ operator, value }: Matcher, text: string): boolean {
  switch (operator) {
    case '=':
      return text === value;
    case '!=':
      return text !== value;
    case '=~':
      return patternOf(value).matches(text);
    case '!~':
      return !patternOf(value).matches(text);
  }
}

export const fitsAll = ({ matchers }: Pick<Silence, 'matchers'>, labels: Labels): boolean =>
  matchers.every((matcher) => fits(matcher, labels[matcher.label]));

/** Whether it may be about a service, whatever else it asks. */
export const mayConcern = ({ matchers }: Pick<Silence, 'matchers'>, service: string): boolean =>
  matchers.every((matcher) => matcher.label !== 'service' || fits(matcher, service));

/** The services that it names one by one; null: it may be about any. */
export const servicesNamed = ({ matchers }: Pick<Silence, 'matchers'>): readonly string[] | null => {
  const named = matchers.filter(({ label, operator }) => label === 'service' && operator === '=');
  return named.length === 0 ? null : named.map(({ value }) => value);
};

export interface SilenceJson extends Omit<Silence, 'startsAt' | 'endsAt' | 'createdAt'> {
  readonly state: SilenceState;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly createdAt: string;
}

export const silenceToJson = (silence: Silence, now: Millis): SilenceJson => ({
  ...silence,
  state: silenceState(silence, now),
  startsAt: iso(silence.startsAt),
  endsAt: iso(silence.endsAt),
  createdAt: iso(silence.createdAt),
});
