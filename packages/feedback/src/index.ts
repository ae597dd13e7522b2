/** Names of an interaction: give what you know. The first of these that leads to one counts. */
interface Names {
  /** 32 hex digits; with `spanId` for one of several interactions in a trace. */
  readonly traceId?: string | undefined;
  readonly spanId?: string | undefined;
  /** The model's id of its answer. */
  readonly responseId?: string | undefined;
  /** Your own id, which a span of the interaction carries. */
  readonly interactionId?: string | undefined;
  /** The latest interaction of the conversation is meant. */
  readonly conversationId?: string | undefined;
}

/** What is spoken of: one name at least. */
export type Target = Names &
  (
    | { readonly traceId: string }
    | { readonly responseId: string }
    | { readonly interactionId: string }
    | { readonly conversationId: string }
  );

/** `pending`: kept until the interaction comes. `duplicate`: said before, the same. */
export type Outcome = 'accepted' | 'pending' | 'duplicate';

/** What was said did not arrive, or was refused. */
export class FeedbackError extends Error {
  override readonly name = 'FeedbackError';
  /** Of the answer; 0 when none came. */
  readonly status: number;
  /** How long to wait before sending the same again, at least; null when that does not help. */
  readonly waitMs: number | null;

  constructor(message: string, status: number, waitMs: number | null) {
    super(message);
    this.status = status;
    this.waitMs = waitMs;
  }
}

export interface FeedbackOptions {
  /** Plimsoll's address, as `https://plimsoll.example.com`. */
  readonly url: string;
  /** Sent as bearer token. */
  readonly token?: string;
  /** The service that all of it is about: tells several in one trace apart. */
  readonly service?: string;
  /** Who speaks, as a pseudonym: a second word of theirs replaces the first. Made up when absent, as fits one person's page. */
  readonly rater?: string;
  /** How often one is sent at most; 6. */
  readonly attempts?: number;
  /** How many may be under way at a time; 100. Further ones fail at once. */
  readonly maxWaiting?: number;
  /** Told of each that was given up, also where nobody looks at the promise; `console.warn`. */
  readonly onError?: (error: FeedbackError) => void;
  readonly fetch?: typeof fetch;
  /** In [0, 1). */
  readonly random?: () => number;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  readonly sleep?: (ms: number) => Promise<void>;
}

/**
 * Each resolves once Plimsoll has what was said on its disk, and rejects with a `FeedbackError` when it was refused or given
 * up. Nobody has to wait for it.
 */
export interface FeedbackClient {
  thumbs(about: Target, value: 'up' | 'down'): Promise<Outcome>;
  stars(about: Target, value: 1 | 2 | 3 | 4 | 5): Promise<Outcome>;
  /** What a person did with a proposal. */
  decision(about: Target, value: 'accepted' | 'overridden'): Promise<Outcome>;
  /** A person had to take over. */
  escalation(about: Target, value?: boolean): Promise<Outcome>;
  /** The same was asked again. */
  reask(about: Target, value?: boolean): Promise<Outcome>;
  flag(about: Target, value: 'unsafe' | 'biased' | 'hallucinated' | 'wrong' | 'other'): Promise<Outcome>;
}

const FIRST_WAIT_MS = 1_000;
const MAX_WAIT_MS = 30_000;
const TIMEOUT_MS = 10_000;
/** Beyond it a timer would fire at once. */
const TIMER_MAX_MS = 2 ** 31 - 1;
/** Answers after which sending the same again is right. */
const COME_AGAIN = [429, 502, 503, 504];

export function createFeedback(options: FeedbackOptions): FeedbackClient {
  const {
    url,
    token,
    service,
    rater = randomId(),
    attempts = 6,
    maxWaiting = 100,
    onError = console.warn,
    fetch: request = fetch,
    random = Math.random,
    now = Date.now,
    sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  } = options;
  const address = `${url.replace(/\/+$/, '')}/api/v1/feedback`;
  const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
  let waiting = 0;

  /** Retries, timeouts and lost answers may send one word often: by its id and time it counts once. */
  function bodyOf(about: Target, kind: string, value: unknown): string {
    const name = about.spanId ?? about.responseId ?? about.interactionId ?? about.traceId;
    const subject = kind === 'flag' ? value : kind;
    // A conversation means another interaction the next time, and by Plimsoll's clock: this one may be slow.
    const id = [rater, subject, service, name ?? randomId()].join(' ');
    const at = name && new Date(now()).toISOString();
    return JSON.stringify({ feedback: [{ ...about, service, kind, value, id, at }] });
  }

  async function attempt(body: string): Promise<Outcome> {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    // keepalive: a click before the page is left still goes out.
    const answer = await request(address, { method: 'POST', headers, body, keepalive: true, signal });
    const { status } = answer;
    const text = await answer.text();
    if (answer.ok) return outcomeOf(text, status);
    const waitMs = COME_AGAIN.includes(status) ? retryAfterMs(answer.headers.get('retry-after'), now()) : null;
    throw new FeedbackError(`Plimsoll answered ${status}: ${text.slice(0, 500)}`, status, waitMs);
  }

  async function deliver(body: string): Promise<Outcome> {
    if (waiting >= maxWaiting) throw new FeedbackError(`${waiting} are under way already`, 0, null);
    waiting++;
    try {
      for (let tries = 1; ; tries++)
        try {
          return await attempt(body);
        } catch (cause) {
          const error =
            cause instanceof FeedbackError ? cause : new FeedbackError(`Plimsoll was not reached: ${cause}`, 0, 0);
          if (error.waitMs === null || tries >= attempts) throw error;
          // Exponential backoff with full jitter, never earlier than asked for.
          const jitterMs = random() * Math.min(MAX_WAIT_MS, FIRST_WAIT_MS * 2 ** (tries - 1));
          await sleep(Math.min(TIMER_MAX_MS, Math.max(error.waitMs, jitterMs)));
        }
    } finally {
      waiting--;
    }
  }

  function send(about: Target, kind: string, value: unknown): Promise<Outcome> {
    const sent = deliver(bodyOf(about, kind, value));
    sent.catch(onError);
    return sent;
  }

  return {
    thumbs: (about, value) => send(about, 'thumbs', value),
    stars: (about, value) => send(about, 'stars', value),
    decision: (about, value) => send(about, 'decision', value),
    escalation: (about, value = true) => send(about, 'escalation', value),
    reask: (about, value = true) => send(about, 'reask', value),
    flag: (about, value) => send(about, 'flag', value),
  };
}

function outcomeOf(text: string, status: number): Outcome {
  const { pending, duplicates, rejected } = JSON.parse(text);
  if (rejected[0]) throw new FeedbackError(`Plimsoll refused it: ${rejected[0].detail}`, status, null);
  return pending ? 'pending' : duplicates ? 'duplicate' : 'accepted';
}

/** Seconds or a date, RFC 9110 section 10.2.3; 0 when absent or neither. */
function retryAfterMs(header: string | null, now: number): number {
  const ms = /^\d+$/.test(header ?? '') ? Number(header) * 1000 : Date.parse(header ?? '') - now;
  return Math.max(0, ms || 0);
}

/** Not `crypto.randomUUID`, which pages without TLS lack. */
const randomId = (): string => crypto.getRandomValues(new Uint32Array(4)).join('-');
