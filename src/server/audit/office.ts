import type { Logger } from 'pino';
import type { SignedHead } from '../../compliance/audit/head.ts';
import type { SigningKey } from '../../compliance/audit/keys.ts';
import type { Deployment } from '../../model/config/deployment.ts';
import { OperatorError } from '../../model/errors.ts';
import type { Actor } from '../../model/incident.ts';
import type { Millis } from '../../model/time.ts';
import { auditEntry } from '../../store/records/audit.ts';
import type { Write } from '../../store/records/outbox.ts';
import type { Records } from '../../store/records/records.ts';
import { type KeyPlace, keyPlaceOf, referenced } from './keys.ts';
import { Notary } from './notary.ts';
import { openKey } from './open-key.ts';

export interface OfficeOptions {
  readonly deployment: Pick<Deployment, 'name' | 'audit' | 'store'>;
  readonly records: Records;
  readonly write: Write;
  readonly secret: (reference: string) => Promise<string>;
  readonly log: Pick<Logger, 'warn'>;
  /** Heads wait to be sent to anchors. */
  readonly onSigned?: () => void;
}

/** What people and timers ask of the audit log: a head, another key, a shorter log, leave to take a copy away. */
export class AuditOffice {
  readonly #options: OfficeOptions;
  readonly #notary: Notary;
  readonly #place: KeyPlace;
  #rotating: Promise<unknown> = Promise.resolve();

  private constructor(options: OfficeOptions, notary: Notary, place: KeyPlace) {
    this.#options = options;
    this.#notary = notary;
    this.#place = place;
  }

  /** @throws OperatorError when the key can't be had */
  static async open(options: OfficeOptions, now: Millis): Promise<AuditOffice> {
    const { deployment, records, write, secret, log } = options;
    const place = keyPlaceOf(deployment, secret);
    const key = await openKey(place, records);
    const { anchors } = deployment.audit;
    const notary = await Notary.open({ records, write, key, log: deployment.name, anchors }, now);
    if (notary.keyEvent === 'replaced')
      log.warn(
        { key: place.name, keyId: key.id },
        'the key of the audit log is not the one that signed it before, and no rotation says so: verifiers have to be given the new one',
      );
    if (place.file?.isExposed === true)
      log.warn({ file: place.name }, 'others than its owner can read the key of the audit log: chmod 600');
    return new AuditOffice(options, notary, place);
  }

  async sign(now: Millis): Promise<SignedHead> {
    const signed = await this.#notary.sign(now);
    this.#options.onSigned?.();
    return signed;
  }

  /** Notes that a copy is taken away, and signs a head over all of it. @param range  what the copy is limited to */
  async exported(by: Actor, range: { from: Millis | null; until: Millis | null }, now: Millis): Promise<SignedHead> {
    const at = (time: Millis | null): string | null => (time === null ? null : new Date(time).toISOString());
    await this.#options.write([
      auditEntry(by, 'audit.exported', { from: at(range.from), until: at(range.until) }, now),
    ]);
    return this.sign(now);
  }

  /**
   * Another key. @param reference  where the new one is, when keys are the operator's to make; null: one is made
   * @throws OperatorError when the one is asked for and the other is how it is
   */
  rotate(reference: string | null, by: Actor, now: Millis): Promise<SignedHead> {
    // A key that is still to be put in its place is not written over by the next one.
    const done = this.#rotating.then(() => this.#rotate(reference, by, now));
    this.#rotating = done.catch(() => {});
    return done;
  }

  async #rotate(reference: string | null, by: Actor, now: Millis): Promise<SignedHead> {
    const { file, name } = this.#place;
    if (file === null) {
      if (reference === null) throw needsReference(name);
      return this.#rotateTo(await referenced(reference, this.#options.secret), by, now);
    }
    if (reference !== null) throw ownsFile(name);
    const next = file.prepare();
    try {
      return await this.#rotateTo(next, by, now);
    } finally {
      // It is in force with its entry, also when the head behind that could not be signed.
      if (this.#notary.publicKey.id === next.id) file.advance();
    }
  }

  async #rotateTo(key: SigningKey, by: Actor, now: Millis): Promise<SignedHead> {
    const signed = await this.#notary.rotate(key, by, now);
    this.#options.onSigned?.();
    return signed;
  }

  async cut(before: Millis, by: Actor, now: Millis): Promise<number> {
    const entries = await this.#notary.cut(before, by, now);
    this.#options.onSigned?.();
    return entries;
  }
}

const needsReference = (name: string): OperatorError =>
  new OperatorError('PLIM_AUDIT_KEY_PLACE', {
    what: `the key of the audit log is kept by you (${name})`,
    fix: 'make the new one (openssl genpkey -algorithm ed25519), name it with --to env:NAME or --to file:/path, and write that into spec.audit.key afterwards',
    retryable: false,
  });

const ownsFile = (name: string): OperatorError =>
  new OperatorError('PLIM_AUDIT_KEY_PLACE', {
    what: `the key of the audit log is a file of Plimsoll's own (${name}), which makes the new one itself`,
    fix: 'leave --to out; to keep keys yourself, write where the new one is into spec.audit.key first',
    retryable: false,
  });
