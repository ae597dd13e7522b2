import { plainText } from '../../../../model/plain-text.ts';
import type { TimerJson } from '../api.ts';
import { timerText } from '../logic/care.ts';
import { localText } from '../logic/format.ts';
import { Fact } from './fact.tsx';
import { useNow } from './now.ts';

/** In what time it was to be taken up and to be over, and how that stands; what was given up is in the API. */
export function Timers({ timers }: { timers: readonly TimerJson[] }) {
  const now = useNow();
  const shown = timers.filter(({ stage }) => stage !== 'cancelled');
  if (shown.length === 0) return null;
  return (
    <section aria-labelledby="targets">
      <h2 id="targets">Targets</h2>
      <dl class="facts">
        {shown.map((timer) => (
          <Fact key={`${timer.kind} ${timer.start}`} name={timer.kind === 'response' ? 'Response' : 'Resolution'}>
            {timerText(timer, (at) => localText(at, now))}
            <span class="terms">
              {`P${timer.priority}, ${timer.schedule === null ? 'around the clock' : `hours of ${plainText(timer.schedule)}`}`}
            </span>
          </Fact>
        ))}
      </dl>
    </section>
  );
}
