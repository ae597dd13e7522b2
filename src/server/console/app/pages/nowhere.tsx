import { FLEET } from '../logic/places.ts';
import { Link, useTitle } from '../router.tsx';

export function NowherePage() {
  useTitle('Nothing here');
  return (
    <div class="page">
      <h1>There is nothing at this address.</h1>
      <p>
        <Link to={FLEET}>Back to the fleet</Link>
      </p>
    </div>
  );
}
