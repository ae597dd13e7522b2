import { Refused } from '../api.ts';

/** Asking has failed. What was known before stays on the page. */
export function Failure({ error, what }: { error: Error; what: string }) {
  return (
    <div class="notice failure" role="alert">
      <p>
        <strong>{what} could not be read.</strong>{' '}
        {error instanceof Refused ? error.message : 'The server does not answer. This page asks again by itself.'}
      </p>
    </div>
  );
}

export function Waiting({ what }: { what: string }) {
  return (
    <p class="waiting" role="status">
      Reading {what}…
    </p>
  );
}
