import { X509Certificate } from 'node:crypto';
import type { Logger } from 'pino';
import type { TlsKeys } from '../../collectors/tls-keys.ts';
import type { Millis } from '../model/time.ts';
import { readTls, type TlsFiles, tlsProblem } from './config/tls-files.ts';

/** How often the files are looked at: whoever renews certificates does so days ahead. */
const LOOK_EVERY: Millis = 30_000;
/** So long before its end a certificate is warned of, each time that it is read. */
const WARN_BEFORE: Millis = 14 * 86_400_000;

/** The certificate and its key as the files hold them; doors are given others when these change. */
export class Tls {
  readonly #files: TlsFiles;
  readonly #log: Logger;
  readonly #now: () => Millis;
  #keys: TlsKeys;
  #timer: NodeJS.Timeout | null = null;

  /** @throws what the disk says */
  constructor(files: TlsFiles, log: Logger, now: () => Millis) {
    this.#files = files;
    this.#log = log;
    this.#now = now;
    this.#keys = readTls(files);
    this.#warnOfEnd();
  }

  get keys(): TlsKeys {
    return this.#keys;
  }

  /** Looks at the files from time to time until `close`. */
  watch(apply: (keys: TlsKeys) => void): void {
    this.#timer = setInterval(() => this.look(apply), LOOK_EVERY).unref();
  }

  /** Hands on what the files hold where that is new and fits together; files that are half written are looked at again later. */
  look(apply: (keys: TlsKeys) => void): void {
    try {
      const found = readTls(this.#files);
      if (found.cert.equals(this.#keys.cert) && found.key.equals(this.#keys.key)) return;
      // What was read, and not what the files hold by now: somebody may be writing them.
      const problem = tlsProblem(this.#files, () => found);
      if (problem !== null) {
        this.#log.warn(
          { problem },
          'the files of spec.listen.tls have changed and are of no use: the old ones stay in force',
        );
        return;
      }
      this.#keys = found;
      apply(found);
      this.#log.info('the files of spec.listen.tls have changed: new connections get the new certificate');
      this.#warnOfEnd();
    } catch (error) {
      this.#log.warn({ err: error }, 'the files of spec.listen.tls can not be read: the old ones stay in force');
    }
  }

  close(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  #warnOfEnd(): void {
    const end = Date.parse(new X509Certificate(this.#keys.cert).validTo);
    if (end - this.#now() < WARN_BEFORE)
      this.#log.warn(
        { validTo: new Date(end).toISOString() },
        'the certificate of spec.listen.tls ends soon: renew it',
      );
  }
}
