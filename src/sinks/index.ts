import { alertmanager } from './alertmanager/index.ts';
import { email } from './email/index.ts';
import { grafana } from './grafana/index.ts';
import { itop } from './itop/index.ts';
import { jira } from './jira/index.ts';
import { pagerduty } from './pagerduty/index.ts';
import { servicenow } from './servicenow/index.ts';
import { slack } from './slack/index.ts';
import { teams } from './teams/index.ts';
import { webhook } from './webhook/index.ts';

/** All doors out, by the `type` of the configuration. */
export const sinks = {
  webhook,
  alertmanager,
  pagerduty,
  slack,
  teams,
  email,
  servicenow,
  jira,
  itop,
  grafana,
} as const;
export type SinkType = keyof typeof sinks;
