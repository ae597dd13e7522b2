import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { Deployment } from '../../model/config/deployment.ts';
import { OperatorError } from '../../model/errors.ts';
import type { Millis } from '../../model/time.ts';
import { asUnreachable } from '../../store/postgres/migrate.ts';
import { connectToTarget, finishTarget, isUnfinished, withoutPassword } from '../../store/postgres/move-target.ts';
import type { LocalPlace } from './local-server.ts';
import { moveRunning, wasLeft } from './move-running.ts';
import { missing, moveStopped, type Show, type StoreMoved } from './move-stopped.ts';
import { progressLine } from './progress.ts';
import { tellRefusal } from './refusal.ts';

export interface MigrateStoreOptions {
  /** `sqlite:…` and `postgres:…`. */
  readonly from: string;
  readonly to: string;
  readonly password: string | null;
  /** Where the Plimsoll that may run on the store listens, by its configuration; null: where the store says. */
  readonly listen: Deployment['listen'] | null;
  readonly json: boolean;
  readonly now: () => Millis;
}

/** `finished`: a move that was cut off in its last step has come to its end. */
export type MoveResult =
  | (StoreMoved & { readonly how: 'stopped' })
  | (StoreMoved & { readonly how: 'running'; readonly heldMs: Millis })
  | { readonly how: 'finished' };

/** Moves an embedded store into PostgreSQL, beside the Plimsoll that runs on it or without. @throws OperatorError when that can't be */
export async function moveToPostgres(
  { from, to: url, password, listen, now }: Omit<MigrateStoreOptions, 'json'>,
  show: Show,
): Promise<MoveResult> {
  const file = resolve(from.replace(/^sqlite:/, ''));
  if (!existsSync(file)) throw missing(file);
  const to = { url, password };
  if (wasLeft(file, withoutPassword(url))) {
    const target = connectToTarget(to);
    try {
      if (isUnfinished(target)) {
        finishTarget(target, { from: file, at: now() });
        return { how: 'finished' };
      }
    } finally {
      target.close();
    }
  }
  try {
    return { how: 'stopped', ...moveStopped(file, to, now(), show) };
  } catch (error) {
    if (!(error instanceof OperatorError) || error.code !== 'PLIM_STORE_IN_USE') throw error;
  }
  return { how: 'running', ...(await moveRunning({ file, to, place: placeOf(file, listen), now }, show)) };
}

function placeOf(file: string, listen: LocalPlace['listen'] | null): LocalPlace {
  // No port but the one that the store names: another Plimsoll may have the usual one.
  const nowhere = { kind: 'Deployment', apiVersion: 'plimsoll/v1', spec: { listen: { http: '127.0.0.1:0' } } };
  return { store: { type: 'sqlite', path: file }, listen: listen ?? Deployment.parse(nowhere).listen };
}

/** 0: moved, and proved to be the same. 1: refused, failed, or not the same. */
export async function migrateStoreCommand({ json, ...options }: MigrateStoreOptions): Promise<number> {
  let line: ReturnType<typeof progressLine> | null = null;
  let current = '';
  let moved: MoveResult;
  try {
    moved = await moveToPostgres(options, (what, done, of) => {
      if (what !== current) line?.end();
      if (what !== current) line = progressLine(what, !json);
      current = what;
      line!.show(done, of);
    });
  } catch (error) {
    (line as ReturnType<typeof progressLine> | null)?.end();
    tellRefusal(asUnreachable(error), json);
    return 1;
  }
  (line as ReturnType<typeof progressLine> | null)?.end();
  if (json) console.log(JSON.stringify(moved));
  else for (const said of report(moved)) console.log(said);
  return moved.how === 'finished' || moved.isEqual ? 0 : 1;
}

const NEXT = 'Set spec.store.url to the new address and start Plimsoll';

function report(moved: MoveResult): string[] {
  if (moved.how === 'finished')
    return [`the store had moved already, but for the last step, which is done now. ${NEXT}`];
  const { spans, rows, before, after, isEqual } = moved;
  const lines = [
    `moved: ${spans} spans, ${rows} other rows`,
    `verify: ${before.compared} tallies compared there, ${before.differing} differ; ${after.compared} here, ${after.differing} differ`,
  ];
  if (!isEqual)
    lines.push(
      moved.how === 'running'
        ? 'they are NOT the same: Plimsoll goes on with the old store; drop the new database, and report this'
        : 'they are NOT the same: stay with the old store, drop the new database, and report this',
    );
  else if (moved.how === 'stopped') lines.push(`both are the same. ${NEXT}; the old file is as it was`);
  else
    lines.push(
      `both are the same. The doors were held for ${(moved.heldMs / 1000).toFixed(1)} s, and the old Plimsoll has stopped. ${NEXT}; on the old file none starts any more`,
    );
  return lines;
}
