/** A certificate chain and its key, PEM. */
export interface TlsKeys {
  readonly cert: Buffer;
  readonly key: Buffer;
}
