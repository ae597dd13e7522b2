import type { Logger } from 'pino';
import type { Statement } from '../store/items.ts';
import type { Reader } from '../store/reader.ts';
import { followStatements, unfollowStatements } from '../store/sqlite/following.ts';
import { MOVED_TO } from '../store/sqlite/settings.ts';
import type { Writer } from '../store/writer.ts';
import type { Anchors } from './audit/anchors.ts';
import type { Dispatcher } from './delivery/dispatcher.ts';
import { Moving, type MovingOptions } from './moving.ts';

/** What senders are told. */
const REASON = 'the store is being moved, for some seconds nothing is taken';

export interface MovedParts {
  readonly reader: Reader;
  readonly writer: Writer;
  readonly write: (statements: readonly Statement[]) => Promise<unknown>;
  readonly alone: <T>(work: () => Promise<T>) => Promise<T>;
  readonly dispatcher: Dispatcher;
  readonly anchors: Anchors;
  /** What else goes on by itself and writes. */
  readonly others: readonly { run(): void; stop(): Promise<unknown> }[];
  readonly schedule: MovingOptions['schedule'];
  readonly log: Logger;
}

/** How the embedded store of a running server is followed, held and left. */
export const movingOf = ({
  reader,
  writer,
  write,
  alone,
  dispatcher,
  anchors,
  others,
  schedule,
  log,
}: MovedParts): Moving =>
  new Moving({
    schedule,
    follow: async () => {
      await writer.settle();
      await write(followStatements(reader.db));
    },
    unfollow: async () => {
      await write(unfollowStatements(reader.db));
    },
    hold: async () => {
      // What has left is settled while the doors are open: a destination may take its time.
      await dispatcher.stop();
      await anchors.stop();
      for (const one of others) await one.stop();
      await alone(async () => {
        writer.hold(REASON);
        // Done in turn: what was taken before is in the store when this is.
        await writer.settle();
      });
    },
    release: async () => {
      writer.release();
      dispatcher.run();
      anchors.resume();
      for (const one of others) one.run();
    },
    leave: async (to) => {
      const sql = 'insert into setting values (?, ?) on conflict (name) do update set value = excluded.value';
      const result = await writer.writeHeld([{ sql, parameters: [MOVED_TO, to] }]);
      if (result.type !== 'statements') throw new Error(`the store could not be left: ${JSON.stringify(result)}`);
    },
    report: (what, error) => (error === undefined ? log.warn(what) : log.error({ err: error }, what)),
  });
