import { useEffect, useState } from 'preact/hooks';
import { type DeploymentJson, get } from '../api.ts';

/** How far the server's clock is ahead of this one, ms: "ago" is said by the clock that wrote the times. */
let ahead = 0;
let asked = false;

const now = (): number => Date.now() + ahead;

/** The server's time, every half minute. */
export function useNow(): number {
  const [at, setAt] = useState(now);
  useEffect(() => {
    const update = (): void => setAt(now());
    const timer = setInterval(update, 30_000);
    addEventListener('plimsoll:clock', update);
    // The answer may have come between drawing and listening.
    update();
    if (!asked) {
      asked = true;
      get<DeploymentJson>('/deployment').then(
        (deployment) => {
          ahead = Date.parse(deployment.now) - Date.now();
          dispatchEvent(new Event('plimsoll:clock'));
        },
        () => {
          asked = false;
        },
      );
    }
    return () => {
      clearInterval(timer);
      removeEventListener('plimsoll:clock', update);
    };
  }, []);
  return at;
}
