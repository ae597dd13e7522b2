/** Somebody who may send for some services only. */
export interface Sender {
  /** The name of the service that telemetry is of, by its key (`serviceKey`); null where they may not send for it. */
  readonly serviceFor: (serviceKey: string) => string | null;
  /** All that they may send for. */
  readonly services: readonly string[];
}

/** What a request says of whoever sends it. */
export interface SenderCredentials {
  /** The header of that name. */
  readonly authorization: string | undefined;
  /** The address it came from. */
  readonly source: string | undefined;
  /** Of a page in a browser: under which name it reaches this door. */
  readonly pageHost?: string;
}
