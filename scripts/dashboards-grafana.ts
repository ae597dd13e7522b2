// Brings the dashboards into a Grafana through its HTTP API, and asks every query of every panel through it:
//
//   GRAFANA_TOKEN=... npm run dashboards:grafana -- https://grafana.example.com
//
// or GRAFANA_USER and GRAFANA_PASSWORD; CONSOLE_URL is where links to the console lead. Exit status: 0 all queries were understood,
// 1 some were not or Grafana refused, 2 wrong usage. That a query comes back empty is said, and no fault: there may be nothing yet.
import { bringIn } from '../dashboards/grafana/bring-in.ts';
import { Grafana } from '../dashboards/grafana/client.ts';
import { generated } from '../dashboards/index.ts';
import type { Document } from '../dashboards/lint/document.ts';

export interface Environment {
  readonly GRAFANA_TOKEN?: string | undefined;
  readonly GRAFANA_USER?: string | undefined;
  readonly GRAFANA_PASSWORD?: string | undefined;
  readonly CONSOLE_URL?: string | undefined;
}

export async function dashboardsGrafana(
  url: string | undefined,
  env: Environment,
  say: (line: string) => void,
): Promise<number> {
  if (url === undefined || !/^https?:\/\//.test(url)) {
    say('usage: npm run dashboards:grafana -- https://grafana.example.com');
    return 2;
  }
  let grafana: Grafana;
  try {
    grafana = new Grafana(url, { token: env.GRAFANA_TOKEN, user: env.GRAFANA_USER, password: env.GRAFANA_PASSWORD });
  } catch (error) {
    say((error as Error).message);
    return 2;
  }
  try {
    const documents = generated().map(({ text }) => JSON.parse(text) as Document);
    const { dashboards, warnings, asked } = await bringIn({ documents, grafana, consoleUrl: env.CONSOLE_URL || null });
    for (const uid of dashboards) say(`${url.replace(/\/+$/, '')}/d/${uid}`);
    for (const warning of warnings) say(`warning: ${warning}`);
    for (const { dashboard, what, outcome, error } of asked)
      if (outcome !== 'numbers') say(`${outcome}: ${dashboard} ${what}${error === null ? '' : `: ${error}`}`);
    const count = (outcome: string): number => asked.filter((one) => one.outcome === outcome).length;
    say(
      `${asked.length} queries: ${count('numbers')} with numbers, ${count('nothing')} empty, ${count('error')} not understood`,
    );
    return count('error') === 0 ? 0 : 1;
  } catch (error) {
    say((error as Error).message);
    return 1;
  }
}

if (import.meta.main) process.exitCode = await dashboardsGrafana(process.argv[2], process.env, console.log);
