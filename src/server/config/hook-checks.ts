import type { Deployment } from '../../model/config/deployment.ts';
import type { Service } from '../../model/config/service.ts';
import type { CrossProblem } from './cross-checks.ts';
import { suggestion } from './nearest.ts';

/** The last part of an address of a callback names one caller, and what a tool tells is of services that there are. */
export function hookProblems({ hooks, sinks }: Deployment, services: readonly Service[]): CrossProblem[] {
  const known = [...new Set(services.map(({ name }) => name))];
  return hooks.flatMap(({ name, deployments }, i): CrossProblem[] => {
    const path = ['spec', 'hooks', i];
    const taken = [...sinks, ...hooks.slice(0, i)].some((one) => one.name === name);
    const doubled = {
      path: [...path, 'name'],
      message: `a second sink or hook is named ${name}`,
      hint: 'give each its own name',
      code: 'PLIM_CONFIG_DUPLICATE_NAME',
    };
    const strange = deployments.flatMap((rule, j) =>
      rule.services.flatMap((service, k) =>
        known.includes(service)
          ? []
          : [
              {
                path: [...path, 'deployments', j, 'services', k],
                message: `no service file declares ${JSON.stringify(service)}`,
                hint: suggestion(service, known),
                code: 'PLIM_CONFIG_UNKNOWN_NAME',
              },
            ],
      ),
    );
    return taken ? [doubled, ...strange] : strange;
  });
}
