import type { Deployment } from '../../model/config/deployment.ts';
import { ALWAYS_NAME } from '../../model/config/schedule.ts';
import type { Service } from '../../model/config/service.ts';
import { SELF_ESCALATING_SINKS } from '../../model/config/sink.ts';
import { sinks as sinkTypes } from '../../sinks/index.ts';
import type { CrossProblem } from './cross-checks.ts';
import { suggestion } from './nearest.ts';

type Path = readonly PropertyKey[];
type Named = readonly { readonly name: string }[];

const namesOf = (list: Named): string[] => list.map(({ name }) => name);

/** @param what  like `schedule` @param key  where it would be declared */
const unknown = (path: Path, what: string, name: string, known: Named, key: string): CrossProblem => ({
  path,
  message: `no ${what} is named ${name}`,
  hint: known.length === 0 ? `declare it under spec.${key} of the deployment` : suggestion(name, namesOf(known)),
  code: 'PLIM_CONFIG_UNKNOWN_NAME',
});

const duplicates = (key: string, what: string, list: Named): CrossProblem[] =>
  namesOf(list).flatMap((name, i, names) =>
    names.indexOf(name) === i
      ? []
      : [
          {
            path: ['spec', key, i, 'name'],
            message: `a second ${what} is named ${name}`,
            hint: 'give each its own name',
            code: 'PLIM_CONFIG_DUPLICATE_NAME',
          },
        ],
  );

/** Names that schedules, targets and policies of escalation use of each other. */
export function checkEscalation(deployment: Deployment): CrossProblem[] {
  const { schedules, incidentTargets, escalationPolicies } = deployment;
  const isUnknown = (schedule: string | null): schedule is string =>
    schedule !== null && schedule !== ALWAYS_NAME && !namesOf(schedules).includes(schedule);
  return [
    ...duplicates('schedules', 'schedule', schedules),
    ...duplicates('escalationPolicies', 'policy', escalationPolicies),
    ...Object.entries(incidentTargets).flatMap(([priority, { schedule }]) =>
      isUnknown(schedule)
        ? [
            unknown(
              ['spec', 'incidentTargets', `P${priority}`, 'schedule'],
              'schedule',
              schedule,
              schedules,
              'schedules',
            ),
          ]
        : [],
    ),
    ...escalationPolicies.flatMap((policy, i) => {
      const path = ['spec', 'escalationPolicies', i];
      const { quietOutside } = policy;
      return [
        ...(isUnknown(quietOutside)
          ? [unknown([...path, 'quietOutside'], 'schedule', quietOutside, schedules, 'schedules')]
          : []),
        ...levelProblems(policy.levels, deployment, [...path, 'levels']),
      ];
    }),
  ];
}

function levelProblems(
  levels: Deployment['escalationPolicies'][number]['levels'],
  { sinks }: Deployment,
  path: Path,
): CrossProblem[] {
  const problems: CrossProblem[] = [];
  const typeOf = new Map(sinks.map(({ name, type }) => [name, type]));
  let owner: string | null = null;
  for (const [i, level] of levels.entries()) {
    for (const [k, name] of level.sinks.entries()) {
      const at = [...path, i, 'sinks', k];
      const type = typeOf.get(name);
      if (type === undefined) problems.push(unknown(at, 'sink', name, sinks, 'sinks'));
      else if (sinkTypes[type].class === 'note')
        problems.push({
          path: at,
          message: `a sink of type ${type} marks a time and tells nobody`,
          hint: 'leave it out: it is told of every incident',
          code: 'PLIM_CONFIG_INVALID_VALUE',
        });
    }
    const known = level.sinks.filter((name) => typeOf.has(name));
    const isSilent = known.length > 0 && known.every((name) => sinkTypes[typeOf.get(name)!].class === 'page');
    if (owner !== null && isSilent)
      problems.push({
        path: [...path, i, 'sinks'],
        message: `nobody would be told: ${owner} escalates by itself, so that nothing else pages behind it`,
        hint: 'describe this level in that tool, or name a sink here that does not page',
        code: 'PLIM_CONFIG_INVALID_VALUE',
      });
    owner ??= known.find((name) => SELF_ESCALATING_SINKS.includes(typeOf.get(name)!)) ?? null;
  }
  return problems;
}

/** What a service names of its deployment. */
export function checkCare({ schedules, escalationPolicies }: Deployment, service: Service): CrossProblem[] {
  const { schedule, escalationPolicy } = service;
  const problems: CrossProblem[] = [];
  if (schedule !== null && schedule !== ALWAYS_NAME && !namesOf(schedules).includes(schedule))
    problems.push(unknown(['spec', 'schedule'], 'schedule', schedule, schedules, 'schedules'));
  if (escalationPolicy !== null && !namesOf(escalationPolicies).includes(escalationPolicy))
    problems.push(
      unknown(['spec', 'escalationPolicy'], 'policy', escalationPolicy, escalationPolicies, 'escalationPolicies'),
    );
  return problems;
}
