import { OperatorError } from '../../model/errors.ts';
import type { Millis } from '../../model/time.ts';
import type { PgAddress } from '../../store/postgres/database.ts';
import { finishTarget, openTarget, PATIENCE_MS, withoutPassword } from '../../store/postgres/move-target.ts';
import { connectForReading } from '../../store/postgres/reader.ts';
import { lockStore, migrationOf, openForReading } from '../../store/sqlite/database.ts';
import { isFollowed } from '../../store/sqlite/following.ts';
import { MOVED_TO, Settings } from '../../store/sqlite/settings.ts';
import { Follower, reading } from './follower.ts';
import type { LocalPlace } from './local-server.ts';
import type { Show, StoreMoved } from './move-stopped.ts';
import { RunningMove } from './running-move.ts';

/** So long the old server may take to end, ms. */
const END_MS: Millis = 60_000;
const LOOK_AGAIN_MS: Millis = 100;

export interface RunningStore {
  /** The embedded store that a Plimsoll works on. */
  readonly file: string;
  readonly to: PgAddress;
  /** Where that Plimsoll is found. */
  readonly place: LocalPlace;
  readonly now: () => Millis;
}

/**
 * Moves the store of a running Plimsoll. The bulk is copied beside it, from a copy of one moment; then what was written since, again
 * and again, until little is left; for the last of it the doors are held. It is compared; then the old server writes down that
 * the store has moved, and ends. Until it has, all of it can be cut off: the server goes on with the embedded store.
 * @throws OperatorError when that can't be; then the server goes on
 */
export async function moveRunning(
  { file, to, place, now }: RunningStore,
  show: Show,
): Promise<StoreMoved & { heldMs: Millis }> {
  const target = openTarget(to);
  try {
    const shown = withoutPassword(to.url);
    const move = await RunningMove.begin(place, shown);
    const watched: Show = (...told) => {
      move.check();
      show(...told);
    };
    try {
      if (!reading(file, isFollowed)) throw stranger(file);
      const reader = connectForReading(to, PATIENCE_MS);
      try {
        const follower = new Follower(file, target, reader, now, watched);
        const copied = await follower.copyBulk();
        follower.catchUp();
        const began = performance.now();
        await move.hold();
        follower.finish();
        const isEqual = copied.isEqual && follower.isEqual;
        if (isEqual) {
          await move.leave().catch((error) => {
            // The answer may be lost, and the step done.
            if (!wasLeft(file, shown)) throw error;
          });
          finishTarget(target, { from: file, at: now() });
          await ended(file);
        } else await move.release();
        const heldMs = Math.round(performance.now() - began);
        return { ...copied, spans: follower.spans, rows: follower.rows, isEqual, heldMs };
      } finally {
        reader.close();
      }
    } catch (error) {
      await move.release();
      throw error;
    } finally {
      move.close();
    }
  } finally {
    target.close();
  }
}

/** Whether the last step of a move of this store was done, to that place. */
export function wasLeft(file: string, to: string): boolean {
  const db = openForReading(file, { mayBeOlder: true });
  try {
    return migrationOf(db) > 0 && new Settings(db).get(MOVED_TO) === to;
  } finally {
    db.close();
  }
}

/** Resolves when the old server has ended, or should have. */
async function ended(file: string): Promise<void> {
  for (const until = performance.now() + END_MS; performance.now() < until; ) {
    try {
      lockStore(file).release();
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
    }
  }
}

const stranger = (file: string): OperatorError =>
  new OperatorError('PLIM_MOVE_NO_SERVER', {
    what: `the Plimsoll that answers does not work on ${file}`,
    fix: 'name the file that its spec.store.url names, and its deployment file with --config',
    retryable: false,
  });
