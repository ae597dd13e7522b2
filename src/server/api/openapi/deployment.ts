import { z } from 'zod';
import { type Route, textOrNull, time } from './parts.ts';
import { Finding } from './services.ts';

const ConfigurationInForce = z
  .object({
    sha256: z.string().openapi({ description: 'Over what its documents say.' }),
    since: time.openapi({ description: 'When it was last found to be in force, or put in force.' }),
    refused: z
      .object({ at: time, problems: z.array(z.string()), count: z.int() })
      .nullable()
      .openapi({ description: 'Why what its files hold now is not in force.' }),
  })
  .openapi('ConfigurationInForce');
const Deployment = z
  .object({
    name: z.string(),
    version: z.string(),
    now: time,
    otlpHttp: textOrNull.openapi({ description: 'Where telemetry is taken over OTLP/HTTP.' }),
    configuration: ConfigurationInForce,
    findings: z.array(Finding).openapi({ description: "What should not be so and is no service's." }),
  })
  .openapi('Deployment');
export type DeploymentJson = z.output<typeof Deployment>;

export const DEPLOYMENT_ROUTES: readonly Route[] = [
  {
    method: 'get',
    path: '/deployment',
    summary: 'Which Plimsoll this is, and where telemetry is sent to.',
    answer: Deployment,
  },
];
