import { plainText } from '../../../../model/plain-text.ts';
import type { DeliveryJson } from '../api.ts';
import { wordsOf } from '../logic/format.ts';
import { DELIVERIES } from '../logic/places.ts';
import { Link } from '../router.tsx';
import { OutsideLink } from './outside-link.tsx';
import { Moment } from './time.tsx';

const STATES: Readonly<Record<string, string>> = {
  delivered: 'delivered',
  pending: 'waits',
  dead: 'given up',
  superseded: 'superseded',
  discarded: 'dropped',
};

/** Who was told what, and whether it arrived; one list for each destination. */
export function Deliveries({ deliveries }: { deliveries: readonly DeliveryJson[] }) {
  const bySink = Map.groupBy(deliveries, (one) => one.sink);
  const dead = [...bySink].flatMap(([sink, list]) => (list.some((one) => one.state === 'dead') ? [sink] : []));
  return (
    <section aria-labelledby="deliveries">
      <h2 id="deliveries">Told to</h2>
      {dead.length > 0 && (
        <div class="notice failure" role="status">
          <p>
            <strong>Not told: {dead.join(', ')}.</strong> A person has to tell them, or send it again:{' '}
            <Link to={DELIVERIES}>Deliveries</Link>.
          </p>
        </div>
      )}
      {deliveries.length === 0 && <p class="none">Nobody: no destination is configured under spec.sinks.</p>}
      {[...bySink].map(([sink, list]) => {
        const remote = list.findLast((one) => one.remoteId !== null);
        return (
          <div key={sink} class="sink">
            <h3>
              {sink}{' '}
              {remote !== undefined && (
                <span class="terms">
                  {remote.remoteUrl === null ? (
                    plainText(remote.remoteId!)
                  ) : (
                    <OutsideLink to={remote.remoteUrl}>{plainText(remote.remoteId!)}</OutsideLink>
                  )}
                </span>
              )}
            </h3>
            <ul>
              {list.map((one) => (
                <li key={`${one.seq} ${one.transition}`} class={`delivery ${one.state}`}>
                  {wordsOf(one.transition)}: <strong>{STATES[one.state] ?? wordsOf(one.state)}</strong>{' '}
                  <span class="terms">
                    {one.settledAt !== null && <Moment at={one.settledAt} />}
                    {one.settledAt === null &&
                      one.attempts > 0 &&
                      `${one.attempts} ${one.attempts === 1 ? 'attempt' : 'attempts'}`}
                    {one.lastError !== null &&
                      (one.state === 'pending' || one.state === 'dead') &&
                      `, ${plainText(one.lastError, 200)}`}
                  </span>
                </li>
              ))}
            </ul>
          </div>
        );
      })}
    </section>
  );
}
