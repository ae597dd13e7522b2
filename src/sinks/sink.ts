import type {
  ChangeNotice,
  Checkpoint,
  Message,
  Notice,
  Outcome,
  ProblemMessage,
  Remote,
  SinkClass,
} from '../model/delivery.ts';
import type { Incident } from '../model/incident.ts';
import type { Millis } from '../model/time.ts';
import type { Inbound } from './inbound.ts';

export interface HttpRequest {
  readonly method: 'POST' | 'PUT' | 'PATCH' | 'GET' | 'DELETE';
  /** May be a secret: it is never put into a result. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/**
 * - `answer`: header names in lower case, the first 64 KB of the body.
 * - `forbidden`: the target isn't one that we may talk to; nothing was sent.
 * - `not_sent`: there was no connection, so nothing was sent.
 * - `no_answer`: it was sent, wholly or in part, and no answer came.
 */
export type HttpResult =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string;
    }
  | { readonly kind: 'forbidden' | 'not_sent' | 'no_answer'; readonly reason: string };

/** Never throws for what the other side does. */
export type Http = (request: HttpRequest) => Promise<HttpResult>;

export interface MailRequest {
  /** `smtp://host:port`, or `smtps://host:port` for TLS from the first byte. */
  readonly url: string;
  /** `required`: nothing is said before STARTTLS; `off`: nothing is encrypted (smtps is, all the same). */
  readonly tls: 'required' | 'off';
  /** Said under TLS alone. */
  readonly login?: { readonly user: string; readonly password: string };
  /** Addresses alone, without names. */
  readonly from: string;
  readonly to: readonly string[];
  /** As RFC 5322 has it: headers, an empty line, the text. */
  readonly message: string;
}

/**
 * - `accepted`: the server takes care of it now; it refused so many of the addresses.
 * - `refused`: a reply of 4xx or 5xx (RFC 5321), of the last that nobody is left after.
 * - the others as for HTTP: `not_sent` up to the moment at which the message begins.
 */
export type MailResult =
  | { readonly kind: 'accepted'; readonly refused: number }
  | { readonly kind: 'refused'; readonly code: number }
  | { readonly kind: 'forbidden' | 'not_sent' | 'no_answer'; readonly reason: string };

/** Never throws for what the other side does. */
export type Mail = (request: MailRequest) => Promise<MailResult>;

/** What a sink is given. */
export interface SinkContext<Options> {
  /** This destination's part of the configuration. */
  readonly options: Options;
  readonly http: Http;
  readonly mail: Mail;
  readonly now: () => Millis;
  /** The value behind `env:NAME` or `file:/path`, read anew. Throws when it can't be had. */
  readonly secret: (reference: string) => Promise<string>;
  /** Name of the deployment. */
  readonly deployment: string;
  /** Base address of the console, without a slash at its end. */
  readonly consoleUrl: string;
  /** Odd, nothing lost. `code` names the kind, so that the same isn't said every minute. */
  readonly warn: (code: string, text: string) => void;
}

/** An incident that a destination knows, for saying it again. */
export interface Known {
  /** As the record stands now. */
  readonly incident: Incident;
  readonly remote: Remote;
}

export interface Sink<Options> {
  /** The `type` of the configuration. */
  readonly name: string;
  /** One sentence for tables. */
  readonly summary: string;
  readonly class: SinkClass;
  /** It gets each transition; otherwise a newer state may replace an older one that couldn't be delivered. */
  readonly everyTransition?: true;
  /**
   * Tells the destination. The message may be the first of its incident whatever its transition is, and may have
   * arrived before: the sink makes sure that saying it twice is like saying it once.
   */
  readonly deliver: (message: Message, context: SinkContext<Options>) => Promise<Outcome>;
  /** Of one that keeps problems, too: tells it of a step of one, which may have arrived before. */
  readonly problem?: (message: ProblemMessage, context: SinkContext<Options>) => Promise<Outcome>;
  /** Of one that keeps heads of the audit log: tells it of one, which may have arrived before. */
  readonly anchor?: (checkpoint: Checkpoint, context: SinkContext<Options>) => Promise<Outcome>;
  /** Of one that people read: tells them something that is about no incident. */
  readonly announce?: (notice: Notice, context: SinkContext<Options>) => Promise<Outcome>;
  /** Of one that shows changes beside its alerts. It may have been told before. */
  readonly change?: (change: ChangeNotice, context: SinkContext<Options>) => Promise<Outcome>;
  /** Of one that may go deaf without a word: when it has taken nothing for so long, a notice is sent to see. */
  readonly testEveryMs?: Millis;
  /** Of one that takes a support group without a word, whether or not there is one: those that it does not know. Throws `Failed`. */
  readonly unknownGroups?: (groups: readonly string[], context: SinkContext<Options>) => Promise<string[]>;
  /** For destinations that forget what isn't said again: called at the start and then every `everyMs` with all that asked for it. */
  readonly refresh?: {
    readonly everyMs: Millis;
    readonly send: (known: readonly Known[], context: SinkContext<Options>) => Promise<Outcome>;
  };
  /** How what people do over there comes back; absent: it doesn't. */
  readonly inbound?: Inbound<Options>;
}

/** Keeps the type of the options. */
export const defineSink = <Options>(sink: Sink<Options>): Sink<Options> => sink;

/** Where the console shows an incident. */
export const incidentUrl = (consoleUrl: string, incident: string): string =>
  `${consoleUrl}/incidents/${encodeURIComponent(incident)}`;

/** Where the console shows a problem. */
export const problemUrl = (consoleUrl: string, problem: string): string =>
  `${consoleUrl}/problems/${encodeURIComponent(problem)}`;
