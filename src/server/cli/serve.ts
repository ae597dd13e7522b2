import { pino } from 'pino';
import type { ConfigurationPlaces } from '../config/load.ts';
import type { ConfigurationSource } from '../config/source.ts';
import { type Configuration, Plimsoll } from '../plimsoll.ts';
import { Reloader } from '../reload/reloader.ts';
import { schedule } from '../timers.ts';

export interface ServeOptions {
  readonly configuration: Configuration;
  /** Where it was read from, to be read again. */
  readonly source: ConfigurationSource;
  readonly places: ConfigurationPlaces;
  readonly secret: (reference: string) => Promise<string>;
}

/** Runs until it is told to stop. 0: stopped in order. 1: could not start, or the store failed. */
export async function serveCommand({ configuration, source, places, secret }: ServeOptions): Promise<number> {
  const log = pino({
    level: process.env['PLIMSOLL_LOG_LEVEL'] ?? 'info',
    base: { deployment: configuration.deployment.name },
  });
  return new Promise((resolve) => {
    const started = Plimsoll.start({
      configuration,
      clock: Date.now,
      log,
      secret,
      onFatal: (error) => {
        log.fatal(
          { err: error },
          'the store has failed: nothing more can be acknowledged, senders will come again; see to the disk (space, rights), then start Plimsoll again',
        );
        resolve(1);
      },
      onMoved: () => stop('moved'),
    });
    const reloading = started.then(
      (plimsoll) => new Reloader({ source, plimsoll, log, now: Date.now, schedule }, places),
    );
    // From the beginning, as a signal that nobody listens to ends the process.
    process.on('SIGHUP', () => void reloading.then((reloader) => reloader.reload('signal')).catch(() => {}));
    started.catch((error) => {
      const said = startFailure(error);
      // What has a code says what to do: where in the program it came up would bury that.
      log.fatal(/ \[PLIM_\w+\]$/.test(said) ? {} : { err: error }, said);
      resolve(1);
    });
    // From the beginning: told to stop while it starts, it starts and then stops in order. A second signal ends it at once.
    const stop = (reason: string): void => {
      log.info({ signal: reason }, 'stopping: what is under way is finished first');
      Promise.all([started, reloading])
        .then(([plimsoll, reloader]) => reloader.close().then(() => plimsoll.stop()))
        .then(
          () => resolve(0),
          (error) => {
            log.error({ err: error }, 'could not stop in order');
            resolve(1);
          },
        );
    };
    process.once('SIGTERM', () => stop('SIGTERM'));
    process.once('SIGINT', () => stop('SIGINT'));
  });
}

/** What kept Plimsoll from starting, and what to do about it. */
export function startFailure(error: NodeJS.ErrnoException & { port?: number; address?: string }): string {
  if (error.code === 'EADDRINUSE')
    return `port ${error.port} of ${error.address} is taken, by another Plimsoll perhaps: stop it, or name another port under spec.listen (0: any free one) [PLIM_LISTEN_TAKEN]`;
  if (error.code === 'EACCES' && error.port !== undefined)
    return `port ${error.port} needs more rights than this user has: name one above 1023 under spec.listen [PLIM_LISTEN_FORBIDDEN]`;
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND')
    return `this machine has no address ${error.address ?? ''} to listen on (${error.code}): name one of its own under spec.listen, 127.0.0.1 for itself alone [PLIM_LISTEN_NO_ADDRESS]`;
  return error.message;
}
