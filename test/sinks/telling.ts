import type { Message, Outcome, Remote } from '../../src/model/delivery.ts';
import type { Incident, Transition } from '../../src/model/incident.ts';
import type { Millis } from '../../src/model/time.ts';
import type { Http, Sink, SinkContext } from '../../src/sinks/sink.ts';
import { incidentWith } from '../incidents.ts';
import { messageOf } from '../messages.ts';
import { Conversation } from '../standins/conversation.ts';
import type { Answer, Received } from '../standins/http-server.ts';
import { noMail } from '../standins/no-mail.ts';

/** One sink that is told message after message of one incident, and what it says to its tool. */
export class Telling<Options> {
  conversation!: Conversation;
  warnings: string[] = [];
  readonly #sink: Sink<Options>;
  readonly #context: Pick<SinkContext<Options>, 'options' | 'now' | 'secret'>;
  #http!: Http;
  #seq = 0;

  /** @param secret  behind each reference */
  constructor(sink: Sink<Options>, options: Options, secret: string, now: Millis = 0) {
    this.#sink = sink;
    this.#context = { options, now: () => now, secret: async () => secret };
  }

  /** Anew, before each test. */
  begin(answer: (request: Received) => Answer): void {
    this.conversation = new Conversation(answer);
    this.#http = this.conversation.http;
    this.warnings = [];
    this.#seq = 0;
  }

  /** Something between the sink and its tool, from now on. */
  through(way: (http: Http) => Http): void {
    this.#http = way(this.#http);
  }

  readonly send = (changes: Partial<Message>, more: Partial<SinkContext<Options>> = {}): Promise<Outcome> =>
    this.#sink.deliver(messageOf(changes), {
      ...this.#context,
      http: this.#http,
      mail: noMail,
      deployment: 'eu1',
      consoleUrl: 'https://plimsoll.example.com',
      warn: (code) => this.warnings.push(code),
      ...more,
    });

  /** The next message. */
  readonly tell = (
    transition: Transition,
    remote: Remote | null = null,
    changes: Partial<Incident> = {},
    more: Partial<SinkContext<Options>> = {},
  ): Promise<Outcome> => this.send({ seq: ++this.#seq, transition, remote, incident: incidentWith(changes) }, more);

  readonly methods = (): string[] => this.conversation.exchanges.map(({ request }) => request.method);
}

/** What a delivery that went well left behind. */
export function remoteOf(outcome: Outcome): Remote {
  if (outcome.kind !== 'ok' || outcome.remote === undefined) throw new Error(JSON.stringify(outcome));
  return outcome.remote;
}
