import { plainText } from '../../../../model/plain-text.ts';
import type { EscalationJson } from '../api.ts';
import { escalationText } from '../logic/care.ts';
import { localText } from '../logic/format.ts';
import { Fact } from './fact.tsx';
import { useNow } from './now.ts';
import { Moment } from './time.tsx';

/** Who was told because nobody had acknowledged, and when the next are. */
export function Escalation({ escalation }: { escalation: EscalationJson | null }) {
  const now = useNow();
  if (escalation === null) return null;
  return (
    <section aria-labelledby="escalation">
      <h2 id="escalation">Escalation</h2>
      <p>
        {plainText(escalation.policy)}: {escalationText(escalation, (at) => localText(at, now))}
      </p>
      <dl class="facts">
        {escalation.calls.map(({ level, kind, sinks, seq, at, acceptedAt, acceptedBy }) => (
          <Fact
            key={seq}
            name={kind === 'owner' ? 'Owner' : `Level ${level}${kind === 'fallback' ? ', fallback' : ''}`}
          >
            {sinks.length === 0 ? 'nobody could be told' : plainText(sinks.join(', '))}
            <span class="terms">
              <Moment at={at} />
              {acceptedAt !== null && acceptedBy !== null && `, reached by ${plainText(acceptedBy)}`}
            </span>
          </Fact>
        ))}
      </dl>
    </section>
  );
}
