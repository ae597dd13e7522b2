import { useState } from 'preact/hooks';
import { plainText } from '../../../../model/plain-text.ts';
import { type DestinationJson, type OutboxMessageJson, post, Refused } from '../api.ts';
import { live } from '../live.ts';
import { wordsOf } from '../logic/format.ts';
import { placeOfIncident } from '../logic/places.ts';
import { Failure, Waiting } from '../parts/notice.tsx';
import { Ago } from '../parts/time.tsx';
import { Link, useTitle } from '../router.tsx';
import { useSession } from '../session.ts';
import { useResource } from '../use-resource.ts';

const WAYS: Readonly<Record<string, string>> = {
  open: 'messages leave',
  paused: 'asked for less, waits',
  down: 'out of reach',
  gone: 'wants nothing more',
};

/** Where incidents are told: how each destination is, and what was given up. */
export function DeliveriesPage() {
  useTitle('Deliveries');
  const { data, error } = useResource<{ destinations: DestinationJson[] }>('/destinations');
  return (
    <div class="page deliveries">
      <h1>Deliveries</h1>
      {error !== null && <Failure error={error} what="The destinations" />}
      {data === null && error === null && <Waiting what="destinations" />}
      {data?.destinations.length === 0 && (
        <p class="none">Nobody is told of incidents: no destination is configured under spec.sinks.</p>
      )}
      <ul class="destinations">
        {data?.destinations.map((one) => (
          <Destination key={one.name} destination={one} />
        ))}
      </ul>
      <DeadLetters />
    </div>
  );
}

function Destination({ destination }: { destination: DestinationJson }) {
  const { name, type, fallback, way, since, waiting, oldestAt, dead, tookAt, selfTest } = destination;
  return (
    <li class={`destination ${way ?? 'unknown'}`}>
      <h2>
        {name} <span class="terms">{type}</span>
      </h2>
      <p>
        <strong>{way === null ? 'another replica delivers' : WAYS[way]}</strong>
        {since !== null && (
          <>
            {', for '}
            <Ago at={since} />
          </>
        )}
        {waiting > 0 && oldestAt !== null && (
          <>
            ; {waiting} {waiting === 1 ? 'message waits' : 'messages wait'}, the oldest from <Ago at={oldestAt} />
          </>
        )}
        {dead > 0 && `; ${dead} given up`}
      </p>
      <p class="terms">
        {tookAt === null ? 'Has taken nothing yet' : 'Last took a message '}
        {tookAt !== null && <Ago at={tookAt} />}
        {fallback !== null && `; ${fallback} stands in`}
        {selfTest !== null && selfTest.reason !== null && `; its self-test failed: ${plainText(selfTest.reason, 200)}`}
      </p>
    </li>
  );
}

function DeadLetters() {
  const { data, error } = useResource<{ messages: OutboxMessageJson[]; nextCursor?: string }>(
    '/outbox?state=dead&limit=100',
  );
  const mayRespond = useSession().data?.permissions.includes('respond') === true;
  const [said, setSaid] = useState('');
  const [failure, setFailure] = useState<Error | null>(null);
  const act = async (message: OutboxMessageJson, what: 'replay' | 'discard', body: object): Promise<void> => {
    setFailure(null);
    setSaid('');
    try {
      const done = await post<{ needless?: string | null }>(`/outbox/${message.id}/${what}`, body);
      const result =
        what === 'discard' ? 'dropped' : done.needless == null ? 'sent again' : `not sent: ${done.needless}`;
      setSaid(`${message.incident} ${wordsOf(message.transition)} to ${message.sink}: ${result}.`);
    } catch (problem) {
      setFailure(problem as Error);
    } finally {
      live.bump();
    }
  };
  return (
    <section aria-labelledby="dead-letters">
      <h2 id="dead-letters">Given up</h2>
      {error !== null && <Failure error={error} what="What was given up" />}
      {data?.messages.length === 0 && <p class="none">Nothing: everybody was told, or still will be.</p>}
      <ul class="dead-letters">
        {data?.messages.map((message) => (
          <li key={message.id}>
            <p>
              <Link to={placeOfIncident(message.incident)}>{message.incident}</Link> {wordsOf(message.transition)}, to{' '}
              <strong>{message.sink}</strong>, <Ago at={message.createdAt} />
              {message.lastError !== null && `: ${plainText(message.lastError, 200)}`}
            </p>
            {mayRespond && (
              <LetterActions
                onReplay={() => void act(message, 'replay', {})}
                onDiscard={(reason) => void act(message, 'discard', { reason })}
              />
            )}
          </li>
        ))}
      </ul>
      {data?.nextCursor !== undefined && <p class="terms">There are more: plimsoll outbox list --state dead.</p>}
      <p role="status" class="said">
        {said}
      </p>
      {failure !== null && (
        <div class="notice failure" role="alert">
          <p>{failure instanceof Refused ? failure.message : 'The server does not answer: nothing was changed.'}</p>
        </div>
      )}
    </section>
  );
}

interface LetterActionsProps {
  readonly onReplay: () => void;
  readonly onDiscard: (reason: string) => void;
}

function LetterActions({ onReplay, onDiscard }: LetterActionsProps) {
  const [asks, setAsks] = useState(false);
  const send = (event: SubmitEvent): void => {
    event.preventDefault();
    const reason = String(new FormData(event.currentTarget as HTMLFormElement).get('reason') ?? '').trim();
    if (reason !== '') onDiscard(reason);
  };
  return (
    <>
      <div class="buttons">
        <button type="button" onClick={onReplay}>
          Send again
        </button>
        <button type="button" aria-expanded={asks} onClick={() => setAsks(!asks)}>
          Drop it
        </button>
      </div>
      {asks && (
        <form class="action-form" onSubmit={send} aria-label="Drop it">
          <label>
            Why nobody needs to be told <input name="reason" maxLength={1024} required />
          </label>
          <div class="buttons">
            <button type="submit" class="first">
              Drop it
            </button>
          </div>
        </form>
      )}
    </>
  );
}
