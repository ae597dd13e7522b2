import type { Logger } from 'pino';
import type { Deployment } from '../../model/config/deployment.ts';
import { createHttp } from '../../sinks/http.ts';
import { InfluxServer } from '../../sinks/influx/server.ts';
import { type InfluxTarget, writeLines } from '../../sinks/influx/write.ts';
import type { SelfMetrics } from '../metrics/self.ts';
import { History, type HistoryOptions } from './history.ts';

/** What of it only the server knows. */
export type HistoryWiring = Omit<HistoryOptions, 'server' | 'send' | 'target' | 'listener' | 'hoursKeptMs'> & {
  readonly deployment: Pick<Deployment, 'history' | 'egress' | 'retention'>;
  readonly secret: (reference: string) => Promise<string>;
  readonly metrics: Pick<SelfMetrics, 'historyPoints' | 'historyWrote'> | null;
  readonly log: Logger;
};

/** The history of a deployment; null where none is asked for. Its password is read anew for each errand. */
export function openHistory({ deployment, secret, metrics, ...wiring }: HistoryWiring): History | null {
  const { history, egress, retention } = deployment;
  if (history === null) return null;
  const { url, database, user, password } = history;
  const http = createHttp({ allow: egress.allow });
  const passwordNow = async (): Promise<string | null> => (password === null ? null : secret(password));
  const targetNow = async (): Promise<InfluxTarget> => ({
    url,
    database,
    authorization: user === null ? null : `Basic ${Buffer.from(`${user}:${await passwordNow()}`).toString('base64')}`,
  });
  const serverNow = async (): Promise<InfluxServer> =>
    new InfluxServer(url, database, { user, password: await passwordNow() }, { allow: egress.allow });
  for (const result of ['written', 'refused', 'lost'] as const) metrics?.historyPoints(result, 0);
  return new History({
    ...wiring,
    hoursKeptMs: retention.hoursMs,
    target: `${url} ${database}`,
    server: {
      prepare: async () => (await serverNow()).prepare(),
      dropSeries: async (...series) => (await serverNow()).dropSeries(...series),
      deleteSince: async (...points) => (await serverNow()).deleteSince(...points),
    },
    send: async (policy, lines) => writeLines(http, await targetNow(), policy, lines),
    listener: {
      points: (result, n) => metrics?.historyPoints(result, n),
      wrote: (at) => metrics?.historyWrote(database, at),
    },
  });
}
