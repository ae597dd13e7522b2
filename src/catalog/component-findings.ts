import type { Service } from '../model/config/service.ts';
import { DAY_MS, iso, type Millis } from '../model/time.ts';
import type { ApprovedVersion } from './approved-versions.ts';
import type { Finding } from './findings.ts';
import { COMPONENT_KINDS, COMPONENT_LISTS, type ComponentKind, type SeenComponent } from './seen-component.ts';
import { type Standing, standingOf } from './standing.ts';

/** Components that a finding names one by one, those of most traffic first. */
const EXAMPLES_MAX = 10;
/** Of these the text of a finding tells. */
const TOLD_MAX = 3;

const TEXTS: Readonly<Record<ComponentKind, readonly [one: string, many: string]>> = {
  model: ['model', 'models'],
  prompt: ['prompt', 'prompts'],
  prompt_version: ['version of its prompt', 'versions of its prompt'],
  tool: ['tool', 'tools'],
  vector_store: ['vector store', 'vector stores'],
  agent: ['agent', 'agents'],
  guardrail: ['guardrail', 'guardrails'],
};

/**
 * What telemetry shows of a service and its file does not list: one finding a kind, only for kinds of which the file lists anything.
 * @param seen  of the last day  @param approved  by changes of the service: no findings
 */
export function componentFindings(
  service: Service,
  seen: readonly SeenComponent[],
  now: Millis,
  approved: readonly ApprovedVersion[] = [],
): Finding[] {
  const standings = seen.map((one) => ({ one, standing: standingOf(service, one, approved) }));
  const ofStanding = (kind: ComponentKind, wanted: Standing): SeenComponent[] =>
    standings
      .filter(({ one, standing }) => one.kind === kind && standing === wanted)
      .map(({ one }) => one)
      .sort((a, b) => b.lastDay - a.lastDay || (a.name < b.name ? -1 : 1));
  return COMPONENT_KINDS.flatMap((kind) => {
    const list = COMPONENT_LISTS[kind];
    const [one, many] = TEXTS[kind];
    const kindOf = (count: number): string => `${count} ${count === 1 ? one : many}`;
    const strangers = ofStanding(kind, 'undeclared_provider');
    const undeclared = ofStanding(kind, 'undeclared');
    const others = ofStanding(kind, 'other_version');
    const file = `the file of ${service.name}`;
    return [
      ...told(strangers, now, 'undeclared_component', 'provider', (text) => {
        const providers = new Set(strangers.map(({ provider }) => provider));
        return `${providers.size === 1 ? '1 provider answers that' : `${providers.size} providers answer that`} ${file} names no model of: ${text}. What to do: list the model under spec.${list}, or find out what calls it`;
      }),
      ...told(
        undeclared,
        now,
        'undeclared_component',
        kind,
        (text) =>
          `${kindOf(undeclared.length)} that ${file} does not list: ${text}. What to do: list it under spec.${list}, or find out what calls it`,
      ),
      ...told(
        others,
        now,
        'unapproved_version',
        kind,
        (text) =>
          `${kindOf(others.length)} of which ${file} lists another version: ${text}. What to do: write the version under spec.${list} once it is approved, or go back to the one that is listed`,
      ),
    ];
  });
}

function told(
  components: readonly SeenComponent[],
  now: Millis,
  kind: Finding['kind'],
  component: ComponentKind | 'provider',
  detail: (text: string) => string,
): Finding[] {
  if (components.length === 0) return [];
  const more = components.length - TOLD_MAX;
  const text = components.slice(0, TOLD_MAX).map(textOf).join('; ') + (more > 0 ? `; and ${more} more` : '');
  return [
    {
      kind,
      since: Math.min(...components.map(({ firstSeen }) => firstSeen ?? now - DAY_MS)),
      detail: detail(text),
      evidence: {
        component,
        count: components.length,
        examples: components.slice(0, EXAMPLES_MAX).map(({ kind: _, firstSeen, ...one }) => ({
          ...one,
          firstSeen: firstSeen === null ? null : iso(firstSeen),
        })),
      },
    },
  ];
}

function textOf({ provider, name, firstSeen, lastDay }: SeenComponent): string {
  const since = firstSeen === null ? '' : `, first seen ${iso(firstSeen).slice(0, 10)}`;
  return `${provider === null ? '' : `${provider} `}${name} (${lastDay} in the last day${since})`;
}
