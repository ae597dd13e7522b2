import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { canonicalJson, type JsonObject } from './canonical-json.ts';
import { hex, sha256 } from './hash.ts';

/** A public key, and the name that heads know it by. */
export interface PublicKey {
  /** SHA-256 of the SPKI, hex. */
  readonly id: string;
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Buffer;
  readonly key: KeyObject;
}

export interface SigningKey extends PublicKey {
  readonly privateKey: KeyObject;
}

/** @throws RangeError when it is no Ed25519 key */
export function publicKeyOf(key: KeyObject): PublicKey {
  if (key.asymmetricKeyType !== 'ed25519') throw new RangeError('it is no Ed25519 key');
  const spki = key.export({ type: 'spki', format: 'der' });
  return { id: hex(sha256(spki)), spki, key };
}

export const publicKeyOfSpki = (spki: Buffer): PublicKey =>
  publicKeyOf(createPublicKey({ key: spki, format: 'der', type: 'spki' }));

export const signingKeyOf = (privateKey: KeyObject): SigningKey => ({
  ...publicKeyOf(createPublicKey(privateKey)),
  privateKey,
});

/**
 * A private key as text: PKCS #8 in PEM, or the base64 of it alone, for environment variables of one line.
 * @throws Error when it is none; the message does not hold it
 */
export function readSigningKey(text: string): SigningKey {
  const trimmed = text.trim().replaceAll('\\n', '\n');
  try {
    return signingKeyOf(
      trimmed.startsWith('-----')
        ? createPrivateKey(trimmed)
        : createPrivateKey({ key: Buffer.from(trimmed, 'base64'), format: 'der', type: 'pkcs8' }),
    );
  } catch {
    throw new RangeError('it is no Ed25519 private key in PKCS #8');
  }
}

const PEM = /-----BEGIN PUBLIC KEY-----[^-]+-----END PUBLIC KEY-----/g;

/** The public keys of a PEM file. @throws RangeError when there is none, or one is no Ed25519 key */
export function readPublicKeys(pem: string): PublicKey[] {
  const found = pem.match(PEM) ?? [];
  if (found.length === 0) throw new RangeError('it holds no public key in PEM');
  return found.map((one) => publicKeyOf(createPublicKey(one)));
}

/** Ed25519 over the bytes of the canonical JSON; 64 bytes. @see https://www.rfc-editor.org/rfc/rfc8032 */
export const signJson = (value: JsonObject, { privateKey }: SigningKey): Buffer =>
  sign(null, Buffer.from(canonicalJson(value)), privateKey);

export const isSignedJson = (value: JsonObject, signature: Uint8Array, { key }: PublicKey): boolean =>
  isSigned(Buffer.from(canonicalJson(value)), signature, { key });

export const isSigned = (bytes: Uint8Array, signature: Uint8Array, { key }: Pick<PublicKey, 'key'>): boolean =>
  signature.length === 64 && verify(null, bytes, key, signature);
