import { plainText } from '../../../../model/plain-text.ts';
import type { DestinationJson } from '../api.ts';
import { DeadLetters } from '../parts/dead-letters.tsx';
import { Failure, Waiting } from '../parts/notice.tsx';
import { Ago, Moment } from '../parts/time.tsx';
import { useTitle } from '../router.tsx';
import { useResource } from '../use-resource.ts';

const WAYS: Readonly<Record<string, string>> = {
  open: 'messages go out',
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
        <p class="none">
          Nobody is told of incidents: no destination is configured under spec.sinks of the deployment file.
        </p>
      )}
      {data !== null && data.destinations.length > 0 && (
        <p class="lead">
          Where incidents are told, and how each destination is. <code>plimsoll sink test NAME</code> tries one out.
        </p>
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
            {' since '}
            <Moment at={since} />
          </>
        )}
        {waiting > 0 && oldestAt !== null && (
          <>
            ; {waiting} {waiting === 1 ? 'message waits' : 'messages wait'}, the oldest from <Ago at={oldestAt} />
          </>
        )}
        {dead > 0 && (
          <>
            ; <strong class="dead-count">{dead} given up</strong>
          </>
        )}
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
