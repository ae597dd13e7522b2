import type { DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { cost } from './cost.ts';
import { drift } from './drift.ts';
import { fleet } from './fleet.ts';
import { incidents } from './incidents.ts';
import { finish } from './lib/finish.ts';
import { objective } from './objective.ts';
import { quality } from './quality.ts';
import { self } from './self.ts';
import { serviceDesk } from './service-desk.ts';
import { serviceDetail } from './service-detail.ts';

/** Every dashboard, by the name of its file in `generated/`. */
const DASHBOARDS: Readonly<Record<string, () => DashboardBuilder>> = {
  fleet,
  service: serviceDetail,
  objective,
  quality,
  drift,
  incidents,
  cost,
  'service-desk': serviceDesk,
  self,
};

/** The files of `generated/` and what they hold. */
export const generated = (): { file: string; text: string }[] =>
  Object.entries(DASHBOARDS).map(([name, build]) => ({
    file: `${name}.json`,
    text: `${JSON.stringify(finish(build()), null, 2)}\n`,
  }));
