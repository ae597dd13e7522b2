import type { ComponentChildren } from 'preact';
import { Refused } from '../api.ts';

/** What came of what somebody has asked for. @param children  stands below a failure */
export function Outcome({
  said,
  failure,
  children,
}: {
  said: string | null;
  failure: string | null;
  children?: ComponentChildren;
}) {
  return (
    <>
      <p role="status" class="said">
        {said}
      </p>
      {failure !== null && (
        <div class="notice failure" role="alert">
          <p>{failure}</p>
          {children}
        </div>
      )}
    </>
  );
}

/** Why it was not done. @param otherwise  where the server did not say */
export const refusalText = (
  failure: unknown,
  otherwise = 'The server does not answer: nothing was changed, try again.',
): string => (failure instanceof Refused ? failure.message : otherwise);
