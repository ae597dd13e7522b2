import type { DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { finish } from './lib/finish.ts';
import { serviceDetail } from './service-detail.ts';

/** Every dashboard, by the name of its file in `generated/`. */
const DASHBOARDS: Readonly<Record<string, () => DashboardBuilder>> = { service: serviceDetail };

/** The files of `generated/` and what they hold. */
export const generated = (): { file: string; text: string }[] =>
  Object.entries(DASHBOARDS).map(([name, build]) => ({
    file: `${name}.json`,
    text: `${JSON.stringify(finish(build()), null, 2)}\n`,
  }));
