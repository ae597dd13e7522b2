import { OperatorError } from '../../model/errors.ts';
import { iso, type Millis } from '../../model/time.ts';
import { InfluxFailure } from '../../sinks/influx/server.ts';
import { historyJson } from '../api/history.ts';
import { historyBeside } from '../history/beside.ts';
import type { Configuration } from '../plimsoll.ts';
import { atStore } from '../store-desk.ts';
import { HOW_A_COMMAND_COMES_IN, isUnknown, jsonOf, LocalServer } from './local-server.ts';
import { openStore } from './open-store.ts';
import { tellRefusal } from './refusal.ts';

/** A server looks that often whether it has come to its end. */
const LOOK_MS = 500;
const PATIENCE_MS = 120_000;

export interface ExportInfluxOptions {
  readonly configuration: Configuration;
  readonly secret: (reference: string) => Promise<string>;
  /** Null: all that is stored. */
  readonly since: Millis | null;
  readonly json: boolean;
  readonly now: () => Millis;
  readonly pause?: (ms: Millis) => Promise<void>;
}

interface Rebuilt {
  /** RFC 3339. */
  readonly from: string;
  /** Why it did not come to its end; null: it did. */
  readonly stopped: string | null;
}

/** 0: what of the history the store holds was taken away and is there anew. 1: it is not, or not all of it. */
export async function exportInfluxCommand(options: ExportInfluxOptions): Promise<number> {
  const { configuration, json } = options;
  try {
    if (configuration.deployment.history === null)
      throw new OperatorError('PLIM_HISTORY_NONE', {
        what: 'the deployment file names no InfluxDB',
        fix: 'name it under spec.history (docs/guide/history.md)',
        retryable: false,
      });
    openStore(configuration.deployment.store, 'PLIM_HISTORY_NO_STORE').close();
    const rebuilt = (await byServer(options)) ?? (await here(options));
    if (json) console.log(JSON.stringify(rebuilt));
    else if (rebuilt.stopped === null) console.log(`the history is written anew from ${rebuilt.from} on`);
    else console.error(`the history from ${rebuilt.from} on was taken away and is not all written: ${rebuilt.stopped}`);
    return rebuilt.stopped === null ? 0 : 1;
  } catch (error) {
    tellRefusal(error, json);
    return 1;
  }
}

/** The server that runs on the store does it, in its order; null: none runs. */
async function byServer({ configuration, since, pause = sleep }: ExportInfluxOptions): Promise<Rebuilt | null> {
  const server = new LocalServer(configuration.deployment);
  const body = since === null ? {} : { since: iso(since) };
  const answer = await server.askAny('/api/v1/history/rebuild', { method: 'POST', body, timeout: PATIENCE_MS });
  if (answer === null) return null;
  const { address, statusCode, said } = answer;
  if (statusCode !== 200)
    throw new OperatorError('PLIM_HISTORY_REFUSED', {
      what: `the Plimsoll that runs on this store refused (${statusCode}): ${said['detail'] ?? 'it does not say why'}`,
      fix: isUnknown(answer) ? HOW_A_COMMAND_COMES_IN : 'do what it says, then ask again',
      retryable: statusCode === 502,
    });
  const from = String(said['from']);
  for (;;) {
    const state = await server.ask(address, '/api/v1/history', { timeout: PATIENCE_MS });
    if (state === null) return { from, stopped: 'the server has ended; it goes on when it is started again' };
    const { history } = (await jsonOf(state)) as { history?: ReturnType<typeof historyJson> };
    if (history == null) return { from, stopped: 'the server does not say how far it is' };
    if (history.stopped !== null) return { from, stopped: history.stopped };
    if (history.sweptTo === null) return { from, stopped: null };
    await pause(LOOK_MS);
  }
}

async function here({ configuration, secret, since, now }: ExportInfluxOptions): Promise<Rebuilt> {
  const { deployment } = configuration;
  refuseBesideALeader(configuration, now());
  const reader = openStore(deployment.store, 'PLIM_HISTORY_NO_STORE');
  let reason: string | null = null;
  const tell = (said: unknown): void => {
    const { reason: why, err } = said as { reason?: string; err?: Error };
    reason = why ?? err?.message ?? 'it is not known why';
  };
  try {
    return await atStore(deployment, now, async (desk) => {
      const log = { info: () => {}, warn: tell, error: tell } as never;
      const history = historyBeside({ configuration, reader, desk, secret, log, now })!;
      const from = await history.rebuild(since === null ? null : Math.floor(since / 1000)).catch((error) => {
        if (!(error instanceof InfluxFailure)) throw error;
        throw new OperatorError('PLIM_HISTORY_REFUSED', {
          what: `the InfluxDB did not do it: ${error.message}`,
          fix: 'see to it, then ask again',
          retryable: error.isPassing,
        });
      });
      await history.settled();
      await history.stop();
      const { sweptTo } = historyJson(await history.state());
      return { from: iso(from * 1000), stopped: sweptTo === null ? null : (reason ?? 'it is not known why') };
    });
  } finally {
    reader.close();
  }
}

/** Of replicas one writes the history: two would not know of each other. */
function refuseBesideALeader({ deployment: { store } }: Configuration, now: Millis): void {
  if (store.type !== 'postgres') return;
  const reader = openStore(store, 'PLIM_HISTORY_NO_STORE');
  try {
    const row = reader.db.prepare('select 1 from leader where id = 1 and expires_at > ?').get(now);
    if (row === undefined) return;
  } finally {
    reader.close();
  }
  throw new OperatorError('PLIM_HISTORY_ELSEWHERE', {
    what: 'a replica on another machine writes the history',
    fix: 'run this where that replica runs (GET /readyz says of each whether it judges)',
    retryable: false,
  });
}

const sleep = (ms: Millis): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
