import { useState } from 'preact/hooks';
import { plainText } from '../../../../model/plain-text.ts';
import { type OutboxMessageJson, post } from '../api.ts';
import { live } from '../live.ts';
import { wordsOf } from '../logic/format.ts';
import { placeOfRecord } from '../logic/places.ts';
import { Link } from '../router.tsx';
import { useSession } from '../session.ts';
import { useResource } from '../use-resource.ts';
import { Failure } from './notice.tsx';
import { Outcome, refusalText } from './outcome.tsx';
import { Ago } from './time.tsx';

const nameOf = ({ incident, transition, sink }: OutboxMessageJson): string =>
  `${incident} ${wordsOf(transition)}, to ${sink}`;

async function sendAgain(message: OutboxMessageJson): Promise<string> {
  const { needless } = await post<{ needless: string | null }>(`/outbox/${message.id}/replay`, {});
  return needless === null ? 'sent again' : `not sent: ${needless}`;
}
async function drop(message: OutboxMessageJson, reason: string): Promise<string> {
  await post(`/outbox/${message.id}/discard`, { reason });
  return 'dropped';
}

/** What was given up, by destination: to be sent again, or dropped. */
export function DeadLetters() {
  const { data, error } = useResource<{ messages: OutboxMessageJson[]; nextCursor?: string }>(
    '/outbox?state=dead&limit=100',
  );
  const mayRespond = useSession().data?.permissions.includes('respond') === true;
  const [busy, setBusy] = useState(false);
  const [said, setSaid] = useState('');
  const [failure, setFailure] = useState<Error | null>(null);
  /** One after the other: what was written first is told first. */
  const act = async (
    messages: readonly OutboxMessageJson[],
    what: (message: OutboxMessageJson) => Promise<string>,
  ): Promise<void> => {
    setBusy(true);
    setFailure(null);
    setSaid('');
    try {
      for (const [i, message] of messages.entries()) {
        const result = await what(message);
        setSaid(messages.length === 1 ? `${nameOf(message)}: ${result}.` : `${i + 1} of ${messages.length} done.`);
      }
    } catch (problem) {
      setFailure(problem as Error);
    } finally {
      setBusy(false);
      live.bump();
    }
  };
  const bySink = Map.groupBy(data?.messages ?? [], (one) => one.sink);
  return (
    <section aria-labelledby="dead-letters">
      <h2 id="dead-letters">Given up</h2>
      {error !== null && <Failure error={error} what="What was given up" />}
      {data?.messages.length === 0 && <p class="none">Nothing.</p>}
      {bySink.size > 0 && (
        <p class="terms">
          Refused, or not taken for 72 hours. Mend the destination first, then send it again; or drop what nobody needs
          to hear any more.
        </p>
      )}
      {[...bySink].map(([sink, messages]) => (
        <div key={sink} class="dead-letters">
          <div class="dead-letters-head">
            <h3>{sink}</h3>
            {mayRespond && messages.length > 1 && (
              <button type="button" disabled={busy} onClick={() => void act(messages.toReversed(), sendAgain)}>
                Send all {messages.length} again
              </button>
            )}
          </div>
          <ul>
            {messages.map((message) => (
              <DeadLetter
                key={message.id}
                message={message}
                mayAct={mayRespond}
                busy={busy}
                onReplay={() => void act([message], sendAgain)}
                onDiscard={(reason) => void act([message], (one) => drop(one, reason))}
              />
            ))}
          </ul>
        </div>
      ))}
      {data?.nextCursor !== undefined && (
        <p class="terms">
          There are more: <code>plimsoll outbox list --state dead</code> shows all.
        </p>
      )}
      <Outcome
        said={said}
        failure={failure && refusalText(failure, 'The server does not answer: nothing more was changed.')}
      />
    </section>
  );
}

interface DeadLetterProps {
  readonly message: OutboxMessageJson;
  readonly mayAct: boolean;
  readonly busy: boolean;
  readonly onReplay: () => void;
  readonly onDiscard: (reason: string) => void;
}

function DeadLetter({ message, mayAct, busy, onReplay, onDiscard }: DeadLetterProps) {
  const [asks, setAsks] = useState(false);
  const send = (event: SubmitEvent): void => {
    event.preventDefault();
    const reason = String(new FormData(event.currentTarget as HTMLFormElement).get('reason') ?? '').trim();
    if (reason !== '') onDiscard(reason);
  };
  const name = nameOf(message);
  return (
    <li class="dead-letter">
      <p>
        <Link to={placeOfRecord(message.incident)}>{message.incident}</Link> {wordsOf(message.transition)}{' '}
        <span class="terms">
          <Ago at={message.createdAt} />
          {message.lastError !== null && `, ${plainText(message.lastError, 200)}`}
        </span>
      </p>
      {mayAct && (
        <div class="buttons">
          <button type="button" disabled={busy} aria-label={`Send again: ${name}`} onClick={onReplay}>
            Send again
          </button>
          <button type="button" aria-label={`Drop: ${name}`} aria-expanded={asks} onClick={() => setAsks(!asks)}>
            Drop
          </button>
        </div>
      )}
      {asks && (
        <form class="action-form" onSubmit={send} aria-label={`Drop: ${name}`}>
          <label>
            Why nobody needs to be told <input name="reason" maxLength={1024} required />
          </label>
          <div class="buttons">
            <button type="submit" class="first" disabled={busy}>
              Drop
            </button>
            <button type="button" onClick={() => setAsks(false)}>
              Leave it
            </button>
          </div>
        </form>
      )}
    </li>
  );
}
