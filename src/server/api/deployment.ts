import { Router } from 'express';
import { type Finding, unmatchedFinding } from '../../catalog/findings.ts';
import { iso } from '../../model/time.ts';
import { scopeFor } from '../access/guard.ts';
import type { ConfigurationState } from '../reload/state.ts';
import { configurationJson } from './configuration.ts';
import type { ApiContext } from './context.ts';
import { allServices } from './services.ts';
import { unmatchedOf } from './unmatched.ts';

/** Which Plimsoll this is, where telemetry is sent to, and what should not be so and is no service's. */
export function deploymentRoutes(context: ApiContext): Router {
  const router = Router();
  router.get('/deployment', (_request, response) => {
    response.json({
      name: context.deployment,
      version: context.version,
      now: iso(context.now()),
      otlpHttp: context.otlpHttp(),
      configuration: configurationJson(context.configuration()),
      // They are about telemetry that is no service's.
      findings: (scopeFor(response, 'read') === null ? findingsOf(context) : []).map((finding) => ({
        ...finding,
        since: iso(finding.since),
      })),
    });
  });
  return router;
}

/** Ratings that name no service, or one that is not known, and have found no interaction. */
function findingsOf(context: ApiContext): Finding[] {
  const known = new Set(allServices(context).map(({ name }) => name));
  const unmatched = unmatchedOf(context, ({ service }) => !known.has(service));
  return [...refusalFinding(context.configuration()), ...(unmatched === null ? [] : [unmatchedFinding(unmatched)])];
}

/** The files hold a configuration that could not be put in force. */
const refusalFinding = ({ sha256, refusal }: ConfigurationState): Finding[] =>
  refusal === null
    ? []
    : [
        {
          kind: 'configuration_refused',
          since: refusal.at,
          detail: `the configuration was changed and refused; what was in force before still is. What to do: ${refusal.problems[0]}${refusal.count > 1 ? ` and ${refusal.count - 1} more` : ''}; plimsoll check says what is wrong, then mend the file`,
          evidence: { inForce: sha256, problems: refusal.problems, count: refusal.count },
        },
      ];
